//! The points at which code of a host or user is called.

use super::hook::{Asked, Dropped, Hook, PURPOSE};
use super::{End, World};
use crate::hosts::TestHost;
use contextvars::host::WatcherId;
use contextvars::{Context, ContextVar, Exception, Std, Value, Watcher, interpreter};
use pyobj::DirectHandle;
use pyobj::ExceptionKind::ValueError;
use pyobj::std_host::Result;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// A point at which code is called.
pub struct Point {
    pub name: &'static str,
    /// The ways in which the code may end there.
    pub ends: &'static [End],
    /// Reaches the point, which calls the hook.
    pub reach: fn(&World, &Hook) -> Result<()>,
}

/// A drop cannot return a failure.
const DROP: &[End] = &[End::Returns, End::Panics];
const CALL: &[End] = &[End::Returns, End::Panics, End::Fails];

pub const POINTS: &[Point] = &[
    Point {
        name: "drop of a token that has the old value",
        ends: DROP,
        reach: |world, hook| {
            world.context.run(|| {
                drop(world.var.set(dropped(hook)));
                let token = world.var.set(1);
                drop(token);
            })
        },
    },
    Point {
        name: "drop in a set whose token is not kept",
        ends: DROP,
        reach: |world, hook| {
            world.context.run(|| {
                drop(world.var.set(dropped(hook)));
                drop(world.var.set(1));
            })
        },
    },
    Point {
        name: "drop in a reset",
        ends: DROP,
        reach: |world, hook| {
            world.context.run(|| {
                let token = world.var.set(dropped(hook));
                world.var.reset(&token)
            })?
        },
    },
    Point {
        name: "drop of the old value of a token that restored nothing",
        ends: DROP,
        reach: |world, hook| {
            world.context.run(|| {
                drop(world.var.set(dropped(hook)));
                let token = world.var.set(1);
                drop(world.var.set(2));
                let elsewhere = Context::new();
                let refused = elsewhere.run(|| world.var.reset(&token));
                assert!(refused.unwrap().is_err());
                drop(token);
            })
        },
    },
    Point {
        name: "drop at the end of a scope",
        ends: DROP,
        reach: |world, hook| {
            world
                .context
                .run(|| world.var.scoped(dropped(hook), || ()))?
        },
    },
    Point {
        name: "drop when a scope is left by a panic",
        ends: &[End::Returns],
        reach: |world, hook| {
            let body = || resume_unwind(Box::new("inside"));
            let scope = || world.context.run(|| world.var.scoped(dropped(hook), body));
            let panicked = catch_unwind(AssertUnwindSafe(scope));
            assert!(panicked.is_err());
            Ok(())
        },
    },
    Point {
        name: "drop at the end of a read",
        ends: DROP,
        reach: |world, hook| {
            world.context.run(|| {
                drop(world.var.set(dropped(hook)));
                world.var.with(|value| {
                    assert!(value.is_some());
                    drop(world.var.set(1));
                    assert_eq!(hook.calls(), 0, "it is being read");
                });
            })
        },
    },
    Point {
        name: "drop of the last handle of a context",
        ends: DROP,
        reach: |world, hook| {
            let context = binds(world, dropped(hook));
            drop(context);
            Ok(())
        },
    },
    Point {
        name: "drop of the last handle of a context in another",
        ends: DROP,
        reach: |world, hook| {
            let context = binds(world, dropped(hook));
            world.context.run(|| drop(context))
        },
    },
    Point {
        name: "drop of the last copy",
        ends: DROP,
        reach: |world, hook| {
            let copy = binds(world, dropped(hook)).copy();
            copy.run(|| drop(world.var.set(1)))
        },
    },
    Point {
        name: "drop of the last handle of a variable with a default",
        ends: DROP,
        reach: |_, hook| {
            drop(ContextVar::with_default("w", dropped(hook)));
            Ok(())
        },
    },
    Point {
        name: "drop of a variable that a binding held",
        ends: DROP,
        reach: |world, hook| {
            let var = ContextVar::with_default("w", dropped(hook));
            world.context.run(|| {
                let token = var.set(1);
                drop(var);
                let var = token.var().clone();
                var.reset(&token)
            })?
        },
    },
    Point {
        name: "drop of the last iterator over a version",
        ends: DROP,
        reach: |world, hook| {
            let context = binds(world, dropped(hook));
            let mut bindings = context.iter();
            context.run(|| drop(world.var.set(1)))?;
            assert!(bindings.next().is_some());
            drop(bindings);
            Ok(())
        },
    },
    Point {
        name: "drop in a collector's clear",
        ends: DROP,
        reach: |world, hook| {
            binds(world, dropped(hook)).payload().clear();
            Ok(())
        },
    },
    Point {
        name: "drop of a default that is not needed",
        ends: DROP,
        reach: |world, hook| world.context.run(|| drop(world.var.get_or(dropped(hook)))),
    },
    Point {
        name: "drop of the body of a run that is refused",
        ends: DROP,
        reach: |world, hook| {
            world.context.run(|| {
                let captured = dropped(hook);
                let refused = world.context.run(move || drop(captured));
                assert!(refused.is_err());
            })
        },
    },
    Point {
        name: "drop of the result of a run that left by itself",
        ends: DROP,
        reach: |world, hook| {
            let left = world.context.run(|| {
                world.context.exit().unwrap();
                dropped(hook)
            });
            assert!(left.is_err());
            Ok(())
        },
    },
    Point {
        name: "`==` of values of two contexts",
        ends: CALL,
        reach: |world, hook| {
            let one = binds(world, Value::object(Asked(hook.clone())));
            let other = binds(world, Value::from(1));
            one.equals(&other).map(drop)
        },
    },
    Point {
        name: "`==` of values of the current context",
        ends: CALL,
        reach: |world, hook| {
            let one = binds(world, Value::object(Asked(hook.clone())));
            world.context.run(|| one.equals(&world.context).map(drop))?
        },
    },
    Point {
        name: "`repr` of a variable's default",
        ends: CALL,
        reach: |world, hook| {
            let var = ContextVar::with_default("w", Value::object(Asked(hook.clone())));
            world.context.run(|| Value::from(&var).repr().map(drop))?
        },
    },
    Point {
        name: "`repr` of a token",
        ends: CALL,
        reach: |world, hook| {
            let var = ContextVar::with_default("w", Value::object(Asked(hook.clone())));
            world.context.run(|| {
                let token = var.set(1);
                let repr = Value::from(&token).repr().map(drop);
                var.reset(&token)?;
                repr
            })?
        },
    },
    Point {
        name: "`hash` of a variable's name",
        ends: CALL,
        reach: |world, hook| {
            let name = Value::object(Asked(hook.clone()));
            world
                .context
                .run(|| ContextVar::from_name(name, None).map(drop))?
        },
    },
    Point {
        name: "a call in a context",
        ends: CALL,
        reach: |world, hook| {
            let callable = Value::object(Asked(hook.clone()));
            world.context.call(&callable, ()).map(drop)
        },
    },
    Point {
        name: "the body of a run",
        ends: CALL,
        reach: |world, hook| world.context.run(|| hook.call())?,
    },
    Point {
        name: "the body of a scope",
        ends: CALL,
        reach: |world, hook| {
            world
                .context
                .run(|| world.var.scoped(5, || hook.call()))??
        },
    },
    Point {
        name: "the body of a read",
        ends: CALL,
        reach: |world, hook| world.context.run(|| world.var.with(|_| hook.call()))?,
    },
    Point {
        name: "the body of a token",
        ends: CALL,
        reach: |world, hook| {
            world
                .context
                .run(|| world.var.set(5).run_with(|_| hook.call()))??
        },
    },
    Point {
        name: "a watcher, as a context is entered",
        ends: CALL,
        reach: |world, hook| watched(hook, 1, || world.context.run(|| ())),
    },
    Point {
        name: "a watcher, as a context is left",
        ends: CALL,
        reach: |world, hook| watched(hook, 2, || world.context.run(|| ())),
    },
];

