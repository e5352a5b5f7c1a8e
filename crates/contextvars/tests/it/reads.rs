//! The value of an open read stays alive until the read ends, and no longer.

use crate::engine::{Plain, bind, read, sharing_the_slot_of, thread};
use contextvars::engine::{ContextState, VarKey, lookup};
use hamt::raw::RawHamt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use threadstate::Thread;

fn new_context() -> Arc<ContextState<Plain>> {
    Arc::new(ContextState::new(RawHamt::new()))
}

/// Binds `var` to a value that only the binding holds.
fn bind_only(thread: &Thread<Plain>, var: VarKey, value: i32) -> Weak<i32> {
    let value = Arc::new(value);
    drop(bind(thread, var, Arc::clone(&value)));
    Arc::downgrade(&value)
}

/// Reads `var`, which is bound to 1, and calls `act` during the read. Checks that the value is
/// alive until the read ends, and is dropped then if `then_gone`.
fn read_while(
    thread: &Thread<Plain>,
    var: VarKey,
    value: &Weak<i32>,
    then_gone: bool,
    act: impl FnOnce(),
) {
    // The first read searches the trie, the second uses the slot.
    for _ in 0..2 {
        assert_eq!(read(thread, var), Some(1));
    }
    lookup(thread, var, |found| {
        act();
        assert_eq!(value.strong_count(), 1);
        assert_eq!(**found.unwrap(), 1);
    });
    assert_eq!(value.strong_count() == 0, then_gone);
}

#[test]
fn a_read_keeps_a_value_that_is_replaced() {
    let (thread, var) = (thread(), VarKey::next());
    let value = bind_only(&thread, var, 1);
    read_while(&thread, var, &value, true, || {
        drop(bind(&thread, var, Arc::new(2)));
        assert_eq!(read(&thread, var), Some(2));
    });
    assert_eq!(read(&thread, var), Some(2));
}

#[test]
fn a_read_keeps_a_value_that_is_reset() {
    let (thread, var) = (thread(), VarKey::next());
    let strong = Arc::new(1);
    let value = Arc::downgrade(&strong);
    let token = bind(&thread, var, strong);
    read_while(&thread, var, &value, true, || {
        token.restore(&thread, &var).unwrap();
        assert_eq!(read(&thread, var), None);
    });
    assert_eq!(read(&thread, var), None);
}

#[test]
fn a_read_keeps_a_value_whose_context_is_left_and_dropped() {
    let (thread, var) = (thread(), VarKey::next());
    let context = new_context();
    thread.enter((), Arc::clone(&context)).unwrap();
    let value = bind_only(&thread, var, 1);
    read_while(&thread, var, &value, true, || {
        thread.exit((), &context).unwrap();
        drop(context);
    });
}

#[test]
fn a_read_keeps_a_value_whose_context_is_changed_on_another_thread() {
    let (thread, elsewhere, var) = (thread(), thread(), VarKey::next());
    let context = new_context();
    thread.enter((), Arc::clone(&context)).unwrap();
    let value = bind_only(&thread, var, 1);
    read_while(&thread, var, &value, true, || {
        thread.exit((), &context).unwrap();
        elsewhere.enter((), Arc::clone(&context)).unwrap();
        drop(bind(&elsewhere, var, Arc::new(2)));
    });
    assert_eq!(read(&elsewhere, var), Some(2));
}

#[test]
fn a_read_keeps_a_value_whose_base_context_is_replaced() {
    let (thread, var) = (thread(), VarKey::next());
    let value = bind_only(&thread, var, 1);
    read_while(&thread, var, &value, true, || {
        drop(thread.replace_context((), Some(new_context())).unwrap());
    });
    assert_eq!(read(&thread, var), None);
}

#[test]
fn an_outer_read_keeps_a_value_that_is_replaced_in_an_inner_read() {
    let (thread, var) = (thread(), VarKey::next());
    let value = bind_only(&thread, var, 1);
    read_while(&thread, var, &value, true, || {
        lookup(&thread, var, |inner| {
            drop(bind(&thread, var, Arc::new(2)));
            assert_eq!(**inner.unwrap(), 1);
        });
        // The inner read has ended; the outer read still has the same value.
        assert_eq!(value.strong_count(), 1);
    });
}

