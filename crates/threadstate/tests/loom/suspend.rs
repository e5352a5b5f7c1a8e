//! A thread resumes a context that another had entered, while a third enters it.

use crate::stack::{Context, Thread};
use std::sync::Arc;
use threadstate::{Holder, Interpreter};

/// The third enters only after the one that resumed has left, and sees all that it did.
#[test]
fn suspended_against_enter() {
    loom::model(|| {
        let shared = Context::new();
        let interpreter = Arc::new(Interpreter::new());
        let first = Thread::new(&interpreter);
        first.enter(0, Arc::clone(&shared)).unwrap();
        shared.run();
        let suspended = first.suspend(0, None).unwrap();
        let third = loom::thread::spawn({
            let (interpreter, shared) = (Arc::clone(&interpreter), Arc::clone(&shared));
            move || {
                let thread = Thread::new(&interpreter);
                let won = thread.enter(1, Arc::clone(&shared)).is_ok();
                if won {
                    shared.run();
                    thread.exit(1, &shared).unwrap();
                }
                won
            }
        });
        let second = loom::thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let thread = Thread::new(&interpreter);
                thread.resume(0, suspended).unwrap();
                shared.run();
                thread.exit(0, &shared).unwrap();
            }
        });
        second.join().unwrap();
        let won = third.join().unwrap();
        assert_eq!(shared.runs(), 2 + u64::from(won), "a run was lost");
        assert_eq!(shared.claim.holder(), Holder::Free);
    });
}
