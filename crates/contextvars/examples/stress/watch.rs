//! Watchers that are added and cleared while other threads switch contexts.

use crate::callback::call_back;
use crate::failure::check;
use crate::tally::Event;
use crate::world::World;
use contextvars::{Context, interpreter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Adds a watcher, and clears it. Counts the notifications of this thread's switches; the watcher
/// is also notified of other threads' switches.
pub fn watch(world: &World) {
    let notified = Arc::new(AtomicU64::new(0));
    let watcher = {
        let (notified, here) = (Arc::clone(&notified), thread::current().id());
        Arc::new(move |_: _, _: Option<&Context>| {
            if thread::current().id() == here {
                notified.fetch_add(1, Ordering::Relaxed);
            } else {
                call_back();
            }
            Ok(())
        })
    };
    // Fails if there are eight watchers.
    let Ok(id) = interpreter().add_watcher(watcher) else {
        return;
    };
    let count = || notified.load(Ordering::Relaxed);
    let switch = || {
        let ran = Context::new().run(|| ());
        check!(ran.is_ok(), "a new context cannot be entered");
    };
    // So that other threads add watchers meanwhile.
    thread::yield_now();
    let before = count();
    switch();
    check!(count() >= before + 2, "a watcher has missed a switch");
    let cleared = interpreter().clear_watcher(id);
    check!(cleared.is_ok(), "a watcher cannot be cleared");
    drop(cleared);
    let after = count();
    switch();
    check!(
        count() == after,
        "a watcher is notified after it was cleared"
    );
    world.tally().count(Event::Watched);
}
