//! Adding and clearing watchers.

use crate::named::{Hook, Named, Watcher, context, thread};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use threadstate::{Event, Interpreter, MAX_WATCHERS, WatcherError, WatcherId};

fn idle() -> Watcher {
    Arc::new(|_, _, _| ())
}

pub fn id(number: i32) -> WatcherId {
    WatcherId::try_from(number).unwrap()
}

fn full() -> Arc<Interpreter<Named>> {
    let interpreter = Arc::new(Interpreter::new());
    for number in 0..8 {
        assert_eq!(interpreter.add_watcher(idle()), Ok(id(number)));
    }
    interpreter
}

#[test]
fn a_watcher_gets_the_lowest_free_id() {
    let interpreter = full();
    for number in [5, 2] {
        interpreter.clear_watcher(id(number)).map(drop).unwrap();
    }
    assert_eq!(interpreter.add_watcher(idle()), Ok(id(2)));
    assert_eq!(interpreter.add_watcher(idle()), Ok(id(5)));
}

#[test]
fn a_ninth_watcher_is_refused() {
    assert_eq!(MAX_WATCHERS, 8);
    let interpreter = full();
    let error = interpreter.add_watcher(idle()).unwrap_err();
    assert_eq!(error, WatcherError::Full);
    assert_eq!(error.to_string(), "no more context watcher IDs available");
}

#[test]
fn an_id_that_no_watcher_can_have_is_invalid() {
    for (number, text) in [
        (-1, "Invalid context watcher ID -1"),
        (8, "Invalid context watcher ID 8"),
        (i32::MIN, "Invalid context watcher ID -2147483648"),
        (i32::MAX, "Invalid context watcher ID 2147483647"),
    ] {
        let error = WatcherId::try_from(number).unwrap_err();
        assert_eq!(error, WatcherError::Invalid(number));
        assert_eq!(error.to_string(), text);
    }
    for number in 0..8 {
        assert_eq!(
            (i32::from(id(number)), id(number).to_string()),
            (number, number.to_string())
        );
    }
}

#[test]
fn an_id_that_no_watcher_has_cannot_be_cleared() {
    let interpreter = Interpreter::<Named>::new();
    assert_eq!(interpreter.add_watcher(idle()), Ok(id(0)));
    let error = interpreter.clear_watcher(id(1)).map(drop).unwrap_err();
    assert_eq!(error, WatcherError::NotSet(id(1)));
    assert_eq!(error.to_string(), "No context watcher set for ID 1");
    interpreter.clear_watcher(id(0)).map(drop).unwrap();
    let error = interpreter.clear_watcher(id(0)).map(drop).unwrap_err();
    assert_eq!(error.to_string(), "No context watcher set for ID 0");
}

#[test]
fn a_cleared_watcher_is_returned_and_not_called_again() {
    let thread = thread();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let watcher: Watcher = Arc::new(move |_, _, _| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let id = thread.interpreter().add_watcher(Arc::clone(&watcher));
    thread.enter(&thread, context("a")).unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 1);

    let back = thread.interpreter().clear_watcher(id.unwrap());
    assert!(Arc::ptr_eq(&back.map_err(drop).unwrap(), &watcher));
    assert_eq!(Arc::strong_count(&watcher), 1);
    thread.enter(&thread, context("b")).unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_refused_watcher_is_dropped_outside_the_lock() {
    let interpreter = full();
    let cleared = Arc::new(AtomicUsize::new(0));
    let hook = {
        let (interpreter, cleared): (Weak<_>, _) =
            (Arc::downgrade(&interpreter), Arc::clone(&cleared));
        Hook::new(move || {
            let interpreter: Arc<Interpreter<Named>> = interpreter.upgrade().unwrap();
            interpreter.clear_watcher(id(3)).map(drop).unwrap();
            cleared.fetch_add(1, Ordering::Relaxed);
        })
    };
    let ninth: Watcher = Arc::new(move |_, _, _| drop(format!("{hook:?}")));
    assert_eq!(interpreter.add_watcher(ninth), Err(WatcherError::Full));
    assert_eq!(cleared.load(Ordering::Relaxed), 1);
    assert_eq!(interpreter.add_watcher(idle()), Ok(id(3)));
}

#[test]
fn the_event_has_its_name_in_c() {
    assert_eq!(Event::Switched.name(), "Py_CONTEXT_SWITCHED");
}
