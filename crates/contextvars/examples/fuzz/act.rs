//! Performs each kind of step on the engine and in the model. The model is changed first, so that
//! callbacks from the engine find it up to date.

use crate::domain::{Bindings, Handle, State, Thread, Value};
use crate::fail::fail;
use crate::model::{Bound, ContextId, Root};
use crate::play::{body, call_back, value_panics};
use crate::program::{Kind, Step};
use crate::world::{
    KeptToken, STATES, address, attempt, compare, let_drop, model, observe, panic_once, put, state,
    with_context, with_handle, world,
};
use contextvars::engine::{self, NotRestored};
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use threadstate::{ExitError, ReplaceError, RunError};

pub fn act(step: &'static Step) {
    let Some(thread) = state(step.thread()) else {
        return;
    };
    let (number, var) = (step.thread(), step.var());
    match step.kind {
        Kind::Section | Kind::End | Kind::Panic => {}
        Kind::Get | Kind::Read => read(step, &thread),
        Kind::Set => set(step, &thread),
        Kind::Scoped => scoped(step, &thread),
        Kind::Unset => unset(step, &thread),
        Kind::Reset | Kind::ResetOther => reset(step, &thread),
        Kind::New => {
            let empty = State::new(Bindings::default());
            put(step.context(), empty, Bound::default());
        }
        Kind::Copy => {
            let bound = world(|world| world.bound(number));
            put(step.context(), engine::copy_current(&thread), bound);
        }
        Kind::Share => let_drop(world(|world| {
            let other = world.contexts[step.other()].clone()?;
            world.contexts[step.context()].replace(other)
        })),
        Kind::DropContext => let_drop(world(|world| world.contexts[step.context()].take())),
        Kind::DropToken => let_drop(world(|world| {
            world.tokens[step.token()].take().map(|token| token.state)
        })),
        Kind::DropSnapshot => let_drop(world(|world| world.snapshots[step.snapshot()].take())),
        Kind::Enter => enter(step, &thread),
        Kind::Exit => with_context(step.context(), |handle, context| {
            exit(number, &thread, handle, context);
        }),
        Kind::Leave => {
            if let Some(handle) = thread.context(()) {
                let context = model(|model| model.at(address(&handle))).expect("observed");
                with_handle(handle, context, |handle| {
                    exit(number, &thread, handle, context);
                });
            }
        }
        Kind::Run => with_context(step.context(), |handle, context| {
            run(step, context, |body| thread.run((), handle, body));
        }),
        Kind::RunMut => {
            let taken = world(|world| world.contexts[step.context()].take());
            if let Some((handle, context)) = taken {
                with_handle(handle, context, |handle| {
                    run(step, context, |body| thread.run_mut((), handle, body));
                    let back = (Arc::clone(handle), context);
                    let_drop(world(|world| world.contexts[step.context()].replace(back)));
                });
            }
        }
        Kind::Within => within(step, &thread),
        Kind::Base => {
            if let Some(new) = world(|world| world.contexts[step.context()].clone()) {
                replace(number, &thread, Some(new));
            }
        }
        Kind::NoBase => replace(number, &thread, None),
        Kind::Snapshot => with_context(step.context(), |handle, context| {
            let_drop(world(|world| {
                let snapshot = (handle.snapshot(), *world.model.bound(context));
                world.snapshots[step.snapshot()].replace(snapshot)
            }));
        }),
        Kind::Find => with_context(step.other(), |handle, context| {
            let found = handle.find(world(|world| world.vars[var]));
            let id = found.as_ref().map(|entry| entry.value().id);
            let bound = model(|model| model.bound(context)[var]);
            compare("find", Some(id), bound);
            let_drop(found);
        }),
        Kind::Clear => with_context(step.context(), |handle, context| {
            if model(|model| model.unsure == 0 && model.clear(context)) {
                let_drop(handle.clear());
            }
        }),
        Kind::Equal => equal(step),
        Kind::Watch => world(|world| {
            let added = world.interpreter.add_watcher(Arc::new(step.behaviour()));
            world.watchers.extend(added.ok());
        }),
        Kind::Unwatch => world(|world| {
            if let Some(id) = world.watchers.pop() {
                world.interpreter.clear_watcher(id).expect("it was added");
            }
        }),
        Kind::DropThread => {
            drop(thread);
            drop_thread(number);
        }
    }
}