fn dropped(hook: &Hook) -> Value {
    Value::object(Dropped(hook.clone()))
}

/// Returns the only handle of a context that binds the world's variable to a value.
fn binds(world: &World, value: Value) -> Context {
    let context = Context::new();
    context.run(|| drop(world.var.set(value))).unwrap();
    context
}

thread_local! {
    /// The number of this thread's switches of which a watcher was notified.
    static SWITCHES: Cell<usize> = const { Cell::new(0) };
}

/// Calls `body` with a watcher that calls the hook at this thread's switch number `at`, from 1.
/// Returns the watcher's failure.
fn watched(hook: &Hook, at: usize, body: impl FnOnce() -> Result<()>) -> Result<()> {
    /// Clears the watcher on every path.
    struct Added(WatcherId);
    impl Drop for Added {
        fn drop(&mut self) {
            interpreter().clear_watcher(self.0).unwrap();
        }
    }
    let (here, watcher) = (std::thread::current().id(), hook.clone());
    let watcher: Watcher = Arc::new(move |_, _| {
        if std::thread::current().id() != here {
            return Ok(());
        }
        let switch = SWITCHES.get() + 1;
        SWITCHES.set(switch);
        if switch == at { watcher.call() } else { Ok(()) }
    });
    SWITCHES.set(0);
    let _added = Added(interpreter().add_watcher(watcher).unwrap());
    let reports = Std::attach(|vm| {
        Std::take_reports(vm);
        body().map(|()| Std::take_reports(vm))
    });
    match reports?.pop() {
        // The report has the place; the error itself is only printed.
        Some(report) if report.contains("watcher callback for") => {
            Err(Exception::text(ValueError, PURPOSE))
        }
        Some(report) => panic!("{report}"),
        None => Ok(()),
    }
}
