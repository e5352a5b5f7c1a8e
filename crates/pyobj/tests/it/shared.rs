//! The counted pointer of the embedded host.

use pyobj::std_host::Shared;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Counts its drops.
struct Counts(Arc<AtomicUsize>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn counts() -> (Arc<AtomicUsize>, Shared<Counts>) {
    let drops = Arc::new(AtomicUsize::new(0));
    let value = Shared::new(Counts(Arc::clone(&drops)));
    (drops, value)
}

#[test]
fn the_last_holder_drops_the_value_once() {
    let (drops, first) = counts();
    let second = first.clone();
    assert!(first.ptr_eq(&second));
    assert_eq!(first.address(), second.address());
    assert_eq!(first.holders(), 2);
    drop(first);
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    drop(second);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_weak_reference_returns_the_value_while_it_lives() {
    let (drops, value) = counts();
    let weak = value.downgrade();
    let another = weak.clone();
    assert!(weak.upgrade().is_some_and(|found| found.ptr_eq(&value)));
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    drop(value);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(weak.upgrade().is_none());
    drop(weak);
    assert!(another.upgrade().is_none());
}

#[test]
fn get_mut_returns_the_value_of_an_only_pointer() {
    let mut value = Shared::new(1);
    *value.get_mut().unwrap() += 1;
    let other = value.clone();
    assert!(value.get_mut().is_none());
    drop(other);
    let weak = value.downgrade();
    assert!(value.get_mut().is_none());
    drop(weak);
    assert_eq!(value.get_mut(), Some(&mut 2));
}

#[test]
fn a_value_may_hold_a_weak_reference_to_itself() {
    struct Cycle(std::sync::Mutex<Option<pyobj::std_host::WeakShared<Cycle>>>);
    let cycle = Shared::new(Cycle(std::sync::Mutex::new(None)));
    *cycle.0.lock().unwrap() = Some(cycle.downgrade());
    let found = cycle.0.lock().unwrap().as_ref().unwrap().upgrade();
    assert!(found.is_some_and(|found| found.ptr_eq(&cycle)));
}

#[test]
fn a_value_that_panics_when_it_is_dropped_is_gone() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("on purpose"));
        }
    }
    let alone = Shared::new(Panics);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(alone))).is_err());
    let watched = Shared::new(Panics);
    let weak = watched.downgrade();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(watched))).is_err());
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_panic_while_creating_the_value_frees_the_memory() {
    let failed = catch_unwind(|| {
        Shared::<u64>::new_with(|| std::panic::resume_unwind(Box::new("on purpose")))
    });
    assert!(failed.is_err());
}

#[test]
fn values_of_any_size_and_alignment_are_held() {
    #[repr(align(64))]
    struct Aligned(u8);
    let aligned = Shared::new(Aligned(1));
    assert_eq!((&raw const *aligned).addr() % 64, 0);
    assert_eq!(aligned.0, 1);
    let large = Shared::new([7_u8; if cfg!(miri) { 600 } else { 10_000 }]);
    assert!(large.iter().all(|byte| *byte == 7));
    let nothing = Shared::new(());
    assert!(nothing.ptr_eq(&nothing.clone()));
}

#[test]
fn threads_share_and_drop_it() {
    let (drops, value) = counts();
    let weak = value.downgrade();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (value, weak) = (value.clone(), weak.clone());
            scope.spawn(move || {
                for _ in 0..if cfg!(miri) { 20 } else { 1_000 } {
                    let another = value.clone();
                    assert!(weak.upgrade().is_some_and(|found| found.ptr_eq(&another)));
                }
            });
        }
        drop(value);
    });
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(weak.upgrade().is_none());
}

#[test]
fn an_immortal_value_is_neither_counted_nor_dropped() {
    // Keeps the value reachable, so that leak detectors do not report it.
    static KEPT: OnceLock<Shared<Counts>> = OnceLock::new();
    let (drops, mut value) = counts();
    let weak = value.downgrade();
    value.make_immortal();
    let holders = value.holders();
    drop(value.clone());
    drop(weak.upgrade());
    value.make_immortal();
    assert_eq!(value.holders(), holders);
    assert!(value.get_mut().is_none());
    drop(value);
    let value = weak.upgrade().unwrap();
    assert_eq!(value.0.load(Ordering::SeqCst), 0);
    assert!(KEPT.set(value).is_ok());
    drop(weak);
    assert_eq!(drops.load(Ordering::SeqCst), 0);
}