pub fn make_thread(number: usize) {
    let thread = Thread::new(&world(|world| Arc::clone(&world.interpreter)));
    world(|world| world.ids[number] = Some(thread.id()));
    STATES.with_borrow_mut(|states| states[number] = Some(Rc::new(thread)));
}

fn drop_thread(number: usize) {
    let taken = STATES
        .with_borrow_mut(|states| states[number].take_if(|state| Rc::strong_count(state) == 1));
    if let Some(thread) = taken {
        model(|model| {
            model.unsure += 1;
            model.stacks[number].clear();
        });
        let_drop(thread);
        make_thread(number);
    }
}

fn read(step: &'static Step, thread: &Thread) {
    let key = world(|world| world.vars[step.var()]);
    attempt(|| {
        engine::lookup(thread, key, |found| {
            let found = found.map(|value| value.id);
            let bound = world(|world| world.bound(step.thread()))[step.var()];
            if found != bound {
                fail("wrong value", format!("{found:?}, not {bound:?}"));
            }
            let read = model(|model| model.begin_read(step.thread(), found));
            let raised = body(&step.body);
            model(|model| model.end_read(read));
            if raised {
                panic_once();
            }
        });
    });
}

/// Creates a value, which the model holds.
fn make_value(step: &Step, thread: &Thread) -> Value {
    let owned = step
        .behaviour()
        .owns_copy()
        .then(|| Arc::new(engine::copy_current(thread)));
    world(|world| {
        let bound = world.bound(step.thread());
        let context = owned
            .as_ref()
            .map(|copy| world.model.add_context(address(copy), bound));
        let id = world.model.next_value();
        let (value, alive) = Value::new(id, step.behaviour(), owned);
        world.model.add_value(alive, context);
        world.model.hold(Root::Value(id));
        value
    })
}

/// Returns a function that creates the base context of a thread.
fn make_base(thread: usize) -> impl FnOnce(State) -> Result<Handle, Infallible> {
    move |state| {
        let handle = Arc::new(state);
        model(|model| {
            let context = model.add_context(address(&handle), Bound::default());
            model.push(thread, context, true);
        });
        Ok(handle)
    }
}

fn set(step: &'static Step, thread: &Thread) {
    let (number, var) = (step.thread(), step.var());
    let value = make_value(step, thread);
    let (id, key) = (value.id, world(|world| world.vars[var]));
    let Ok(state) = engine::set((), thread, &key, value, make_base(number));
    let seen = state.old_value().map(|value| value.id);
    let old_token = world(|world| {
        let old = world.bound(number)[var];
        let context = world
            .model
            .current(number)
            .expect("it has a context")
            .context;
        world.model.bind(number, var, Some(id));
        world.model.release(Root::Value(id));
        if seen != old {
            fail("outcome", format!("set displaces {seen:?}, not {old:?}"));
        }
        let token = KeptToken {
            state,
            context,
            var,
            old,
            used: false,
        };
        world.tokens[step.token()].replace(token)
    });
    let_drop(old_token.map(|token| token.state));
}

fn scoped(step: &'static Step, thread: &Thread) {
    let (number, var) = (step.thread(), step.var());
    let value = make_value(step, thread);
    let (id, key) = (value.id, world(|world| world.vars[var]));
    let Ok(scope) = engine::set_scoped((), thread, &key, value, make_base(number));
    let (context, old) = world(|world| {
        let old = world.bound(number)[var];
        world.model.bind(number, var, Some(id));
        world.model.release(Root::Value(id));
        old.iter()
            .for_each(|old| world.model.hold(Root::Value(*old)));
        (world.model.current(number).map(|frame| frame.context), old)
    });
    body(&step.body);
    observe();
    let is_here = model(|model| {
        old.iter().for_each(|old| model.release(Root::Value(*old)));
        let is_here = model.current(number).map(|frame| frame.context) == context;
        if is_here {
            model.bind(number, var, old);
        }
        is_here
    });
    compare("restore", attempt(|| scope.restore(thread)), Ok(is_here));
}

fn unset(step: &'static Step, thread: &Thread) {
    let (key, old) = world(|world| {
        let old = world.bound(step.thread())[step.var()];
        world.model.bind(step.thread(), step.var(), None);
        (world.vars[step.var()], old)
    });
    let Ok(displaced) = engine::unset(thread, key);
    compare(
        "unset",
        Some(displaced.as_ref().map(|entry| entry.value().id)),
        old,
    );
    let_drop(displaced);
}

