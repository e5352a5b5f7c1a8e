//! Values that a read keeps alive, while another thread makes them unreachable.

use crate::plain;
use contextvars::engine::{ContextState, TokenState, VarKey, lookup};
use hamt::raw::RawHamt;
use loom::cell::UnsafeCell;
use loom::sync::Arc as LoomArc;
use loom::thread;
use std::sync::Arc;
use threadstate::Thread;

/// A value whose reads and drop the model checker tracks.
struct Watched(UnsafeCell<i32>);

// SAFETY: shared borrows only read the cell.
unsafe impl Sync for Watched {}

impl Watched {
    fn of(number: i32) -> LoomArc<Watched> {
        LoomArc::new(Watched(UnsafeCell::new(number)))
    }

    fn number(&self) -> i32 {
        // SAFETY: written only when it is dropped; loom checks that no thread reads it then.
        self.0.with(|number| unsafe { *number })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: borrowed exclusively, which loom checks.
        self.0.with_mut(|number| unsafe { *number = 0 });
    }
}

type Plain = plain::Plain<LoomArc<Watched>>;
type Context = plain::Context<LoomArc<Watched>>;

fn here() -> Thread<Plain> {
    plain::thread()
}

fn read(thread: &Thread<Plain>, var: VarKey) -> Option<i32> {
    lookup(thread, var, |value| value.map(|value| value.number()))
}

/// Enters a new context and sets the variable to 1 there. Returns the context and the token.
fn entered(thread: &Thread<Plain>, var: VarKey) -> (Context, TokenState<Plain>) {
    let context = Arc::new(ContextState::new(RawHamt::default()));
    thread.enter((), Arc::clone(&context)).unwrap();
    let token = plain::bind(thread, var, Watched::of(1));
    (context, token)
}

/// The value of an open read stays alive after it becomes unreachable.
#[test]
fn a_read_that_goes_on_against_reset() {
    // The thread leaves the context; another thread enters it and resets the variable.
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
            // Reads on a thread without a context do not end other reads.
            lookup(&thread, var, |none| {
                assert!(none.is_none());
                assert_eq!(read(&thread, VarKey::next()), None);
            });
            assert_eq!(value.number(), 1);
        });
        let was_reset = elsewhere.join().unwrap();
        thread.enter((), Arc::clone(&context)).unwrap();
        assert_eq!(read(&thread, var), (!was_reset).then_some(1));
        thread.exit((), &context).unwrap();
    });

    // The thread resets, and a copy on another thread holds the value last.
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
