//! The happens-before relation that `LazyVarKey` promises.

use contextvars::engine::LazyVarKey;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use std::sync::Arc;

/// A thread that gets an assigned key sees what the other thread did before it assigned the key.
#[test]
fn first_key_against_another_thread() {
    let use_key = |key: &LazyVarKey, listed: &AtomicBool| {
        if key.get().is_none() {
            listed.store(true, Ordering::Relaxed);
        }
        let assigned = key.get_or_assign();
        assert!(
            listed.load(Ordering::Relaxed),
            "got a key of an unlisted variable"
        );
        assigned
    };
    loom::model(move || {
        let shared = Arc::new((LazyVarKey::new(), AtomicBool::new(false)));
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || use_key(&shared.0, &shared.1))
        };
        let here = use_key(&shared.0, &shared.1);
        assert_eq!(here, other.join().unwrap());
    });
}