#[test]
fn a_read_that_panics_keeps_no_value() {
    let (thread, var) = (thread(), VarKey::next());
    let value = bind_only(&thread, var, 1);
    let failed = catch_unwind(AssertUnwindSafe(|| {
        lookup(&thread, var, |_| {
            drop(bind(&thread, var, Arc::new(2)));
            std::panic::resume_unwind(Box::new("on purpose"));
        })
    }));
    assert!(failed.is_err());
    assert_eq!(value.strong_count(), 0);
    // The panic has ended the read: displaced values are no longer kept.
    let value = bind_only(&thread, var, 3);
    drop(bind(&thread, var, Arc::new(4)));
    assert_eq!(value.strong_count(), 0);
}

#[test]
fn a_value_displaced_in_another_context_during_a_read_is_dropped_at_once() {
    let (thread, var) = (thread(), VarKey::next());
    let _token = bind(&thread, var, Arc::new(1));
    lookup(&thread, var, |_| {
        let context = new_context();
        thread.enter((), Arc::clone(&context)).unwrap();
        let first = bind_only(&thread, var, 2);
        let second = bind_only(&thread, var, 3);
        assert_eq!(first.strong_count(), 0);
        thread.exit((), &context).unwrap();
        assert_eq!(second.strong_count(), 1);
        drop(context);
        assert_eq!(second.strong_count(), 0);
    });
}

#[test]
fn a_read_without_a_context_keeps_nothing() {
    let (thread, var) = (thread(), VarKey::next());
    lookup(&thread, var, |value| {
        assert!(value.is_none());
        let value = bind_only(&thread, var, 1);
        drop(bind(&thread, var, Arc::new(2)));
        assert_eq!(value.strong_count(), 0);
    });
    assert_eq!(read(&thread, var), Some(2));
}

#[test]
fn a_read_on_a_thread_without_a_context_does_not_end_others() {
    let (thread, var) = (thread(), VarKey::next());
    let context = new_context();
    thread.enter((), Arc::clone(&context)).unwrap();
    let value = bind_only(&thread, var, 1);
    read_while(&thread, var, &value, true, || {
        thread.exit((), &context).unwrap();
        for other in [var, VarKey::next()] {
            lookup(&thread, other, |found| {
                assert!(found.is_none());
                assert_eq!(read(&thread, other), None);
            });
        }
        drop(context);
    });
}

#[test]
fn what_tasks_read_and_displace_during_a_long_read_goes_at_once() {
    let thread = thread();
    let outer = VarKey::next();
    let _outer = bind(&thread, outer, Arc::new(0));
    // One of these shares a slot with the outer variable.
    let near = (0..20).map(|_| VarKey::next());
    let vars: Vec<_> = near.chain([sharing_the_slot_of(outer)]).collect();
    lookup(&thread, outer, |_| {
        for &var in &vars {
            let context = Arc::new(ContextState::new(RawHamt::new()));
            thread.enter((), Arc::clone(&context)).unwrap();
            let first = bind_only(&thread, var, 1);
            let second = lookup(&thread, var, |_| {
                let second = bind_only(&thread, var, 2);
                assert_eq!(first.strong_count(), 1);
                second
            });
            assert_eq!(first.strong_count(), 0);
            thread.exit((), &context).unwrap();
            drop(context);
            assert_eq!(second.strong_count(), 0);
        }
    });
    assert_eq!(read(&thread, outer), Some(0));
}

#[test]
fn a_read_does_not_keep_other_values_of_its_context() {
    let (thread, var) = (thread(), VarKey::next());
    let context = new_context();
    thread.enter((), Arc::clone(&context)).unwrap();
    let value = bind_only(&thread, var, 1);
    let beside = bind_only(&thread, VarKey::next(), 2);
    read_while(&thread, var, &value, true, || {
        thread.exit((), &context).unwrap();
        drop(context);
        assert_eq!(beside.strong_count(), 0);
    });
}

#[test]
fn reads_in_a_context_and_its_copy_keep_their_common_value() {
    let (thread, var) = (thread(), VarKey::next());
    let context = new_context();
    thread.enter((), Arc::clone(&context)).unwrap();
    let value = bind_only(&thread, var, 1);
    let copy = Arc::new(ContextState::new(context.snapshot()));
    read_while(&thread, var, &value, true, || {
        thread.enter((), Arc::clone(&copy)).unwrap();
        lookup(&thread, var, |inner| {
            thread.exit((), &copy).unwrap();
            drop(copy);
            thread.exit((), &context).unwrap();
            drop(context);
            assert_eq!(**inner.unwrap(), 1);
        });
    });
}
