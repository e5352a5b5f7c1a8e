//! Thread ids, context versions and counters.

use crate::named::{Named, Thread, context, switches_since, thread};
use std::collections::HashSet;
use std::sync::{Arc, Barrier};
use threadstate::Interpreter;
use threadstate::internals::Counter;

#[test]
fn thread_ids_are_never_reused() {
    let interpreter = Arc::new(Interpreter::<Named>::new());
    let workers = [(); 4].map(|()| {
        let interpreter = Arc::clone(&interpreter);
        std::thread::spawn(move || -> Vec<u64> {
            let one_at_a_time = || Thread::new(&interpreter).id().get();
            (0..500).map(|_| one_at_a_time()).collect()
        })
    });
    let ids: Vec<u64> = workers
        .into_iter()
        .flat_map(|worker| worker.join().unwrap())
        .collect();
    assert!(ids.iter().all(|&id| id > 0));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 4 * 500);
}

#[test]
fn ids_are_unique_across_interpreters() {
    assert_ne!(thread().id(), thread().id());
}

#[test]
fn each_enter_exit_and_replace_increments_the_version() {
    let thread = thread();
    let a = context("a");
    let start = thread.context_version();

    thread
        .replace_context(&thread, Some(context("base")))
        .unwrap();
    assert_eq!(switches_since(&thread, start), 1);
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    assert_eq!(switches_since(&thread, start), 2);
    thread.enter(&thread, context("b")).unwrap();
    assert_eq!(switches_since(&thread, start), 3);
    let b = thread.context(&thread).unwrap();
    thread.exit(&thread, &b).unwrap();
    assert_eq!(switches_since(&thread, start), 4);
    thread.exit(&thread, &a).unwrap();
    assert_eq!(switches_since(&thread, start), 5);
    thread.replace_context(&thread, None).unwrap();
    assert_eq!(switches_since(&thread, start), 6);
}

#[test]
fn reads_do_not_change_the_version() {
    let thread = thread();
    thread.enter(&thread, context("a")).unwrap();
    let before = thread.context_version();
    thread.context(&thread);
    thread.depth();
    thread.with_current(|current| assert!(current.is_some()));
    thread.for_each_context(|context| assert_eq!(context.name, "a"));
    assert_eq!(thread.context_version(), before);
}

#[test]
fn versions_are_not_reused_on_any_thread() {
    let mut seen = HashSet::new();
    let interpreter = Arc::new(Interpreter::<Named>::new());
    let shared = context("shared");
    for _ in 0..10 {
        let pair = [Thread::new(&interpreter), Thread::new(&interpreter)];
        assert!(
            pair.iter()
                .all(|thread| seen.insert(thread.context_version()))
        );
        for _ in 0..50 {
            for thread in &pair {
                thread.enter(thread, Arc::clone(&shared)).unwrap();
                assert!(seen.insert(thread.context_version()));
                thread.exit(thread, &shared).unwrap();
                assert!(seen.insert(thread.context_version()));
            }
        }
    }
    assert_eq!(seen.len(), 10 * 2 * 101);
}

#[test]
fn a_counter_starts_at_one_and_never_repeats() {
    const EACH: u64 = if cfg!(miri) { 100 } else { 400_000 };
    let counter = Counter::new();
    assert_eq!(counter.next().get(), 1);
    let together = Barrier::new(4);
    let numbers = std::thread::scope(|scope| {
        let workers = [(); 4].map(|()| {
            scope.spawn(|| -> Vec<u64> {
                together.wait();
                (0..EACH).map(|_| counter.next().get()).collect()
            })
        });
        workers.map(|worker| worker.join().unwrap())
    });
    let mut seen = vec![false; 2 + 4 * EACH as usize];
    for number in numbers.into_iter().flatten() {
        let seen = &mut seen[number as usize];
        assert!(!*seen, "{number} was returned twice");
        *seen = true;
    }
}
