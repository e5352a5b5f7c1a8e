//! Threads that end with entered contexts, and values that outlive the contexts.

use crate::values::{Counted, OnDrop, int};
use contextvars::{Context, ContextVar, Value, copy_context};
use std::cell::RefCell;
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
fn the_values_of_a_base_context_are_dropped_at_the_end_of_the_thread() {
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
            assert!(copy_context().is_empty());
            assert_eq!(int(again.get().unwrap()), 5);
            drop(again.set(6));
            assert_eq!(int(again.get().unwrap()), 6);
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
            // Sets a variable of the base context, which is left later.
            drop(again.set(Counted::value(&inner)));
            assert!(again.get().is_ok());
            assert!(context.get(&again).is_some());
            assert_eq!(inner.load(Ordering::SeqCst), 2);
        })));
    })
    .join()
    .unwrap();
    assert_eq!(live.load(Ordering::SeqCst), 0);
}

/// Returns a value whose drop binds the variable to another such value.
fn rebinds(var: ContextVar, drops: Arc<AtomicUsize>) -> Value {
    OnDrop::value(move || {
        drops.fetch_add(1, Ordering::SeqCst);
        drop(var.set(rebinds(var.clone(), Arc::clone(&drops))));
    })
}

#[test]
fn a_thread_ends_whose_finalizer_sets_each_time_it_runs() {
    let drops = Arc::new(AtomicUsize::new(0));
    let inner = Arc::clone(&drops);
    std::thread::spawn(move || {
        let var = ContextVar::new("v");
        drop(var.set(rebinds(var.clone(), inner)));
    })
    .join()
    .unwrap();
    // A thread leaves 100 base contexts, twice; the values in the next one are leaked.
    assert_eq!(drops.load(Ordering::SeqCst), 200);
}

/// Sets a variable when it is dropped: after the thread's contexts have been left for the second
/// time.
struct SetsAtTheEnd(ContextVar, Arc<AtomicUsize>);

impl Drop for SetsAtTheEnd {
    fn drop(&mut self) {
        assert!(copy_context().is_empty());
        drop(self.0.set(1));
        assert_eq!(int(self.0.get().unwrap()), 1);
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

thread_local! {
    static AT_END: RefCell<Option<SetsAtTheEnd>> = const { RefCell::new(None) };
}

#[test]
fn a_thread_local_that_is_dropped_last_sets_and_reads() {
    let drops = Arc::new(AtomicUsize::new(0));
    let inner = Arc::clone(&drops);
    std::thread::spawn(move || {
        let var = ContextVar::new("v");
        // Created before the thread's state, so dropped after it.
        AT_END.set(Some(SetsAtTheEnd(var.clone(), inner)));
        drop(var.set(2));
    })
    .join()
    .unwrap();
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}
