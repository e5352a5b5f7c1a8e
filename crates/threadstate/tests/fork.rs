//! What a child of `fork` finds where another thread held a lock at that moment, in a
//! process of its own.
#![cfg(all(unix, not(miri), not(loom)))]
#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use threadstate::sync::Guarded;

/// How long a child may take that takes a millisecond on an idle machine.
const DEADLINE: Duration = Duration::from_secs(60);

static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Two numbers that are equal but while they are being changed.
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
    assert_eq!(status, 0, "how a child ended");
}

/// Calls `body` while another thread is inside `hold`, which gets what to do there.
fn while_held(hold: impl FnOnce(&dyn Fn()) + Send, body: impl FnOnce()) {
    let (in_hold, is_held): (Sender<()>, Receiver<()>) = channel();
    let (release, is_released): (Sender<()>, Receiver<()>) = channel();
    // With the ends of both channels: where `body` panics, they go before the thread is
    // waited for.
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

    // A thread that looks changes nothing.
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

    // What is half changed is neither looked at nor dropped, in children of the child
    // either.
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
                // Other threads wait for this process's own locks as ever.
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
    assert_eq!(numbers(), (3, 3), "the parent's is its own");
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
                // SAFETY: the box's, which no thread of this process drops: it ends
                // before its parent's copy of this stack is unwound.
                drop(unsafe { Box::from_raw(address as *mut Guarded<Pair>) });
                assert_eq!(DROPPED.load(Ordering::SeqCst), dropped);
            })
        },
    );
}