fn reset(step: &'static Step, thread: &Thread) {
    let number = step.thread();
    let taken = world(|world| {
        let token = world.tokens[step.token()].take()?;
        token
            .old
            .iter()
            .for_each(|old| world.model.hold(Root::Value(*old)));
        Some(token)
    });
    let Some(mut token) = taken else {
        return;
    };
    let (key, expected) = world(|world| {
        let var = if step.kind == Kind::Reset {
            token.var
        } else {
            step.var()
        };
        let here = world.model.current(number).map(|frame| frame.context);
        let expected = if token.used {
            Err(NotRestored::Used)
        } else if var != token.var {
            Err(NotRestored::OtherVariable)
        } else if here != Some(token.context) {
            Err(NotRestored::OtherContext)
        } else {
            token.used = true;
            let now = world.bound(number)[var];
            world.model.bind(number, var, token.old);
            if token.old.or(now).is_none() {
                Err(NotRestored::Unbound)
            } else {
                Ok(())
            }
        };
        (world.vars[var], expected)
    });
    compare(
        "reset",
        attempt(|| token.state.restore(thread, &key)),
        expected,
    );
    let left = world(|world| {
        token
            .old
            .iter()
            .for_each(|old| world.model.release(Root::Value(*old)));
        let place = &mut world.tokens[step.token()];
        match place {
            None => {
                *place = Some(token);
                None
            }
            Some(_) => Some(token.state),
        }
    });
    let_drop(left);
}

fn enter(step: &'static Step, thread: &Thread) {
    let Some((handle, context)) = world(|world| world.contexts[step.context()].clone()) else {
        return;
    };
    let (is_free, depth) = model(|model| {
        let is_free = model.holder(context).is_none();
        let depth = model.depth(step.thread());
        if is_free && model.unsure == 0 {
            model.push(step.thread(), context, false);
        }
        (is_free, depth)
    });
    let fuel = world(|world| world.fuel);
    match attempt(|| thread.enter((), handle)) {
        Some(Ok(())) => compare("enter", Some(true), is_free),
        Some(Err(refused)) => {
            compare("enter", Some(false), is_free);
            let_drop(refused.0);
        }
        None => {
            observe();
            // If fuel was used, a callback may have entered a context itself.
            let is_all = world(|world| world.fuel == fuel);
            if is_all && model(|model| model.depth(step.thread())) > depth {
                fail("stack", "a context was entered by a call that has panicked");
            }
        }
    }
}

fn exit(number: usize, thread: &Thread, handle: &Handle, context: ContextId) {
    let expected = model(|model| match model.holder(context) {
        Some((_, frame)) if !frame.is_base => {
            if model
                .current(number)
                .is_none_or(|current| current.context != context)
            {
                return Err(ExitError::NotCurrent);
            }
            if model.unsure == 0 {
                model.pop(number);
            }
            Ok(())
        }
        _ => Err(ExitError::NotEntered),
    });
    compare("exit", attempt(|| thread.exit((), handle)), expected);
}

fn run(
    step: &'static Step,
    context: ContextId,
    run: impl FnOnce(&mut dyn FnMut()) -> Result<(), RunError>,
) {
    let number = step.thread();
    let (is_free, is_sure) = model(|model| {
        let (is_free, is_sure) = (model.holder(context).is_none(), model.unsure == 0);
        if is_free && is_sure {
            model.push(number, context, false);
        }
        (is_free, is_sure)
    });
    let activation = model(|model| model.current(number)).map(|frame| frame.activation);
    let mut is_plain = true;
    let outcome = attempt(|| run(&mut || enclosed(step, is_sure, activation, &mut is_plain)));
    match outcome {
        Some(Err(RunError::AlreadyEntered)) => compare("run", Some(false), is_free),
        Some(Ok(())) => compare("run", Some(true), is_free),
        // The body has left the context, or has not left another one.
        Some(Err(RunError::Exit(_))) if is_plain => fail(
            "outcome",
            "a run fails although its body changed no context",
        ),
        Some(Err(RunError::Exit(_))) | None => {}
    }
}

