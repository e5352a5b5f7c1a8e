//! A thread adds and clears a watcher while another adds one and switches.

use crate::stack::{Calls, Context, Thread};
use loom::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use threadstate::Interpreter;

/// Where the first thread is with its watcher.
const ADDED: u64 = 1;
const TO_BE_CLEARED: u64 = 2;
const CLEARED: u64 = 3;

/// Switches twice, and returns how often this thread called the watcher.
fn switch(thread: &Thread, number: usize, calls: &Calls) -> usize {
    let before = calls.by(number);
    let context = Context::new();
    thread.enter(number, Arc::clone(&context)).unwrap();
    thread.exit(number, &context).unwrap();
    calls.by(number) - before
}

/// After `add` the watcher is called for every switch, and after `clear` for none, on either
/// thread. Adding and clearing a watcher does not affect the other one.
#[test]
fn watchers_against_switches() {
    loom::model(|| {
        let interpreter = Arc::new(Interpreter::new());
        let (first, second) = (Arc::new(Calls::default()), Arc::new(Calls::default()));
        let stage = Arc::new(AtomicU64::new(0));
        let other = {
            let (interpreter, first, second) = (
                Arc::clone(&interpreter),
                Arc::clone(&first),
                Arc::clone(&second),
            );
            let stage = Arc::clone(&stage);
            loom::thread::spawn(move || {
                let thread = Thread::new(&interpreter);
                interpreter.add_watcher(Arc::clone(&second)).unwrap();
                let before = stage.load(Ordering::Acquire);
                let calls = switch(&thread, 1, &first);
                let after = stage.load(Ordering::Acquire);
                if (before, after) == (ADDED, ADDED) {
                    assert_eq!(calls, 2, "a switch of another thread is missed");
                }
                if before == CLEARED {
                    assert_eq!(calls, 0, "called after it was cleared");
                }
                assert_eq!(switch(&thread, 1, &second), 2, "a watcher is forgotten");
            })
        };
        let thread = Thread::new(&interpreter);
        let id = interpreter.add_watcher(Arc::clone(&first)).unwrap();
        assert_eq!(switch(&thread, 0, &first), 2, "a switch is missed");
        stage.store(ADDED, Ordering::Release);
        stage.store(TO_BE_CLEARED, Ordering::Release);
        drop(interpreter.clear_watcher(id).unwrap());
        stage.store(CLEARED, Ordering::Release);
        assert_eq!(switch(&thread, 0, &first), 0, "called after it was cleared");
        other.join().unwrap();
    });
}
