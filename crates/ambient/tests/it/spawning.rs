//! Tasks that move between threads.

use ambient::on_rayon::ParallelIteratorExt;
use ambient::testing::fresh;
use ambient::{Context, ContextExt, Var};
use rayon::prelude::*;
use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use std::thread::ThreadId;

static VAR: Var<u64> = Var::new("var");

/// A task that is polled on a new thread each time.
#[test]
fn a_future_keeps_its_context_from_thread_to_thread() {
    struct Nothing;
    impl Wake for Nothing {
        fn wake(self: Arc<Self>) {}
    }
    let mut polls = 0;
    let mut task = Box::pin(
        poll_fn(move |_| {
            assert_eq!(VAR.get(), Some(polls));
            polls += 1;
            VAR.set(polls);
            if polls < 20 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .in_context(Context::new().with_value(&VAR, 0)),
    );
    loop {
        let thread = std::thread::spawn(move || {
            VAR.scoped(1_000, || {
                let waker = Waker::from(Arc::new(Nothing));
                let polled = task
                    .as_mut()
                    .poll(&mut std::task::Context::from_waker(&waker));
                assert_eq!(VAR.get(), Some(1_000));
                (polled, task)
            })
        });
        let (polled, back) = thread.join().unwrap();
        task = back;
        if polled.is_ready() {
            break;
        }
    }
    assert_eq!(task.context().get(&VAR), Some(20));
    assert_eq!(VAR.get(), None);
}

#[test]
fn tasks_of_tokio_move_between_workers_with_their_contexts() {
    let threads: Arc<Mutex<HashSet<ThreadId>>> = Arc::default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let task = |number: u64| {
            let threads = Arc::clone(&threads);
            VAR.scoped_future(number, async move {
                for step in 0..20 {
                    assert_eq!(VAR.get(), Some(number + step));
                    // A child inherits; the values that it sets stay in its context.
                    let child = ambient::on_tokio::spawn(async { VAR.set(VAR.get().unwrap() * 2) });
                    child.await.unwrap();
                    VAR.set(number + step + 1);
                    tokio::task::yield_now().await;
                    threads.lock().unwrap().insert(std::thread::current().id());
                }
            })
        };
        let tasks: Vec<_> = (0..if cfg!(miri) { 10 } else { 500 })
            .map(|n| tokio::spawn(task(n * 1_000)))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    let threads = threads.lock().unwrap().len();
    assert!(threads > 1, "nothing has moved: {threads} thread");
}

#[test]
#[cfg_attr(
    miri,
    ignore = "below rayon, crossbeam-epoch casts integers to pointers"
)]
fn items_of_a_parallel_iterator_do_not_see_each_other() {
    fresh(|| {
        VAR.set(7);
        let seen: Vec<Option<u64>> = (0..1_000_u64)
            .into_par_iter()
            .inherit_each()
            .map(|item| {
                let seen = VAR.get();
                VAR.set(item);
                assert_eq!(VAR.get(), Some(item));
                seen
            })
            .collect();
        assert_eq!(seen, vec![Some(7); 1_000]);
        assert_eq!(VAR.get(), Some(7));
    })
}
