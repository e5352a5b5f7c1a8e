//! Short-lived threads, each with a base context that other threads try to enter.

use crate::failure::{check, fail};
use crate::tally::Event;
use crate::value::Tracked;
use crate::world::World;
use contextvars::{Context, Std, with_thread};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

pub struct Base {
    context: Context,
    is_alive: Arc<AtomicBool>,
}

impl Base {
    /// Starts a thread that uses its base context for a moment, and waits for its end.
    pub fn live(world: &World) {
        let seed = fastrand::u64(..);
        thread::scope(|scope| {
            let lives = scope.spawn(|| {
                fastrand::seed(seed);
                let is_alive = Arc::new(AtomicBool::new(true));
                let [var, _] = &world.pair;
                check!(var.get().is_err(), "a new thread has a value");
                let number = world.number();
                drop(var.set(Tracked::some(0, number)));
                let Some(context) = with_thread(|thread| thread.context(Std)) else {
                    fail("a thread that has set has no context".into());
                };
                world.bases.put(Base {
                    context,
                    is_alive: Arc::clone(&is_alive),
                });
                for _ in 0..fastrand::u8(1..20) {
                    let read = var.with(|value| value.map(|value| Tracked::of(value).number));
                    check!(read == Some(number), "read {read:?}, but {number} was set");
                    thread::yield_now();
                }
                // From now on the context may become free at any moment.
                is_alive.store(false, Ordering::SeqCst);
            });
            // Unlike the scope's end, `join` also waits for the drop of the thread-locals.
            check!(lives.join().is_ok(), "a thread has panicked");
        });
        world.tally().count(Event::Based);
    }

    /// Tries to enter the context.
    pub fn intrude(&self, world: &World) {
        match self.context.run(|| ()) {
            Ok(()) => {
                let is_alive = self.is_alive.load(Ordering::SeqCst);
                check!(!is_alive, "the base context of a live thread was entered");
            }
            Err(_) => world.tally().count(Event::BaseRefused),
        }
    }
}
