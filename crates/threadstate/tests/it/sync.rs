//! The mutex that the workspace shares.

use crate::named::{assert_fails, fail};
use threadstate::internals::sync::Mutex;

#[test]
fn a_mutex_is_not_poisoned_by_a_panic() {
    let mutex = Mutex::new(1);
    assert_fails(|| {
        let mut number = mutex.lock();
        *number = 2;
        fail();
    });
    assert_eq!(*mutex.lock(), 2);
    assert_eq!(mutex.try_lock().as_deref(), Some(&2));
    assert_eq!(mutex.into_inner(), 2);
}

#[test]
fn try_lock_does_not_take_a_held_mutex() {
    let mutex = Mutex::new(());
    let held = mutex.lock();
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(mutex.try_lock().is_none()));
    });
    drop(held);
    assert!(mutex.try_lock().is_some());
}
