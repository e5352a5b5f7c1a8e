//! Code that was not wrapped: it loses values but leaks none.

use ambient::on_rayon::ParallelIteratorExt;
use ambient::{Context, ContextExt, StackSnapshot, Var, without_context};
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

static VAR: Var<u64> = Var::new("lost");

#[test]
fn a_set_without_a_context_panics_and_names_the_variable_and_remedies() {
    let panic = catch_unwind(|| VAR.set(1)).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    for part in ["`lost`", "no context is current", "inherit", "scoped"] {
        assert!(message.contains(part), "{message}");
    }
    let error = VAR.try_set(1).unwrap_err();
    assert_eq!(
        (error.var_name(), error.to_string()),
        ("lost", message.clone())
    );
    assert_eq!((VAR.get(), VAR.unset()), (None, false));
}

#[test]
fn changes_cannot_be_applied_where_no_context_is_current() {
    let changes = Context::new().diff(&Context::new().with_value(&VAR, 1));
    assert_eq!(changes.try_apply().unwrap_err().var_name(), "lost");
    assert!(catch_unwind(AssertUnwindSafe(|| changes.apply())).is_err());
    let nothing = Context::new().changed();
    assert_eq!(nothing.try_apply(), Ok(()));
}

#[test]
fn a_scope_or_a_run_enters_a_context_that_ends_with_it() {
    let inner = VAR.scoped(1, || {
        VAR.set(2);
        (VAR.get(), StackSnapshot::here().levels().len())
    });
    assert_eq!(inner, (Some(2), 1));
    Context::new().run(|| VAR.set(3));
    assert_eq!((VAR.get(), StackSnapshot::here().levels().len()), (None, 0));
}

/// Returns the values that an unwrapped task and closure see, after others tried to set one.
async fn two_tasks() -> [Option<u64>; 2] {
    let set = tokio::spawn(async { VAR.try_set(7).is_ok() });
    assert!(!set.await.unwrap());
    let panics = tokio::spawn(async { drop(VAR.set(7)) });
    assert!(panics.await.unwrap_err().is_panic());
    let task = tokio::spawn(async { VAR.get() }).await.unwrap();
    let blocking = tokio::task::spawn_blocking(|| VAR.get()).await.unwrap();
    [task, blocking]
}

#[test]
fn an_unwrapped_task_sets_nothing_on_any_runtime() {
    let current = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let multi = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    for runtime in [current, multi] {
        assert_eq!(runtime.block_on(two_tasks()), [None, None]);
        // The same if the parent has a context: tasks are polled outside of it.
        let parent = two_tasks().in_context(Context::new().with_value(&VAR, 1));
        let handle = runtime.spawn(parent);
        assert_eq!(runtime.block_on(handle).unwrap(), [None, None]);
    }
}

#[test]
fn a_runtime_that_is_driven_inside_a_context_shows_it_to_unwrapped_tasks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let unwrapped = || runtime.block_on(async { tokio::spawn(async { VAR.get() }).await.unwrap() });
    VAR.scoped(1, || {
        // No library can detect this.
        assert_eq!(unwrapped(), Some(1));
        assert_eq!(without_context(unwrapped), None);
        assert_eq!(VAR.get(), Some(1));
    });
}

#[test]
fn without_a_context_nothing_is_set_and_nothing_can_be() {
    VAR.scoped(1, || {
        without_context(|| {
            assert_eq!(VAR.get(), None);
            assert!(VAR.try_set(2).is_err());
            assert!(Context::current().is_empty());
            assert_eq!(StackSnapshot::here().levels()[0].id(), None);
            // A scope enters a new context.
            assert_eq!(VAR.scoped(3, || VAR.get()), Some(3));
            without_context(|| assert_eq!(VAR.get(), None));
        });
        let panicked = catch_unwind(|| without_context(|| panic!("on purpose")));
        assert!(panicked.is_err());
        assert_eq!(
            (VAR.get(), StackSnapshot::here().levels().len()),
            (Some(1), 1)
        );
    });
}

/// Returns the value that an unwrapped job sees. `wait` spawns the job and waits in a context;
/// the pool's only worker runs it meanwhile.
fn taken(wait: impl Fn(&(dyn Fn() + Sync)) + Send + Sync) -> Option<u64> {
    let found = Mutex::new(None);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    pool.unwrap().scope(|scope| {
        scope.spawn(|scope| {
            let spawn = || scope.spawn(|_| *found.lock().unwrap() = Some(VAR.get()));
            VAR.scoped(1, || wait(&spawn));
        });
    });
    let found = found.into_inner().unwrap();
    found.expect("it has run")
}

#[test]
#[cfg_attr(
    miri,
    ignore = "below rayon, crossbeam-epoch casts integers to pointers"
)]
fn a_job_that_a_waiting_worker_runs_sees_no_values_of_the_waiter() {
    // No library can detect this: rayon's own functions inside a context.
    assert_eq!(taken(|spawn| _ = rayon::join(spawn, || ())), Some(1));
    // The functions of this crate wait where no context is current.
    assert_eq!(
        taken(|spawn| _ = ambient::on_rayon::join(spawn, || ())),
        None
    );
    assert_eq!(
        taken(|spawn| ambient::on_rayon::scope(|scope| {
            scope.spawn(|_| ());
            spawn();
        })),
        None
    );
    assert_eq!(
        taken(|spawn| ambient::on_rayon::in_place_scope(|scope| {
            scope.spawn(|_| ());
            spawn();
        })),
        None
    );
    let items = |spawn: &(dyn Fn() + Sync)| {
        let items = (0..2).into_par_iter().inherit_each();
        items.for_each(|item| {
            if item == 0 {
                spawn()
            }
        });
    };
    assert_eq!(taken(items), None);
}
