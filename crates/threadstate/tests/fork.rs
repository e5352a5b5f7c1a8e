//! Locks in a child of `fork` that another thread held at that moment. This is a test
//! binary of its own, since it forks.
#![cfg(all(unix, not(miri), not(loom)))]
#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use threadstate::internals::sync::Guarded;

/// The time that a child may take; it takes about a millisecond on an idle machine.
const DEADLINE: Duration = Duration::from_secs(60);

static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Two numbers that are equal except while they are being changed.
#[derive(Default)]
struct Pair(u64, u64);

impl Drop for Pair {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

/// Runs `body` in a child of this process, which must end in time.
fn in_child(body: impl FnOnce()) {
    // SAFETY: the child uses what this crate and the standard library promise to work
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
    assert_eq!(status, 0, "a child failed");
}

/// Calls `body` while another thread is inside `hold`. `hold` must call its argument, which
/// returns when `body` has.
fn while_held(hold: impl FnOnce(&dyn Fn()) + Send, body: impl FnOnce()) {
    let (in_hold, is_held): (Sender<()>, Receiver<()>) = channel();
    let (release, is_released): (Sender<()>, Receiver<()>) = channel();
    // `move`: if `body` panics, the ends of both channels are dropped before the thread is
    // joined.
    thread::scope(move |scope| {
        scope.spawn(move || {
            hold(&|| {
                in_hold.send(()).unwrap();
                is_released.recv().unwrap();
            });
        });
        is_held.recv().unwrap();
        body();
        release.send(()).unwrap();
    });
}

#[test]
fn a_lock_that_a_thread_of_the_parent_held_is_taken_over() {
    let pair = Guarded::new(Pair(1, 1));
    let numbers = || pair.read(|pair| (pair.0, pair.1));

    // A thread that reads changes nothing.
    while_held(
        |held| pair.read(|_| held()),
        || {
            in_child(|| {
                assert_eq!(numbers(), (1, 1));
                pair.change(|pair| *pair = Pair(2, 2));
                assert_eq!(numbers(), (2, 2));
            })
        },
    );

    // A half changed value is neither read nor dropped, also in a child of the child.
    while_held(
        |held| {
            pair.change(|pair| {
                pair.0 = 3;
                held();
                pair.1 = 3;
            })
        },
        || {
            in_child(|| in_child(|| assert_eq!(numbers(), (0, 0))));
            in_child(|| {
                let dropped = DROPPED.load(Ordering::SeqCst);
                assert_eq!(numbers(), (0, 0));
                assert_eq!(DROPPED.load(Ordering::SeqCst), dropped);
                // Threads of the child lock it as usual.
                thread::scope(|scope| {
                    for _ in 0..4 {
                        scope.spawn(|| {
                            for _ in 0..1000 {
                                pair.change(|pair| (pair.0, pair.1) = (pair.0 + 1, pair.1 + 1));
                            }
                        });
                    }
                });
                assert_eq!(numbers(), (4000, 4000));
            });
        },
    );
    assert_eq!(numbers(), (3, 3), "a child changed its parent's value");
}

#[test]
fn a_half_changed_value_is_not_dropped_with_its_lock() {
    let pair = Box::new(Guarded::new(Pair(1, 1)));
    let address = &raw const *pair as usize;
    while_held(
        |held| pair.change(|_| held()),
        || {
            in_child(|| {
                let dropped = DROPPED.load(Ordering::SeqCst);
                // SAFETY: the address of the box, which no other code of this process
                // drops: the process ends before it unwinds its copy of the stack.
                drop(unsafe { Box::from_raw(address as *mut Guarded<Pair>) });
                assert_eq!(DROPPED.load(Ordering::SeqCst), dropped);
            })
        },
    );
}
