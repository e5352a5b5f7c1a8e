//! Entering a context, and when it is refused.

use crate::named::{Named, Thread, context, current, names, state, thread};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use threadstate::{Holder, Interpreter};

#[test]
fn a_thread_starts_without_a_context() {
    let thread = thread();
    assert_eq!(current(&thread), None);
    assert_eq!(thread.depth(), 0);
    thread.with_current(|current| assert!(current.is_none()));
}

#[test]
fn the_entered_context_is_current_until_it_is_left() {
    let thread = thread();
    let [a, b, c] = ["a", "b", "c"].map(context);
    for context in [&a, &b, &c] {
        thread.enter(&thread, Arc::clone(context)).unwrap();
        assert_eq!(current(&thread), Some(context.name));
        assert_eq!(context.claim.holder(), Holder::EnteredBy(thread.id()));
    }
    assert_eq!(names(&thread), ["a", "b", "c"]);
    assert_eq!(thread.depth(), 3);
    for (context, left) in [(&c, Some("b")), (&b, Some("a")), (&a, None)] {
        thread.exit(&thread, context).unwrap();
        assert_eq!(current(&thread), left);
        assert_eq!(context.claim.holder(), Holder::Free);
    }
}

#[test]
fn a_context_that_was_left_can_be_entered_again_anywhere() {
    let (here, there) = (thread(), thread());
    let a = context("a");
    for thread in [&here, &there, &here] {
        thread.enter(thread, Arc::clone(&a)).unwrap();
        assert!(a.claim.is_entered());
        thread.exit(thread, &a).unwrap();
        assert!(!a.claim.is_entered());
    }
}

#[test]
fn reentry_is_refused_directly() {
    let thread = thread();
    let a = context("a");
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    let refused = thread.enter(&thread, Arc::clone(&a)).unwrap_err();
    assert!(Arc::ptr_eq(&refused.0, &a));
    assert_eq!(
        refused.to_string(),
        "the context is already entered, or is a thread's base context"
    );
    assert_eq!(names(&thread), ["a"]);
}

#[test]
fn reentry_is_refused_indirectly() {
    let thread = thread();
    let [a, b] = ["a", "b"].map(context);
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.enter(&thread, Arc::clone(&b)).unwrap();
    assert!(thread.enter(&thread, Arc::clone(&a)).is_err());
    assert_eq!(names(&thread), ["a", "b"]);
    thread.exit(&thread, &b).unwrap();
    thread.exit(&thread, &a).unwrap();
}

#[test]
fn reentry_is_refused_from_another_thread() {
    let here = thread();
    let a = context("a");
    here.enter(&here, Arc::clone(&a)).unwrap();
    let before = state(&here);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let there = thread();
            assert!(there.enter(&there, Arc::clone(&a)).is_err());
            assert_eq!(current(&there), None);
        });
    });
    assert_eq!(a.claim.holder(), Holder::EnteredBy(here.id()));
    assert_eq!(state(&here), before);
    here.exit(&here, &a).unwrap();
}

#[test]
fn a_refused_enter_leaves_stack_version_and_watchers_untouched() {
    let interpreter = Arc::new(Interpreter::<Named>::new());
    let thread = Thread::new(&interpreter);
    let a = context("a");
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.enter(&thread, context("b")).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    interpreter
        .add_watcher(Arc::new(move |_, _, _| {
            count.fetch_add(1, Ordering::Relaxed);
        }))
        .unwrap();

    let before = state(&thread);
    assert!(thread.enter(&thread, Arc::clone(&a)).is_err());
    assert_eq!(state(&thread), before);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert_eq!(a.claim.holder(), Holder::EnteredBy(thread.id()));
}
