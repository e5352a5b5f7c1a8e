//! Models of threads that count one object, in every order of their operations.
#![cfg(loom)]

use loom::cell::UnsafeCell;
use loom::thread;
use pyobj::std_host::{Shared, WeakShared};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A value whose reads, writes and drop loom checks.
struct Watched {
    number: UnsafeCell<u32>,
    /// The number of drops. This atomic is std's and not loom's, so that it orders nothing.
    dropped: Arc<AtomicUsize>,
}

impl Watched {
    fn new(dropped: &Arc<AtomicUsize>) -> Shared<Self> {
        Shared::new(Watched {
            number: UnsafeCell::new(1),
            dropped: Arc::clone(dropped),
        })
    }

    fn read(&self) -> u32 {
        // SAFETY: written only through exclusive borrows; loom checks that.
        self.number.with(|number| unsafe { *number })
    }

    fn write(&mut self, new: u32) {
        // SAFETY: borrowed exclusively, which loom checks.
        self.number.with_mut(|number| unsafe { *number = new });
    }
}

// SAFETY: shared borrows only read the cell.
unsafe impl Sync for Watched {}

impl Drop for Watched {
    fn drop(&mut self) {
        self.write(0);
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// Only the last of two holders drops the value, after the other has finished with it.
#[test]
fn holders_on_two_threads() {
    loom::model(|| {
        let dropped = Arc::default();
        let here = Watched::new(&dropped);
        let there = here.clone();
        let other = thread::spawn(move || {
            assert_eq!(there.read(), 1);
            let again = there.clone();
            drop(there);
            assert_eq!(again.read(), 1);
        });
        assert_eq!(here.read(), 1);
        drop(here);
        other.join().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}

/// A weak reference returns the value or `None`, and keeps the counts alive.
#[test]
fn weak_reference_against_the_last_holder() {
    let upgraded = Arc::new(AtomicUsize::new(0));
    let refused = Arc::new(AtomicUsize::new(0));
    let outcomes = [Arc::clone(&upgraded), Arc::clone(&refused)];
    loom::model(move || {
        let dropped = Arc::default();
        let here = Watched::new(&dropped);
        let weak: WeakShared<Watched> = here.downgrade();
        let outcomes = outcomes.clone();
        let other = thread::spawn(move || match weak.upgrade() {
            Some(there) => {
                assert_eq!(there.read(), 1);
                outcomes[0].fetch_add(1, Ordering::Relaxed);
            }
            None => {
                outcomes[1].fetch_add(1, Ordering::Relaxed);
            }
        });
        drop(here);
        other.join().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
    assert_ne!(
        upgraded.load(Ordering::Relaxed),
        0,
        "no order upgrades the reference"
    );
    assert_ne!(
        refused.load(Ordering::Relaxed),
        0,
        "no order refuses to upgrade it"
    );
}

/// A pointer that is the only one may change the value: all others have finished with it.
#[test]
fn alone_against_a_holder() {
    let alone = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&alone);
    loom::model(move || {
        let dropped = Arc::default();
        let here = Watched::new(&dropped);
        let (mut there, counted) = (here.clone(), Arc::clone(&counted));
        let other = thread::spawn(move || {
            if let Some(value) = there.get_mut() {
                value.write(2);
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert_eq!(here.read(), 1);
        drop(here);
        other.join().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
    assert_ne!(
        alone.load(Ordering::Relaxed),
        0,
        "no order leaves it as the only one"
    );
}

/// A value that one holder makes immortal is never dropped, while another holder counts it.
#[test]
fn made_immortal_against_a_holder() {
    loom::model(|| {
        let dropped = Arc::default();
        let here = Watched::new(&dropped);
        let there = here.clone();
        let other = thread::spawn(move || {
            let again = there.clone();
            drop(there);
            assert_eq!(again.read(), 1);
        });
        here.make_immortal();
        drop(here.clone());
        drop(here);
        other.join().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 0);
    });
}
