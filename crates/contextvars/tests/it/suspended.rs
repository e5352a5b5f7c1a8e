//! Contexts that are suspended and resumed, and their bindings.

use crate::engine::{Plain, bind, is_cached, read, thread};
use contextvars::engine::{self, Bindings, ContextState, VarKey};
use std::sync::Arc;
use threadstate::Thread;

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
        suspended.push(thread.suspend((), None).unwrap());
        assert_eq!(read(&thread, var), None);
    }
    for (number, suspended) in suspended.into_iter().enumerate() {
        thread.resume((), suspended).unwrap();
        assert_eq!(read(&thread, var), Some(number as i32));
        drop(thread.suspend((), None).unwrap());
    }
}

#[test]
fn a_lookup_is_still_cached_after_resuming() {
    let (thread, var) = (thread(), VarKey::next());
    enter(&thread);
    let _token = bind(&thread, var, Arc::new(1));
    assert_eq!(read(&thread, var), Some(1));
    let suspended = thread.suspend((), None).unwrap();
    thread.resume((), suspended).unwrap();
    assert!(is_cached(&thread, var));
}

#[test]
fn another_thread_reads_and_changes_what_it_resumes() {
    let (here, var) = (thread(), VarKey::next());
    enter(&here);
    let token = bind(&here, var, Arc::new(1));
    let suspended = here.suspend((), None).unwrap();
    let suspended = std::thread::scope(|scope| {
        let there = scope.spawn(|| {
            let there = thread();
            there.resume((), suspended).unwrap();
            assert_eq!(read(&there, var), Some(1));
            let _token = bind(&there, var, Arc::new(2));
            there.suspend((), None).unwrap()
        });
        there.join().unwrap()
    });
    here.resume((), suspended).unwrap();
    assert_eq!(read(&here, var), Some(2));
    token.restore(&here, &var).unwrap();
    assert_eq!(read(&here, var), None);
}

#[test]
fn a_value_being_read_outlives_its_suspended_and_dropped_context() {
    let (thread, var) = (thread(), VarKey::next());
    enter(&thread);
    let _token = bind(&thread, var, Arc::new(1));
    let value = engine::lookup(&thread, var, |value| {
        let value = value.unwrap();
        // Gives the variable's slot another value.
        let mark = thread.mark();
        let empty = ContextState::new(Bindings::<Plain>::new());
        thread.enter((), Arc::new(empty)).unwrap();
        let _token = bind(&thread, var, Arc::new(2));
        assert_eq!(read(&thread, var), Some(2));
        drop(thread.suspend((), Some(mark)).unwrap());
        drop(thread.suspend((), None).unwrap());
        assert_eq!((**value, read(&thread, var)), (1, None));
        Arc::clone(value)
    });
    drop(_token);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_value_being_read_survives_a_reset_after_its_context_is_resumed() {
    let (thread, var) = (thread(), VarKey::next());
    enter(&thread);
    let token = bind(&thread, var, Arc::new(1));
    engine::lookup(&thread, var, |value| {
        let suspended = thread.suspend((), None).unwrap();
        thread.resume((), suspended).unwrap();
        token.restore(&thread, &var).unwrap();
        assert_eq!(
            (value.map(|value| **value), read(&thread, var)),
            (Some(1), None)
        );
    });
}
