//! Being in a context for the length of a call: what is lent, and what is left behind.

use crate::named::{
    Context, Thread, assert_fails, context, current, fail, names, state, switches_since, thread,
};
use std::sync::Arc;
use threadstate::{ExitError, Holder, RunError};

#[test]
fn a_run_counts_no_handle_and_leaves() {
    let thread = thread();
    let a = context("a");
    let before = thread.context_version();
    let ran = thread.run(&thread, &a, || {
        assert_eq!(Arc::strong_count(&a), 1);
        assert_eq!(a.claim.holder(), Holder::EnteredBy(thread.id()));
        (current(&thread), thread.depth())
    });
    assert_eq!(ran, Ok((Some("a"), 1)));
    assert_eq!(switches_since(&thread, before), 2);
    assert_eq!(a.claim.holder(), Holder::Free);
    assert_eq!(thread.depth(), 0);
}

#[test]
fn runs_nest() {
    let thread = thread();
    let (a, b) = (context("a"), context("b"));
    let ran = thread.run(&thread, &a, || {
        let inner = thread.run(&thread, &b, || names(&thread));
        (inner, names(&thread))
    });
    assert_eq!(ran, Ok((Ok(vec!["a", "b"]), vec!["a"])));
}

/// The names of the contexts that the thread has a handle of.
fn owned(thread: &Thread) -> Vec<&'static str> {
    let mut names = Vec::new();
    thread.for_each_owned_context(|context| names.push(context.name));
    names
}

#[test]
fn a_collector_is_not_shown_what_is_lent() {
    let thread = thread();
    let [a, b, c] = ["a", "b", "c"].map(context);
    let ran = thread.run(&thread, &a, || {
        thread.enter(&thread, Arc::clone(&b)).unwrap();
        let inner = thread.run(&thread, &c, || owned(&thread));
        assert_eq!(inner.unwrap(), ["b"]);
    });
    assert!(ran.is_err());
    // What is left behind has a handle of its own.
    assert_eq!(owned(&thread), ["b", "a"]);
}

#[test]
fn a_held_context_is_refused_and_the_body_not_run() {
    let (here, elsewhere) = (thread(), thread());
    let a = context("a");
    let refused = Err(RunError::AlreadyEntered);
    let ran = here.run(&here, &a, || {
        let before = state(&here);
        let again = here.run(&here, &a, || fail());
        assert_eq!(state(&here), before);
        (again, elsewhere.run(&elsewhere, &a, || fail()))
    });
    assert_eq!(ran, Ok((refused, refused)));
}

#[test]
fn a_panic_leaves_what_the_body_has_entered() {
    let thread = thread();
    let (a, b) = (context("a"), context("b"));
    assert_fails(|| {
        thread.run(&thread, &a, || {
            thread.enter(&thread, Arc::clone(&b)).unwrap();
            fail()
        })
    });
    assert_eq!(thread.depth(), 0);
    assert_eq!(a.claim.holder(), Holder::Free);
    assert_eq!(b.claim.holder(), Holder::Free);
    assert_eq!((Arc::strong_count(&a), Arc::strong_count(&b)), (1, 1));
}

#[test]
fn a_body_that_leaves_by_itself_is_told() {
    let thread = thread();
    let a = context("a");
    let ran = thread.run(&thread, &a, || thread.exit(&thread, &a).unwrap());
    assert_eq!(ran, Err(RunError::Exit(ExitError::NotEntered)));
    assert_eq!(thread.depth(), 0);
}

#[test]
fn a_body_that_leaves_and_enters_again_is_left_at_the_end() {
    let thread = thread();
    let a = context("a");
    let ran = thread.run(&thread, &a, || {
        thread.exit(&thread, &a).unwrap();
        thread.enter(&thread, Arc::clone(&a)).unwrap();
    });
    assert_eq!(ran, Ok(()));
    assert_eq!(a.claim.holder(), Holder::Free);
}

#[test]
fn what_is_left_behind_gets_a_handle_of_its_own() {
    let thread = thread();
    let b = context("b");
    let a = context("a");
    let ran = thread.run(&thread, &a, || {
        thread.enter(&thread, Arc::clone(&b)).unwrap();
    });
    assert_eq!(ran, Err(RunError::Exit(ExitError::NotCurrent)));
    assert_eq!(names(&thread), ["a", "b"]);
    assert_eq!(Arc::strong_count(&a), 2);
    let weak = Arc::downgrade(&a);
    // The stack keeps it.
    drop(a);
    thread.exit(&thread, &b).unwrap();
    assert_eq!(current(&thread), Some("a"));
    let a = weak.upgrade().unwrap();
    assert_eq!(a.claim.holder(), Holder::EnteredBy(thread.id()));
    thread.exit(&thread, &a).unwrap();
    assert_eq!(a.claim.holder(), Holder::Free);
    assert_eq!(Arc::strong_count(&a), 1);
}

#[test]
fn runs_in_runs_that_are_all_left_behind_each_get_a_handle() {
    let thread = thread();
    let contexts = ["a", "b", "c"].map(context);
    let [a, b, c] = &contexts;
    let ran = thread.run(&thread, a, || {
        thread.run(&thread, b, || {
            thread.enter(&thread, Arc::clone(c)).unwrap();
        })
    });
    assert_eq!(ran, Err(RunError::Exit(ExitError::NotCurrent)));
    drop(thread.context(&thread));
    assert_eq!(names(&thread), ["a", "b", "c"]);
    for context in [c, b, a] {
        thread.exit(&thread, context).unwrap();
        assert_eq!(Arc::strong_count(context), 1);
    }
}

#[test]
fn a_thread_that_ends_frees_what_was_left_behind() {
    let (a, b) = (context("a"), context("b"));
    let thread = thread();
    let entered = thread.run(&thread, &a, || thread.enter(&thread, Arc::clone(&b)));
    assert!(entered.is_err());
    drop(thread);
    assert_eq!(a.claim.holder(), Holder::Free);
    assert_eq!(b.claim.holder(), Holder::Free);
    assert_eq!((Arc::strong_count(&a), Arc::strong_count(&b)), (1, 1));
}

fn run_mut_on_a(handle: &mut Arc<Context>) {
    let (here, elsewhere) = (thread(), thread());
    let ran = here.run_mut(&here, handle, || {
        let shown = here.context(&here).unwrap();
        assert_eq!(shown.claim.holder(), Holder::EnteredBy(here.id()));
        let refused = elsewhere.run(&elsewhere, &shown, || fail());
        assert_eq!(refused, Err(RunError::AlreadyEntered));
        shown.name
    });
    assert_eq!(ran, Ok("a"));
    assert_eq!(handle.claim.holder(), Holder::Free);
}

#[test]
fn a_handle_held_alone_enters_as_others_do() {
    let mut alone = context("a");
    run_mut_on_a(&mut alone);
    run_mut_on_a(&mut alone);
    let mut shared = alone;
    let _other = Arc::clone(&shared);
    run_mut_on_a(&mut shared);
}

#[test]
fn a_handle_held_alone_of_a_context_that_is_entered_is_refused() {
    let (thread, mut a) = (thread(), context("a"));
    let b = context("b");
    // Left behind on the stack, and the stack's handle lost.
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    assert_eq!(
        thread.run_mut(&thread, &mut a, || ()),
        Err(RunError::AlreadyEntered)
    );
    thread.enter(&thread, Arc::clone(&b)).unwrap();
    assert_eq!(
        thread.run_mut(&thread, &mut a, || ()),
        Err(RunError::AlreadyEntered)
    );
}
