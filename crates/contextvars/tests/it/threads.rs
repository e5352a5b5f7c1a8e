//! Types that are shared between threads, and threads that use one context.

use crate::values::int;
use contextvars::host::IterCell;
use contextvars::{Context, ContextVar, Interpreter, Std, Thread, Token};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn send<T: Send>() {}
fn shared<T: Send + Sync>() {}

#[test]
fn types_are_send_and_sync_and_a_threads_state_is_send() {
    shared::<Context>();
    shared::<ContextVar>();
    shared::<Token>();
    shared::<Interpreter>();
    shared::<IterCell<Std>>();
    send::<Thread>();
}

#[test]
fn of_many_threads_that_enter_one_context_one_wins_each_round() {
    const THREADS: usize = 4;
    const ROUNDS: usize = if cfg!(miri) { 5 } else { 200 };
    let (context, winners) = (Context::new(), AtomicUsize::new(0));
    let (start, end) = (Barrier::new(THREADS), Barrier::new(THREADS));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    start.wait();
                    let won = context.run(|| {
                        winners.fetch_add(1, Ordering::SeqCst);
                        // Stay in the context until all threads have tried.
                        end.wait();
                    });
                    if won.is_err() {
                        end.wait();
                    }
                }
            });
        }
    });
    assert_eq!(winners.load(Ordering::SeqCst), ROUNDS);
}

#[test]
fn readers_elsewhere_see_whole_versions_that_never_go_back() {
    const SETS: i64 = if cfg!(miri) { 20 } else { 3_000 };
    let (context, a, b) = (Context::new(), ContextVar::new("a"), ContextVar::new("b"));
    let filler: Vec<ContextVar> = (0..100).map(|_| ContextVar::new("f")).collect();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            context
                .run(|| {
                    for number in 0..SETS {
                        // First b, then a: a reader sees b ahead by at most one.
                        drop(b.set(number));
                        drop(filler[number as usize % filler.len()].set(number));
                        drop(a.set(number));
                    }
                })
                .unwrap();
            done.store(true, Ordering::SeqCst);
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = -1;
                while !done.load(Ordering::SeqCst) {
                    let copy = context.copy();
                    let (x, y) = (copy.get(&a).map_or(-1, int), copy.get(&b).map_or(-1, int));
                    assert!(x == y || x + 1 == y, "torn: {x} and {y}");
                    assert!(x >= last, "went back from {last} to {x}");
                    last = x;
                    let bindings = context.iter();
                    assert_eq!(bindings.len(), bindings.count());
                    assert!(copy.equals(&copy.copy()).unwrap());
                }
            });
        }
    });
    assert_eq!(context.get(&a).map(int), Some(SETS - 1));
}

#[test]
fn of_many_threads_that_reset_with_one_token_one_restores() {
    const THREADS: usize = 4;
    for _ in 0..if cfg!(miri) { 2 } else { 100 } {
        let (context, var) = (Context::new(), ContextVar::new("v"));
        let token = context.run(|| (var.set(1), var.set(2)).1).unwrap();
        let (start, restored) = (Barrier::new(THREADS), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    // Refused while another thread has entered it.
                    while context
                        .run(|| {
                            if var.reset(&token).is_ok() {
                                restored.fetch_add(1, Ordering::SeqCst);
                            }
                        })
                        .is_err()
                    {
                        std::thread::yield_now();
                    }
                });
            }
        });
        assert_eq!(restored.load(Ordering::SeqCst), 1);
        assert_eq!(context.get(&var).map(int), Some(1));
    }
}

#[test]
fn one_variable_is_each_threads_own() {
    let var = ContextVar::with_default("v", -1);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let var = &var;
            scope.spawn(move || {
                assert_eq!(int(var.get().unwrap()), -1);
                for round in 0..if cfg!(miri) { 10 } else { 1_000 } {
                    drop(var.set(number * 1_000 + round));
                    assert_eq!(int(var.get().unwrap()), number * 1_000 + round);
                }
            });
        }
    });
    assert_eq!(int(var.get().unwrap()), -1);
}
