//! Threads that end with contexts entered, and values that outlive them.

use crate::values::{Counted, OnDrop, int};
use contextvars::{Context, ContextVar, copy_context};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_context_is_free_again_after_a_return_and_after_a_panic() {
    let var = ContextVar::new("v");
    for panics in [false, true] {
        let context = Context::new();
        let (inside, inner) = (context.clone(), var.clone());
        let ended = std::thread::spawn(move || {
            inside.enter().unwrap();
            inner.set(1);
            assert!(!panics, "on purpose");
        })
        .join();
        assert_eq!(ended.is_err(), panics);
        assert_eq!(int(context.run(|| var.get()).unwrap().unwrap()), 1);
    }
}

#[test]
fn the_values_of_a_base_context_go_with_their_thread() {
    let live = Arc::new(AtomicUsize::new(0));
    let inner = Arc::clone(&live);
    std::thread::spawn(move || {
        let var = ContextVar::new("v");
        drop(var.set(Counted::value(&inner)));
        var.get().unwrap();
        assert_eq!(inner.load(Ordering::SeqCst), 1);
    })
    .join()
    .unwrap();
    assert_eq!(live.load(Ordering::SeqCst), 0);
}

#[test]
fn a_finalizer_at_the_end_of_a_thread_finds_no_context_and_no_panic() {
    let seen = Arc::new(AtomicUsize::new(0));
    let inner = Arc::clone(&seen);
    std::thread::spawn(move || {
        let var = ContextVar::with_default("v", 5);
        let again = var.clone();
        drop(var.set(OnDrop::value(move || {
            assert_eq!(int(again.get().unwrap()), 5);
            drop(again.set(6));
            assert!(copy_context().is_empty());
            assert!(Context::new().run(|| ()).is_ok());
            inner.fetch_add(1, Ordering::SeqCst);
        })));
    })
    .join()
    .unwrap();
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[test]
fn a_finalizer_at_the_end_of_a_thread_enters_sets_and_reads() {
    let live = Arc::new(AtomicUsize::new(0));
    let inner = Arc::clone(&live);
    std::thread::spawn(move || {
        let var = ContextVar::new("v");
        let (again, inner) = (var.clone(), inner);
        drop(var.set(OnDrop::value(move || {
            let context = Context::new();
            let seen = context.run(|| {
                drop(again.set(Counted::value(&inner)));
                assert!(context.run(|| ()).is_err());
                let copy = copy_context();
                assert!(copy.run(|| again.get().is_ok()).unwrap());
                again.scoped(7, || int(again.get().unwrap())).unwrap()
            });
            assert_eq!(seen.unwrap(), 7);
            // What is set outside of any context goes when the call has ended.
            drop(again.set(Counted::value(&inner)));
            assert_eq!(inner.load(Ordering::SeqCst), 1);
            assert!(context.get(&again).is_some());
        })));
    })
    .join()
    .unwrap();
    assert_eq!(live.load(Ordering::SeqCst), 0);
}
