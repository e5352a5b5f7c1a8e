//! The actions of the called code.

use super::World;
use crate::values::Counted;
use contextvars::{Context, copy_context, interpreter};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// An action.
pub struct Action {
    pub name: &'static str,
    pub act: fn(&World),
}

pub const ACTIONS: &[Action] = &[
    Action {
        name: "nothing",
        act: |_| (),
    },
    Action {
        name: "get",
        act: |world| {
            let value = world.var.get().unwrap();
            world
                .var
                .with(|seen| assert!(seen.is_none_or(|seen| seen.is(&value))));
        },
    },
    Action {
        name: "set",
        act: |world| {
            in_some_context(world, |world| {
                drop(world.var.set(Counted::value(&world.live)))
            })
        },
    },
    Action {
        name: "set and reset",
        act: |world| {
            in_some_context(world, |world| {
                let before = world.var.get().unwrap();
                let token = world.var.set(Counted::value(&world.live));
                world.var.reset(&token).unwrap();
                assert!(world.var.get().unwrap().is(&before));
            });
        },
    },
    Action {
        name: "set in a read",
        act: |world| {
            in_some_context(world, |world| {
                drop(world.var.set(Counted::value(&world.live)));
                world.var.with(|value| {
                    drop(world.var.set(1));
                    assert!(value.is_some_and(|value| value.as_int().is_none()));
                });
            });
        },
    },
    Action {
        name: "scoped",
        act: |world| {
            in_some_context(world, |world| {
                let value = Counted::value(&world.live);
                let scoped = world.var.scoped(&value, || world.var.get());
                assert!(scoped.unwrap().unwrap().is(&value));
            });
        },
    },
    Action {
        name: "run",
        act: |world| {
            // Refused if a thread has entered it.
            let entered = world.context.is_entered();
            assert_eq!(world.context.run(|| ()).is_err(), entered);
            let copy = copy_context();
            copy.run(|| drop(world.var.set(Counted::value(&world.live))))
                .unwrap();
            world.kept.lock().unwrap().push(copy);
        },
    },
    Action {
        name: "run that panics",
        act: |_| {
            let context = Context::new();
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                context.run(|| resume_unwind(Box::new("inside")))
            }));
            assert!(panicked.is_err() && !context.is_entered());
        },
    },
    Action {
        name: "add a watcher and clear it",
        act: |_| {
            let id = interpreter().add_watcher(Arc::new(|_, _| Ok(())));
            drop(interpreter().clear_watcher(id.unwrap()).unwrap());
        },
    },
    Action {
        name: "copy",
        act: |world| {
            let copies = [copy_context(), world.context.copy()];
            assert!(copies[1].equals(&world.context).unwrap_or(true));
            world.kept.lock().unwrap().extend(copies);
        },
    },
    Action {
        name: "drop the last handle of a context",
        act: |world| {
            let last = world.last.lock().unwrap().take();
            drop(last.expect("it was there"));
            assert_eq!(world.live.load(Ordering::SeqCst), 0);
        },
    },
];

/// Performs `act` in the world's context if that is entered, and otherwise in a copy of the
/// current context. So nothing is left in the thread's base context.
fn in_some_context(world: &World, act: impl Fn(&World)) {
    if world.context.is_entered() {
        act(world);
    } else {
        copy_context().run(|| act(world)).unwrap();
    }
}
