//! Contexts that are suspended and resumed, with what they bind.

use crate::engine::{Plain, bind, is_cached, read, thread};
use contextvars::engine::{self, Activation, Bindings, ContextState, VarKey};
use std::sync::Arc;
use threadstate::{SuspendError, Thread};

fn enter(thread: &Thread<Plain>) {
    let state = ContextState::new(engine::bindings(thread));
    thread.enter((), Arc::new(state)).unwrap();
}

#[test]
fn each_coroutine_reads_what_it_has_set() {
    let (thread, var) = (thread(), VarKey::next());
    let mut suspended = Vec::new();
    for number in 0..3 {
        enter(&thread);
        let _token = bind(&thread, var, Arc::new(number));
        suspended.push(thread.suspend((), Activation::NONE).unwrap());
        assert_eq!(read(&thread, var), None);
    }
    for (number, suspended) in suspended.into_iter().enumerate() {
        thread.resume((), suspended).unwrap();
        assert_eq!(read(&thread, var), Some(number as i32));
        drop(thread.suspend((), Activation::NONE).unwrap());
    }
}

#[test]
fn what_was_looked_up_is_still_at_hand_after_resuming() {
    let (thread, var) = (thread(), VarKey::next());
    enter(&thread);
    let _token = bind(&thread, var, Arc::new(1));
    assert_eq!(read(&thread, var), Some(1));
    let suspended = thread.suspend((), Activation::NONE).unwrap();
    thread.resume((), suspended).unwrap();
    assert!(is_cached(&thread, var));
}

#[test]
fn another_thread_reads_and_changes_what_it_resumes() {
    let (here, var) = (thread(), VarKey::next());
    enter(&here);
    let token = bind(&here, var, Arc::new(1));
    let suspended = here.suspend((), Activation::NONE).unwrap();
    let suspended = std::thread::scope(|scope| {
        let there = scope.spawn(|| {
            let there = thread();
            there.resume((), suspended).unwrap();
            assert_eq!(read(&there, var), Some(1));
            let _token = bind(&there, var, Arc::new(2));
            there.suspend((), Activation::NONE).unwrap()
        });
        there.join().unwrap()
    });
    here.resume((), suspended).unwrap();
    assert_eq!(read(&here, var), Some(2));
    token.restore(&here, &var).unwrap();
    assert_eq!(read(&here, var), None);
}

#[test]
fn nothing_is_suspended_under_a_read_of_it() {
    let (thread, var) = (thread(), VarKey::next());
    enter(&thread);
    let _token = bind(&thread, var, Arc::new(1));
    let outer = thread.activation();
    engine::lookup(&thread, var, |value| {
        let value = value.unwrap();
        let refused = thread.suspend((), Activation::NONE).map(drop);
        assert_eq!(refused, Err(SuspendError::Read));
        // Also where the variable's slot has another value meanwhile.
        let empty = ContextState::new(Bindings::<Plain>::new());
        thread.enter((), Arc::new(empty)).unwrap();
        let _token = bind(&thread, var, Arc::new(2));
        assert_eq!(read(&thread, var), Some(2));
        let refused = thread.suspend((), Activation::NONE).map(drop);
        assert_eq!(refused, Err(SuspendError::Read));
        // What no read looks at goes.
        drop(thread.suspend((), outer).unwrap());
        assert_eq!(**value, 1);
    });
    drop(thread.suspend((), Activation::NONE).unwrap());
}
