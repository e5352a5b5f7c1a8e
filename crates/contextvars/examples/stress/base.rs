//! Threads that come and go, each with a base context that others try to enter.

use crate::failure::{check, fail};
use crate::tally::Deed;
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
    /// Has a thread live in its base context for a moment.
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
                    check!(read == Some(number), "a thread's own is {read:?}");
                    thread::yield_now();
                }
                // From here on its context may be free at any moment.
                is_alive.store(false, Ordering::SeqCst);
            });
            // The scope alone would not wait for what the thread has for itself to go.
            check!(lives.join().is_ok(), "a thread has panicked");
        });
        world.tally().count(Deed::Based);
    }

    /// Tries to enter it.
    pub fn intrude(&self, world: &World) {
        match self.context.run(|| ()) {
            Ok(()) => {
                let is_alive = self.is_alive.load(Ordering::SeqCst);
                check!(!is_alive, "a thread's base context is entered");
            }
            Err(_) => world.tally().count(Deed::BaseRefused),
        }
    }
}
