//! The mutex that the workspace shares.

use crate::named::{assert_fails, fail};
use threadstate::sync::Mutex;

#[test]
fn a_mutex_is_as_good_as_new_after_a_panic() {
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
fn a_mutex_that_is_held_is_not_taken_by_trying() {
    let mutex = Mutex::new(());
    let held = mutex.lock();
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(mutex.try_lock().is_none()));
    });
    drop(held);
    assert!(mutex.try_lock().is_some());
}
