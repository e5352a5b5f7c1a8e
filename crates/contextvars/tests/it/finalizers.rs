//! Values whose drop calls back, at every point at which a value is displaced.

use crate::values::{OnDrop, int};
use contextvars::{Context, ContextVar, copy_context};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_set_in_a_finalizer_during_reset_wins() {
    Context::new()
        .run(|| {
            let var = ContextVar::new("v");
            let inner = var.clone();
            let token = var.set(OnDrop::value(move || drop(inner.set(7))));
            var.reset(&token).unwrap();
            assert_eq!(int(var.get().unwrap()), 7);
        })
        .unwrap();
}

#[test]
fn a_set_in_a_finalizer_during_a_set_wins() {
    Context::new()
        .run(|| {
            let var = ContextVar::new("v");
            let inner = var.clone();
            // The token keeps the old value; dropping it runs the finalizer.
            drop(var.set(OnDrop::value(move || drop(inner.set(7)))));
            let token = var.set(1);
            assert_eq!(int(var.get().unwrap()), 1);
            drop(token);
            assert_eq!(int(var.get().unwrap()), 7);
        })
        .unwrap();
}

#[test]
fn a_finalizer_may_use_the_same_variable() {
    let (context, var) = (Context::new(), ContextVar::new("v"));
    let calls = Arc::new(AtomicUsize::new(0));
    let finalizer = {
        let (context, var, calls) = (context.clone(), var.clone(), Arc::clone(&calls));
        move || {
            let token = var.set(1);
            assert_eq!(int(var.get().unwrap()), 1);
            var.reset(&token).unwrap();
            copy_context().run(|| var.set(2)).unwrap();
            assert!(context.run(|| ()).is_err(), "still entered");
            var.scoped(3, || var.with(|value| assert!(value.is_some())))
                .unwrap();
            calls.fetch_add(1, Ordering::SeqCst);
        }
    };
    context
        .run(|| {
            drop(var.set(OnDrop::value(finalizer.clone())));
            drop(var.set(OnDrop::value(finalizer.clone())));
            let token = var.set(0);
            var.scoped(OnDrop::value(finalizer.clone()), || ()).unwrap();
            var.reset(&token).unwrap();
            drop(token);
        })
        .unwrap();
    // The second of the three values is still bound.
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    context.run(|| drop(var.set(0))).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[test]
fn a_finalizer_runs_when_the_last_context_is_dropped() {
    let calls = Arc::new(AtomicUsize::new(0));
    let (context, var) = (Context::new(), ContextVar::new("v"));
    let value = {
        let (calls, var) = (Arc::clone(&calls), var.clone());
        OnDrop::value(move || {
            assert!(var.get().is_err(), "it runs outside the context");
            calls.fetch_add(1, Ordering::SeqCst);
        })
    };
    context.run(|| drop(var.set(value))).unwrap();
    let copy = context.copy();
    drop(context);
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    drop(copy);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_read_keeps_its_value_until_it_ends() {
    let dropped = Arc::new(AtomicUsize::new(0));
    Context::new()
        .run(|| {
            let var = ContextVar::new("v");
            let count = Arc::clone(&dropped);
            drop(var.set(OnDrop::value(move || {
                count.fetch_add(1, Ordering::SeqCst);
            })));
            var.with(|value| {
                drop(var.set(1));
                drop(var.set(2));
                assert!(value.is_some());
                assert_eq!(dropped.load(Ordering::SeqCst), 0, "it is being read");
            });
            assert_eq!(dropped.load(Ordering::SeqCst), 1);
            assert_eq!(int(var.get().unwrap()), 2);
        })
        .unwrap();
}

#[test]
fn a_finalizer_that_panics_leaves_everything_valid() {
    let (context, var) = (Context::new(), ContextVar::with_default("v", 0));
    let panics = || OnDrop::value(|| panic!("on purpose"));
    let survives = |body: &dyn Fn()| {
        assert!(catch_unwind(AssertUnwindSafe(|| context.run(body))).is_err());
        assert!(!context.is_entered());
        assert_eq!(context.run(|| int(var.get().unwrap())).unwrap(), 1);
    };
    survives(&|| {
        drop(var.set(panics()));
        // The new binding is in place before the old value is dropped.
        drop(var.set(1));
    });
    survives(&|| {
        let token = var.set(panics());
        drop(var.set(1));
        drop(token);
    });
    survives(&|| {
        let token = var.set(panics());
        var.reset(&token).unwrap();
    });
}

#[test]
fn a_panic_in_a_scope_whose_value_panics_in_its_drop_does_not_abort() {
    let (context, var) = (Context::new(), ContextVar::with_default("v", 0));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        context.run(|| {
            var.scoped(OnDrop::value(|| panic!("in the drop")), || {
                panic!("in the body")
            })
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(int(context.run(|| var.get()).unwrap().unwrap()), 0);
}
