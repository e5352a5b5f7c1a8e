//! Watchers, added and cleared while other threads switch.

use crate::callback::call_back;
use crate::failure::check;
use crate::tally::Deed;
use crate::world::World;
use contextvars::{Context, interpreter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Adds a watcher, and clears it. It may be called for other threads' switches as well: what it is
/// told of this one's is counted.
pub fn watch(world: &World) {
    let told = Arc::new(AtomicU64::new(0));
    let watcher = {
        let (told, here) = (Arc::clone(&told), thread::current().id());
        Arc::new(move |_: _, _: Option<&Context>| {
            if thread::current().id() == here {
                told.fetch_add(1, Ordering::Relaxed);
            } else {
                call_back();
            }
            Ok(())
        })
    };
    // All places may be taken.
    let Ok(id) = interpreter().add_watcher(watcher) else {
        return;
    };
    let count = || told.load(Ordering::Relaxed);
    let switch = || {
        let ran = Context::new().run(|| ());
        check!(ran.is_ok(), "a new context cannot be entered");
    };
    // So that others add theirs meanwhile.
    thread::yield_now();
    let before = count();
    switch();
    check!(count() >= before + 2, "a watcher has missed a switch");
    let cleared = interpreter().clear_watcher(id);
    check!(cleared.is_ok(), "a watcher has gone by itself");
    drop(cleared);
    let after = count();
    switch();
    check!(count() == after, "a watcher is told after it was cleared");
    world.tally().count(Deed::Watched);
}
