//! The base context of a thread: installed, replaced, never entered.

use crate::named::{context, current, names, state, switches_since, thread};
use std::sync::Arc;
use threadstate::{Holder, ReplaceError};

#[test]
fn a_base_is_current_but_not_entered() {
    let thread = thread();
    let base = context("base");
    thread.install_base(Arc::clone(&base)).unwrap();
    assert_eq!(current(&thread), Some("base"));
    assert_eq!(thread.depth(), 0);
    assert!(!base.claim.is_entered());
    assert_eq!(base.claim.holder(), Holder::BaseOf(thread.id()));
}

#[test]
fn installing_a_base_is_not_a_switch() {
    let thread = thread();
    thread
        .interpreter()
        .add_watcher(Arc::new(|_, _, _| {
            panic!("a watcher was notified of a base")
        }))
        .unwrap();
    let before = thread.context_version();
    thread.install_base(context("base")).unwrap();
    assert_eq!(thread.context_version(), before);
}

#[test]
fn a_base_is_installed_only_where_there_is_no_context() {
    let (based, busy) = (thread(), thread());
    based.install_base(context("base")).unwrap();
    busy.enter(&busy, context("a")).unwrap();
    for thread in [&based, &busy] {
        let late = context("late");
        let before = state(thread);
        let back = thread.install_base(Arc::clone(&late)).unwrap_err();
        assert!(Arc::ptr_eq(&back, &late));
        assert_eq!(late.claim.holder(), Holder::Free);
        assert_eq!(state(thread), before);
    }
}

#[test]
fn a_held_context_is_not_installed_as_base() {
    let (owner, other) = (thread(), thread());
    let [base, entered] = ["base", "entered"].map(context);
    owner.install_base(Arc::clone(&base)).unwrap();
    owner.enter(&owner, Arc::clone(&entered)).unwrap();
    for held in [base, entered] {
        let holder = held.claim.holder();
        let back = other.install_base(Arc::clone(&held)).unwrap_err();
        assert!(Arc::ptr_eq(&back, &held));
        assert_eq!(held.claim.holder(), holder);
        assert_eq!(current(&other), None);
    }
}

#[test]
fn a_base_cannot_be_entered_on_any_thread() {
    let (owner, other) = (thread(), thread());
    let base = context("base");
    owner.install_base(Arc::clone(&base)).unwrap();
    assert!(other.enter(&other, Arc::clone(&base)).is_err());
    assert!(owner.enter(&owner, Arc::clone(&base)).is_err());
    owner.enter(&owner, context("a")).unwrap();
    assert!(owner.enter(&owner, Arc::clone(&base)).is_err());
    assert_eq!(names(&owner), ["base", "a"]);
    assert_eq!(owner.depth(), 1);
    assert_eq!(names(&other), [""; 0]);
}

#[test]
fn a_base_is_current_again_when_all_is_left() {
    let thread = thread();
    let a = context("a");
    thread.install_base(context("base")).unwrap();
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.exit(&thread, &a).unwrap();
    assert_eq!(current(&thread), Some("base"));
}

#[test]
fn replacing_returns_the_old_base_free() {
    let thread = thread();
    let [first, second] = ["first", "second"].map(context);
    let start = thread.context_version();

    let nothing = thread.replace_context(&thread, Some(Arc::clone(&first)));
    assert!(nothing.unwrap().is_none());
    assert_eq!(first.claim.holder(), Holder::BaseOf(thread.id()));

    let old = thread.replace_context(&thread, Some(Arc::clone(&second)));
    assert!(Arc::ptr_eq(&old.unwrap().unwrap(), &first));
    assert_eq!(names(&thread), ["second"]);
    assert_eq!(first.claim.holder(), Holder::Free);

    let old = thread.replace_context(&thread, None);
    assert!(Arc::ptr_eq(&old.unwrap().unwrap(), &second));
    assert_eq!(current(&thread), None);
    assert_eq!(second.claim.holder(), Holder::Free);
    assert_eq!(switches_since(&thread, start), 3);

    thread.enter(&thread, first).unwrap();
    thread.enter(&thread, second).unwrap();
    assert_eq!(thread.depth(), 2);
}

#[test]
fn replacing_is_refused_while_a_context_is_entered() {
    let thread = thread();
    let a = context("a");
    thread.install_base(context("base")).unwrap();
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    let before = state(&thread);
    let new = context("new");
    match thread.replace_context(&thread, Some(Arc::clone(&new))) {
        Err(error @ ReplaceError::Entered(Some(_))) => assert_eq!(
            error.to_string(),
            "the thread has a context entered; leave it before replacing the base"
        ),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        thread.replace_context(&thread, None),
        Err(ReplaceError::Entered(None))
    ));
    assert_eq!(state(&thread), before);
    assert_eq!(new.claim.holder(), Holder::Free);
    thread.exit(&thread, &a).unwrap();
    thread.replace_context(&thread, Some(new)).unwrap();
}

#[test]
fn replacing_with_a_held_context_is_refused() {
    let (owner, other) = (thread(), thread());
    let [base, entered, own] = ["base", "entered", "own"].map(context);
    owner.install_base(Arc::clone(&base)).unwrap();
    owner.enter(&owner, Arc::clone(&entered)).unwrap();
    other.install_base(Arc::clone(&own)).unwrap();
    let before = state(&other);
    for held in [base, entered, own] {
        let holder = held.claim.holder();
        match other.replace_context(&other, Some(Arc::clone(&held))) {
            Err(error @ ReplaceError::Held(_)) => assert_eq!(
                error.to_string(),
                "the new context is already entered, or is a thread's base context"
            ),
            other => panic!("{other:?}"),
        }
        assert_eq!(held.claim.holder(), holder);
        assert_eq!(state(&other), before);
    }
}
