//! Many copies of one version of the current context: they are independent, and dropped copies keep
//! nothing alive.

use crate::engine::{Plain, bind, read, thread};
use contextvars::engine::{ContextState, VarKey, copy_current};
use hamt::raw::RawHamt;
use std::sync::{Arc, Weak};
use threadstate::Thread;

/// The number of copies of one version.
const MANY: usize = if cfg!(miri) { 12 } else { 100 };

fn copy(thread: &Thread<Plain>) -> ContextState<Plain> {
    copy_current(thread)
}

/// Binds `var` to a value that only the binding holds.
fn bind_only(thread: &Thread<Plain>, var: VarKey) -> Weak<i32> {
    let value = Arc::new(1);
    drop(bind(thread, var, Arc::clone(&value)));
    Arc::downgrade(&value)
}

#[test]
fn copies_of_one_version_share_the_whole_trie() {
    let thread = thread();
    for _ in 0..MANY {
        bind_only(&thread, VarKey::next());
    }
    let first = copy(&thread).snapshot();
    for _ in 0..MANY {
        let copy = copy(&thread);
        assert!(copy.snapshot().ptr_eq(&first));
        assert_eq!(copy.len(), MANY);
    }
}

#[test]
fn a_replaced_value_is_dropped_after_all_copies_are_dropped() {
    let (thread, var) = (thread(), VarKey::next());
    for copies in 0..MANY {
        let value = bind_only(&thread, var);
        for _ in 0..copies {
            drop(copy(&thread));
        }
        assert_eq!(value.strong_count(), 1);
        bind_only(&thread, var);
        assert_eq!(value.strong_count(), 0, "after {copies} copies");
    }
}

#[test]
fn a_value_is_dropped_with_the_last_copy_that_binds_it() {
    let (thread, var) = (thread(), VarKey::next());
    let value = bind_only(&thread, var);
    let mut copies: Vec<_> = (0..MANY).map(|_| copy(&thread)).collect();
    bind_only(&thread, var);
    while copies.pop().is_some() {
        assert_eq!(value.strong_count() == 0, copies.is_empty());
    }
}

#[test]
fn a_value_is_dropped_with_its_context_after_copies() {
    let (thread, var) = (thread(), VarKey::next());
    let context = Arc::new(ContextState::<Plain>::new(RawHamt::new()));
    let value = thread
        .run((), &context, || {
            let value = bind_only(&thread, var);
            for _ in 0..MANY {
                drop(copy(&thread));
            }
            value
        })
        .unwrap();
    drop(context);
    assert_eq!(value.strong_count(), 0);
}

#[test]
fn a_copy_in_a_nested_context_is_of_the_inner_one() {
    let (thread, var) = (thread(), VarKey::next());
    let outer = bind_only(&thread, var);
    let (first, second) = (copy(&thread), copy(&thread));
    let context = Arc::new(ContextState::<Plain>::new(RawHamt::new()));
    thread
        .run((), &context, || {
            assert!(copy(&thread).is_empty());
            assert!(copy(&thread).is_empty());
            bind_only(&thread, VarKey::next());
            bind_only(&thread, VarKey::next());
            for _ in 0..MANY {
                assert_eq!(copy(&thread).len(), 2);
            }
        })
        .unwrap();
    for _ in 0..MANY {
        assert_eq!(copy(&thread).len(), 1);
    }
    drop((first, second));
    drop(thread);
    assert_eq!(outer.strong_count(), 0);
}

#[test]
fn a_copy_does_not_see_later_changes() {
    let (thread, var) = (thread(), VarKey::next());
    let mut copies = Vec::new();
    for number in 0..10 {
        drop(bind(&thread, var, Arc::new(number)));
        copies.extend([(); 3].map(|()| (number, Arc::new(copy(&thread)))));
    }
    for (number, copy) in copies {
        assert_eq!(
            thread.run((), &copy, || read(&thread, var)),
            Ok(Some(number))
        );
    }
}
