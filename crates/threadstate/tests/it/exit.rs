//! Leaving a context, and the refusals, which are checked in CPython's order.

use crate::named::{context, current, names, state, thread};
use std::sync::Arc;
use threadstate::{ExitError, Holder};

#[test]
fn exit_of_one_never_entered_is_refused() {
    let thread = thread();
    let a = context("a");
    assert_eq!(thread.exit(&thread, &a), Err(ExitError::NotEntered));
    // `NotEntered` is checked before `NotCurrent`.
    thread.enter(&thread, context("b")).unwrap();
    let before = state(&thread);
    assert_eq!(thread.exit(&thread, &a), Err(ExitError::NotEntered));
    assert_eq!(state(&thread), before);
}

#[test]
fn exit_of_one_that_was_left_is_refused() {
    let thread = thread();
    let a = context("a");
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.exit(&thread, &a).unwrap();
    assert_eq!(thread.exit(&thread, &a), Err(ExitError::NotEntered));
}

#[test]
fn exit_of_a_base_is_refused() {
    let (here, there) = (thread(), thread());
    let base = context("base");
    here.install_base(Arc::clone(&base)).unwrap();
    assert_eq!(here.exit(&here, &base), Err(ExitError::NotEntered));
    assert_eq!(there.exit(&there, &base), Err(ExitError::NotEntered));
    assert_eq!(current(&here), Some("base"));
}

#[test]
fn exit_of_one_that_is_not_current_is_refused() {
    let thread = thread();
    let [a, b] = ["a", "b"].map(context);
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.enter(&thread, Arc::clone(&b)).unwrap();
    let before = state(&thread);
    assert_eq!(thread.exit(&thread, &a), Err(ExitError::NotCurrent));
    assert_eq!(state(&thread), before);
    thread.exit(&thread, &b).unwrap();
    thread.exit(&thread, &a).unwrap();
}

#[test]
fn exit_of_one_that_is_entered_on_another_thread_is_refused() {
    let (empty, based, busy, owner) = (thread(), thread(), thread(), thread());
    let a = context("a");
    owner.enter(&owner, Arc::clone(&a)).unwrap();
    based.install_base(context("base")).unwrap();
    busy.enter(&busy, context("b")).unwrap();
    for thread in [&empty, &based, &busy] {
        let before = state(thread);
        assert_eq!(thread.exit(thread, &a), Err(ExitError::NotCurrent));
        assert_eq!(state(thread), before);
    }
    assert_eq!(a.claim.holder(), Holder::EnteredBy(owner.id()));
    assert_eq!(names(&owner), ["a"]);
    owner.exit(&owner, &a).unwrap();
}

#[test]
fn the_errors_have_messages() {
    assert_eq!(
        ExitError::NotEntered.to_string(),
        "the context has not been entered"
    );
    assert_eq!(
        ExitError::NotCurrent.to_string(),
        "another context is current on this thread"
    );
}
