//! The accessor that `current_thread!` declares, and the types that may cross threads.

use crate::named::{Named, Thread, context, current, on_new_thread, with_current};
use std::sync::Arc;
use threadstate::{Claim, Interpreter};

#[test]
fn an_os_thread_keeps_its_state() {
    on_new_thread(|thread| {
        thread.enter(thread, context("a")).unwrap();
        with_current(|again| {
            assert!(std::ptr::eq(again, thread));
            assert_eq!(current(again), Some("a"));
        });
        // A call inside a call reaches the same state.
        with_current(|_| with_current(|inner| assert!(std::ptr::eq(inner, thread))));
    });
}

#[test]
fn two_os_threads_have_different_states_in_one_interpreter() {
    let of = |thread: &Thread| (thread.id(), Arc::clone(thread.interpreter()));
    let (here, interpreter) = with_current(of);
    let (there, same) = std::thread::spawn(move || with_current(of)).join().unwrap();
    assert_ne!(here, there);
    assert!(Arc::ptr_eq(&interpreter, &same));
}

#[test]
fn a_thread_may_move_and_an_interpreter_may_be_shared() {
    fn moves<T: Send>(value: T) -> T {
        value
    }
    fn shared<T: Send + Sync>(value: T) -> T {
        value
    }
    let interpreter = shared(Arc::new(Interpreter::<Named>::new()));
    let thread = moves(Thread::new(&interpreter));
    let a = context("a");
    assert!(!shared(Claim::new()).is_entered());
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    // A state that moves to another OS thread takes its claims along.
    let left = std::thread::spawn(move || thread.exit(&thread, &a)).join();
    assert_eq!(left.unwrap(), Ok(()));
}
