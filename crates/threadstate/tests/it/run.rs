//! `run`: borrowed handles, and contexts that are still entered when it ends.

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

/// Returns the names of the contexts that the thread owns a handle of.
fn owned(thread: &Thread) -> Vec<&'static str> {
    let mut names = Vec::new();
    thread.for_each_owned_context(|context| names.push(context.name));
    names
}

#[test]
fn for_each_owned_context_skips_borrowed_handles() {
    let thread = thread();
    let [a, b, c] = ["a", "b", "c"].map(context);
    let ran = thread.run(&thread, &a, || {
        thread.enter(&thread, Arc::clone(&b)).unwrap();
        let inner = thread.run(&thread, &c, || owned(&thread));
        assert_eq!(inner.unwrap(), ["b"]);
    });
    assert!(ran.is_err());
    // A context that stays on the stack has an owned handle.
    assert_eq!(owned(&thread), ["b", "a"]);
}

#[test]
fn a_held_context_is_refused_and_the_body_not_called() {
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
fn a_panic_leaves_the_contexts_that_the_body_entered() {
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
fn a_body_that_leaves_the_context_itself_is_an_error() {
    let thread = thread();
    let a = context("a");
    let ran = thread.run(&thread, &a, || thread.exit(&thread, &a).unwrap());
    assert_eq!(ran, Err(RunError::Exit(ExitError::NotEntered)));
    assert_eq!(thread.depth(), 0);
}

#[test]
fn a_context_that_the_body_leaves_and_enters_again_is_left_at_the_end() {
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
fn a_context_that_stays_on_the_stack_gets_an_owned_handle() {
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
    // The stack keeps `a` alive.
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
fn nested_runs_whose_contexts_stay_on_the_stack_each_get_a_handle() {
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
fn a_thread_that_ends_frees_contexts_that_a_run_left_on_the_stack() {
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
        let current = here.context(&here).unwrap();
        assert_eq!(current.claim.holder(), Holder::EnteredBy(here.id()));
        let refused = elsewhere.run(&elsewhere, &current, || fail());
        assert_eq!(refused, Err(RunError::AlreadyEntered));
        current.name
    });
    assert_eq!(ran, Ok("a"));
    assert_eq!(handle.claim.holder(), Holder::Free);
}

#[test]
fn run_mut_with_the_only_handle_claims_the_context() {
    let mut alone = context("a");
    run_mut_on_a(&mut alone);
    run_mut_on_a(&mut alone);
    let mut shared = alone;
    let _other = Arc::clone(&shared);
    run_mut_on_a(&mut shared);
}

#[test]
fn run_mut_refuses_a_context_that_is_entered() {
    let (thread, mut a) = (thread(), context("a"));
    let b = context("b");
    // Entered on this thread: current, and below another context.
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
