//! Nested and concurrent futures, and futures that are cancelled.

use ambient::testing::fresh;
use ambient::{Context, ContextExt, StackSnapshot, Var};
use futures::executor::block_on;
use futures::future::join_all;
use std::time::Duration;
use tokio::time::sleep;

static VAR: Var<u64> = Var::new("var");
static OTHER: Var<u64> = Var::new("other");

#[test]
fn contexts_nest() {
    fresh(|| {
        VAR.set(1);
        let inner =
            async { (VAR.get(), OTHER.get()) }.in_context(Context::new().with_value(&OTHER, 2));
        let outer = async {
            VAR.set(3);
            let inner = inner.await;
            (
                inner,
                VAR.get(),
                OTHER.get(),
                StackSnapshot::here().levels().len(),
            )
        };
        let seen = block_on(outer.inherit());
        assert_eq!(seen, ((None, Some(2)), Some(3), None, 2));
    })
}

#[test]
fn futures_that_take_turns_do_not_see_each_other() {
    let task = |number: u64| async move {
        for step in 0..10 {
            VAR.set(number * 100 + step);
            tokio::task::yield_now().await;
            assert_eq!(VAR.get(), Some(number * 100 + step));
        }
        VAR.get()
    };
    let tasks = (0..20).map(|number| task(number).inherit());
    let ends = block_on(join_all(tasks));
    assert_eq!(
        ends,
        (0..20)
            .map(|number| Some(number * 100 + 9))
            .collect::<Vec<_>>()
    );
    assert_eq!(VAR.get(), None);
}

#[tokio::test(start_paused = true)]
async fn the_loser_of_a_select_leaves_its_context() {
    VAR.scoped_future(1, lose()).await;
}

async fn lose() {
    for _ in 0..10 {
        let slow = VAR.scoped_future(2, async {
            VAR.set(3);
            sleep(Duration::from_secs(60)).await;
        });
        tokio::select! {
            () = slow => unreachable!("a minute has not passed"),
            () = sleep(Duration::from_secs(1)) => {}
        }
        assert_eq!(
            (VAR.get(), StackSnapshot::here().levels().len()),
            (Some(1), 1)
        );
    }
}

#[test]
fn a_cancelled_task_leaves_its_context() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        for _ in 0..50 {
            let task = ambient::on_tokio::spawn(VAR.scoped_future(2, async {
                loop {
                    VAR.set(3);
                    tokio::task::yield_now().await;
                }
            }));
            tokio::task::yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        // On whichever worker these run.
        for _ in 0..50 {
            let clean = tokio::spawn(async { (VAR.get(), StackSnapshot::here().levels().len()) });
            assert_eq!(clean.await.unwrap(), (None, 0));
        }
    });
}
