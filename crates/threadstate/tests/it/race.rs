//! OS threads that enter one context at the same time.

use crate::named::{Named, Thread, context, switches_since};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use threadstate::{Holder, Interpreter};

const THREADS: usize = 4;

#[test]
fn exactly_one_thread_enters_a_context_in_each_round() {
    const ROUNDS: usize = if cfg!(miri) { 3 } else { 500 };
    let interpreter = Arc::new(Interpreter::<Named>::new());
    let contested = context("contested");
    let together = Barrier::new(THREADS);
    for _ in 0..ROUNDS {
        let tried = std::thread::scope(|scope| {
            let workers = [(); THREADS].map(|()| {
                scope.spawn(|| {
                    let thread = Thread::new(&interpreter);
                    let start = thread.context_version();
                    together.wait();
                    let won = thread.enter(&thread, Arc::clone(&contested)).is_ok();
                    (thread, start, won)
                })
            });
            workers.map(|worker| worker.join().unwrap())
        });
        assert_eq!(tried.iter().filter(|(_, _, won)| *won).count(), 1);
        for (thread, start, won) in tried {
            assert_eq!(thread.depth(), usize::from(won));
            assert_eq!(switches_since(&thread, start), u128::from(won));
            if won {
                assert_eq!(contested.claim.holder(), Holder::EnteredBy(thread.id()));
                thread.exit(&thread, &contested).unwrap();
            }
        }
    }
    assert_eq!(Arc::strong_count(&contested), 1);
}

#[test]
fn a_thread_in_a_context_is_alone_and_sees_what_was_done_there() {
    const TRIES: usize = if cfg!(miri) { 20 } else { 20_000 };
    let interpreter = Arc::new(Interpreter::<Named>::new());
    let contested = context("contested");
    // Not incremented by one operation: two threads inside at once would lose a count.
    let runs = AtomicUsize::new(0);
    let wins: usize = std::thread::scope(|scope| {
        let workers = [(); THREADS].map(|()| {
            scope.spawn(|| {
                let thread = Thread::new(&interpreter);
                let run = |_: &usize| {
                    let won = thread.enter(&thread, Arc::clone(&contested)).is_ok();
                    if won {
                        let seen = runs.load(Ordering::Relaxed);
                        runs.store(seen + 1, Ordering::Relaxed);
                        thread.exit(&thread, &contested).unwrap();
                    }
                    won
                };
                (0..TRIES).filter(run).count()
            })
        });
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    assert!(wins > 0);
    assert_eq!(runs.into_inner(), wins);
}
