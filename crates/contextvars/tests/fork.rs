//! Forks while other threads are changing and reading contexts. Each child then uses the
//! contexts. In a test program of its own, since it forks.
#![cfg(all(unix, not(miri), not(loom)))]
#![allow(unsafe_code)]

use contextvars::{Context, ContextVar, Value, copy_context};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const FORKS: usize = 300;
/// The time limit of a child, which takes a few milliseconds on an idle machine.
const DEADLINE: Duration = Duration::from_secs(60);
const THREADS: usize = 3;

struct Shared {
    /// Each context is entered and changed by one thread.
    entered: [Context; THREADS],
    vars: Vec<ContextVar>,
    iterator: Value,
}

impl Shared {
    fn new() -> Self {
        let vars: Vec<_> = (0..40).map(|_| ContextVar::new("v")).collect();
        let filled = Context::new();
        filled.run(|| set_all(&vars)).unwrap();
        Shared {
            entered: [(); THREADS].map(|()| filled.copy()),
            vars,
            iterator: Value::from(filled).iter().unwrap(),
        }
    }

    /// Copies, reads and iterates over contexts that other threads have entered.
    fn look(&self) {
        for context in &self.entered {
            let copy = context.copy();
            assert!(copy.len() <= self.vars.len());
            copy.run(|| set_all(&self.vars[..8])).unwrap();
            assert!(self.vars.iter().filter_map(|var| copy.get(var)).count() >= 8);
            assert!(context.iter().count() <= self.vars.len());
            let _ = context.get(&self.vars[0]);
        }
        let _ = self.iterator.next();
    }

    /// Sets and resets in a context until `end` is set, and reads the other contexts.
    fn hammer(&self, context: &Context, end: &AtomicBool) {
        let body = || {
            while !end.load(Ordering::Relaxed) {
                let copies: Vec<_> = (0..4).map(|_| copy_context()).collect();
                for (number, var) in self.vars.iter().enumerate() {
                    let token = var.set(1);
                    if number % 2 == 0 {
                        var.reset(&token).unwrap();
                    }
                }
                drop(copies);
                self.look();
            }
        };
        context.run(body).unwrap();
    }
}

fn set_all(vars: &[ContextVar]) {
    for var in vars {
        var.set(0);
    }
}

/// Runs `body` in a child process, which must end before the deadline.
fn in_child(body: impl FnOnce()) {
    // SAFETY: the child uses only operations that this crate and the standard library support
    // after `fork`, and ends by `_exit`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let ended = catch_unwind(AssertUnwindSafe(body));
        // SAFETY: ends the process.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    assert!(child > 0, "cannot fork");
    let begun = Instant::now();
    let mut status = 0;
    // SAFETY: a child of this process; the status is this function's.
    while unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) } == 0 {
        if begun.elapsed() > DEADLINE {
            // SAFETY: as above.
            unsafe { libc::kill(child, libc::SIGKILL) };
            // SAFETY: as above.
            unsafe { libc::waitpid(child, &mut status, 0) };
            panic!("a child hangs");
        }
        thread::sleep(Duration::from_micros(200));
    }
    assert_eq!(status, 0, "the exit status of a child");
}

#[test]
fn a_child_uses_the_contexts_that_other_threads_were_changing() {
    let shared = Shared::new();
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        for context in &shared.entered {
            scope.spawn(|| shared.hammer(context, &end));
        }
        let forks = catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..FORKS {
                in_child(|| {
                    shared.look();
                    thread::scope(|scope| {
                        scope.spawn(|| shared.look());
                    });
                });
            }
        }));
        end.store(true, Ordering::Relaxed);
        assert!(forks.is_ok());
    });
}
