//! What a read keeps, against threads that take it out of reach.

use contextvars::Event;
use contextvars::engine::{ContextState, Domain, Local, TokenState, VarKey, lookup, set};
use hamt::raw::RawHamt;
use loom::cell::UnsafeCell;
use loom::sync::Arc as LoomArc;
use loom::thread;
use std::convert::Infallible;
use std::sync::Arc;
use threadstate::{Interpreter, Stack, Thread};

/// A value that the model checker sees read and dropped.
struct Watched(UnsafeCell<i32>);

// SAFETY: shared borrows only read the cell.
unsafe impl Sync for Watched {}

impl Watched {
    fn of(number: i32) -> LoomArc<Watched> {
        LoomArc::new(Watched(UnsafeCell::new(number)))
    }

    fn number(&self) -> i32 {
        // SAFETY: written only as it is dropped; loom checks that nobody reads then.
        self.0.with(|number| unsafe { *number })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: borrowed exclusively, which loom checks.
        self.0.with_mut(|number| unsafe { *number = 0 });
    }
}

struct Plain;

type Context = Arc<ContextState<Plain>>;

impl Stack for Plain {
    type Vm<'a> = ();
    type Context = Context;
    type State = ContextState<Plain>;
    type Local = Local<Plain>;
    type Watcher = fn();

    fn state(context: &Context) -> &ContextState<Plain> {
        context
    }

    fn clone_context((): (), context: &Context) -> Context {
        Arc::clone(context)
    }

    fn call_watcher((): (), watcher: &fn(), _: Event, _: Option<&Context>) {
        watcher()
    }
}

impl Domain for Plain {
    type Var = VarKey;
    type Value = LoomArc<Watched>;

    fn key(var: &VarKey) -> VarKey {
        *var
    }

    fn clone_var((): (), var: &VarKey) -> VarKey {
        *var
    }
}

fn here() -> Thread<Plain> {
    Thread::new(&Arc::new(Interpreter::new()))
}

fn bind(thread: &Thread<Plain>, var: VarKey, number: i32) -> TokenState<Plain> {
    let make = |state| Ok::<_, Infallible>(Arc::new(state));
    let Ok(token) = set((), thread, &var, Watched::of(number), make);
    token
}

fn read(thread: &Thread<Plain>, var: VarKey) -> Option<i32> {
    lookup(thread, var, |value| value.map(|value| value.number()))
}

/// A context that the thread is in, in which the variable is set to 1, and the token of that.
fn entered(thread: &Thread<Plain>, var: VarKey) -> (Context, TokenState<Plain>) {
    let context = Arc::new(ContextState::new(RawHamt::default()));
    thread.enter((), Arc::clone(&context)).unwrap();
    let token = bind(thread, var, 1);
    (context, token)
}

/// A read goes on after what it reads is out of reach, and what it reads stays until then.
#[test]
fn a_read_that_goes_on_against_reset() {
    // Its thread leaves the context, and another enters it and resets the variable.
    loom::model(|| {
        let (thread, var) = (here(), VarKey::next());
        let (context, token) = entered(&thread, var);
        let elsewhere = {
            let context = Arc::clone(&context);
            thread::spawn(move || {
                let thread = here();
                if thread.enter((), Arc::clone(&context)).is_err() {
                    return false;
                }
                token.restore(&thread, &var).unwrap();
                assert_eq!(read(&thread, var), None);
                thread.exit((), &context).unwrap();
                true
            })
        };
        lookup(&thread, var, |value| {
            let value = value.unwrap();
            assert_eq!(value.number(), 1);
            thread.exit((), &context).unwrap();
            assert_eq!(value.number(), 1);
        });
        let was_reset = elsewhere.join().unwrap();
        thread.enter((), Arc::clone(&context)).unwrap();
        assert_eq!(read(&thread, var), (!was_reset).then_some(1));
        thread.exit((), &context).unwrap();
    });

    // Its thread resets, and the last to have the value is a copy on another.
    loom::model(|| {
        let (thread, var) = (here(), VarKey::next());
        let (context, token) = entered(&thread, var);
        let elsewhere = {
            let context = Arc::clone(&context);
            thread::spawn(move || drop(context.snapshot()))
        };
        lookup(&thread, var, |value| {
            let value = value.unwrap();
            token.restore(&thread, &var).unwrap();
            assert_eq!(read(&thread, var), None);
            assert_eq!(value.number(), 1);
        });
        elsewhere.join().unwrap();
        thread.exit((), &context).unwrap();
    });
}