/// Plays the body of a run. Sets `is_plain` to whether the run's context is current at its end.
fn enclosed(step: &'static Step, is_sure: bool, activation: Option<u64>, is_plain: &mut bool) {
    let raised = body(&step.body);
    observe();
    *is_plain = model(|model| {
        let current = model.current(step.thread());
        let current = current.map(|frame| frame.activation);
        let is_plain = is_sure && model.unsure == 0 && !raised && current == activation;
        if is_plain {
            model.pop(step.thread());
        } else {
            model.unsure += 1;
        }
        is_plain
    });
    if raised {
        panic_once();
    }
}

/// Runs in captured bindings. The engine creates or reuses a context for this, which the model
/// learns of only when the body begins. So the step is skipped while there are watchers, which
/// would see the context earlier.
fn within(step: &'static Step, thread: &Thread) {
    let captured = world(|world| {
        let captured = world.snapshots[step.snapshot()].clone();
        captured.filter(|_| world.watchers.is_empty())
    });
    let Some((bindings, bound)) = captured else {
        return;
    };
    let number = step.thread();
    let (mut is_plain, mut held) = (true, None);
    let make = |state| Ok::<_, RunError>(Arc::new(state));
    let outcome = attempt(|| {
        engine::with_bindings((), thread, bindings, make, || {
            let address = address(&thread.context(()).expect("the body runs in one"));
            let (is_sure, activation) = model(|model| {
                let context = model.add_context(address, bound);
                // The call holds it, even if the body leaves it.
                model.hold(Root::Context(context));
                held = Some(Root::Context(context));
                if model.unsure == 0 {
                    model.push(number, context, false);
                }
                let activation = model.current(number).map(|frame| frame.activation);
                (model.unsure == 0, activation)
            });
            enclosed(step, is_sure, activation, &mut is_plain);
            // Before its bindings are dropped: values call back.
            model(|model| held.take().map(|root| model.release(root)));
        })
    });
    model(|model| held.map(|root| model.release(root)));
    match outcome {
        Some(Err(RunError::AlreadyEntered)) => fail("outcome", "captured bindings are entered"),
        Some(Err(RunError::Exit(_))) if is_plain => fail(
            "outcome",
            "a run fails although its body changed no context",
        ),
        _ => {}
    }
}

fn replace(number: usize, thread: &Thread, new: Option<(Handle, ContextId)>) {
    let (handle, context) = new.unzip();
    let expected = model(|model| {
        if model.depth(number) > 0 {
            "entered"
        } else if context.is_some_and(|context| model.holder(context).is_some()) {
            "held"
        } else {
            if model.unsure == 0 {
                model.pop(number);
                context
                    .iter()
                    .for_each(|context| model.push(number, *context, true));
            }
            "replaced"
        }
    });
    // The old base is not held: if the call panics, the old base is dropped before it returns.
    let (outcome, handle) = match attempt(|| thread.replace_context((), handle)) {
        Some(Ok(old)) => (Some("replaced"), old),
        Some(Err(ReplaceError::Entered(new))) => (Some("entered"), new),
        Some(Err(ReplaceError::Held(new))) => (Some("held"), Some(new)),
        None => (None, None),
    };
    compare("replace_context", outcome, expected);
    let_drop(handle);
}

fn equal(step: &'static Step) {
    let both = [step.context(), step.other()].map(|place| {
        world(|world| {
            let (handle, context) = world.contexts[place].as_ref()?;
            let bound = *world.model.bound(*context);
            let values = bound.iter().flatten();
            values.for_each(|value| world.model.hold(Root::Value(*value)));
            Some((handle.snapshot(), bound))
        })
    });
    let [(one, a), (other, b)] = both.map(Option::unwrap_or_default);
    let outcome = attempt(|| {
        let Ok(equal) = one.eq_by(
            &other,
            |a, b| Ok::<_, Infallible>(a.key() == b.key()),
            |a, b| {
                call_back(step.behaviour());
                if value_panics(step.behaviour()) {
                    panic_once();
                }
                Ok(a.id == b.id)
            },
        );
        equal
    });
    compare("compare", outcome, a == b);
    model(|model| {
        let values = a.iter().chain(&b).flatten();
        values.for_each(|value| model.release(Root::Value(*value)));
    });
    let_drop(one);
    let_drop(other);
}
