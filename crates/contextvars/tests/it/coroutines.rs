//! Stackful coroutines that are suspended inside a run or a read, and end in any order.

use crate::values::{Counted, int};
use contextvars::{Context, ContextVar, copy_context, with_thread};
use corosensei::{Coroutine, CoroutineResult};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Task = Coroutine<(), (), ()>;

/// All permutations of three.
const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

/// Returns a coroutine that is suspended inside `context.run`, and calls `end` when it is resumed.
fn suspended_in(context: &Context, end: impl FnOnce() + 'static) -> Task {
    let context = context.clone();
    let mut task = Task::new(move |yielder, ()| {
        let ran = context.run(|| {
            yielder.suspend(());
            end();
        });
        assert!(ran.is_ok());
        // The context has been left, and can be entered again.
        assert!(context.run(|| ()).is_ok());
    });
    task.resume(());
    task
}

fn depth() -> usize {
    with_thread(|thread| thread.depth())
}

fn contexts() -> [Context; 3] {
    [(); 3].map(|()| Context::new())
}

fn assert_free(contexts: &[Context]) {
    assert_eq!(depth(), 0);
    for context in contexts {
        assert!(!context.is_entered());
        assert!(context.run(|| ()).is_ok());
    }
}

#[test]
fn runs_that_end_in_any_order_each_leave_their_own_context() {
    for order in ORDERS {
        let contexts = contexts();
        let mut tasks = contexts
            .each_ref()
            .map(|context| suspended_in(context, || ()));
        let mut left = 3;
        for index in order {
            assert_eq!(depth(), left);
            assert!(tasks[index].resume(()).as_return().is_some());
            left -= 1;
            assert!(!contexts[index].is_entered());
        }
        assert_free(&contexts);
    }
}

#[test]
fn runs_of_many_coroutines_that_end_in_any_order_each_leave_their_own_context() {
    // More contexts than a thread's stack holds inline.
    const MANY: usize = 21;
    // Each step is coprime to their number, so that each coroutine is resumed once.
    for (first, step) in [(0, 1), (MANY - 1, MANY - 1), (10, 2), (3, 8), (20, 13)] {
        let contexts: Vec<Context> = (0..MANY).map(|_| Context::new()).collect();
        let mut tasks: Vec<Task> = contexts
            .iter()
            .map(|context| suspended_in(context, || ()))
            .collect();
        for count in 0..MANY {
            let index = (first + count * step) % MANY;
            assert_eq!(depth(), MANY - count);
            assert!(tasks[index].resume(()).as_return().is_some());
            assert!(!contexts[index].is_entered());
            let stays = |other: &&Context| other.is_entered();
            assert_eq!(contexts.iter().filter(stays).count(), MANY - count - 1);
        }
        assert_free(&contexts);
    }
}

#[test]
fn a_run_that_panics_below_another_leaves_its_own_context() {
    for order in ORDERS {
        let contexts = contexts();
        let panics = || std::panic::resume_unwind(Box::new("on purpose"));
        let mut tasks = contexts
            .each_ref()
            .map(|context| suspended_in(context, panics));
        for index in order {
            let resumed = catch_unwind(AssertUnwindSafe(|| tasks[index].resume(())));
            let payload = resumed.unwrap_err();
            assert_eq!(payload.downcast_ref::<&str>(), Some(&"on purpose"));
            assert!(!contexts[index].is_entered());
        }
        assert_free(&contexts);
    }
}

#[test]
fn coroutines_that_are_dropped_while_suspended_leave_their_contexts() {
    for order in ORDERS {
        let contexts = contexts();
        let mut tasks = contexts
            .each_ref()
            .map(|context| Some(suspended_in(context, || ())));
        for index in order {
            drop(tasks[index].take());
            assert!(!contexts[index].is_entered());
        }
        assert_free(&contexts);
    }
}

#[test]
fn a_coroutine_that_is_never_resumed_keeps_its_context_entered() {
    // On a thread of its own, since the forgotten coroutine's context stays on the thread's stack.
    std::thread::spawn(|| {
        let contexts = contexts();
        let [mut first, forgotten, mut last] = contexts
            .each_ref()
            .map(|context| suspended_in(context, || ()));
        std::mem::forget(forgotten);
        first.resume(());
        last.resume(());
        assert_eq!(depth(), 1);
        assert_eq!(
            contexts.each_ref().map(Context::is_entered),
            [false, true, false]
        );
        assert!(contexts[1].run(|| ()).is_err());
    })
    .join()
    .unwrap();
}

#[test]
fn a_body_that_enters_a_context_and_does_not_leave_it_is_refused() {
    let (context, inner) = (Context::new(), Context::new());
    let entered = inner.clone();
    let mut task = {
        let context = context.clone();
        Coroutine::<(), (), String>::new(move |yielder, ()| {
            let ran = context.run(|| {
                yielder.suspend(());
                entered.enter().unwrap();
            });
            ran.unwrap_err().to_string()
        })
    };
    task.resume(());
    let error = task.resume(()).as_return().expect("has returned");
    assert!(
        error.contains("thread state references a different context object"),
        "{error}"
    );
    inner.exit().unwrap();
    context.exit().unwrap();
    assert_free(&[context, inner]);
}

/// Borrows the value of a variable in three coroutines, calls `displace`, which makes the value
/// unreachable, and ends the reads in the order `order`.
fn read_and_displace(order: [usize; 3], displace: impl FnOnce(&ContextVar)) {
    let live = Arc::new(AtomicUsize::new(0));
    let var = ContextVar::new("v");
    drop(var.set(Counted::value(&live)));
    let mut reads = [(); 3].map(|()| {
        let (var, live) = (var.clone(), Arc::clone(&live));
        let mut read = Task::new(move |yielder, ()| {
            var.with(|value| {
                let address = std::ptr::from_ref(value.unwrap());
                yielder.suspend(());
                assert_eq!(live.load(Ordering::SeqCst), 1);
                assert!(std::ptr::eq(value.unwrap(), address));
                assert!(value.unwrap().downcast_ref::<Counted>().is_some());
            });
        });
        read.resume(());
        read
    });
    displace(&var);
    for index in order {
        assert_eq!(live.load(Ordering::SeqCst), 1);
        assert!(matches!(
            reads[index].resume(()),
            CoroutineResult::Return(())
        ));
    }
    assert_eq!(live.load(Ordering::SeqCst), 0);
}

#[test]
fn reads_that_end_in_any_order_keep_their_value_until_the_last_ends() {
    for order in ORDERS {
        let context = Context::new();
        context
            .run(|| read_and_displace(order, |var| drop(var.set(1))))
            .unwrap();
        // The context is left and dropped during the reads.
        let context = Context::new();
        context.enter().unwrap();
        read_and_displace(order, move |_| {
            context.exit().unwrap();
            drop(context);
        });
    }
}

#[test]
fn reads_of_one_variable_in_many_contexts_each_keep_their_own_value() {
    for order in ORDERS {
        let var = ContextVar::new("v");
        let mut reads = [0, 1, 2].map(|number| {
            let var = var.clone();
            let mut read = Coroutine::<(), (), i64>::new(move |yielder, ()| {
                let context = Context::new();
                context
                    .run(|| {
                        drop(var.set(number));
                        var.with(|value| {
                            yielder.suspend(());
                            int(value.unwrap().clone())
                        })
                    })
                    .unwrap()
            });
            read.resume(());
            read
        });
        for index in order {
            let got = reads[index].resume(()).as_return();
            assert_eq!(got, Some(index as i64));
        }
        assert!(copy_context().is_empty());
    }
}

thread_local! {
    static LATER: RefCell<Option<OnThreadEnd>> = const { RefCell::new(None) };
}

/// Resumes a coroutine when the thread ends, and counts that.
struct OnThreadEnd(Option<Task>, Arc<AtomicUsize>);

impl Drop for OnThreadEnd {
    fn drop(&mut self) {
        if let Some(mut task) = self.0.take() {
            task.resume(());
        }
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

/// Runs `task` on a new thread until it is suspended. Resumes it in the drop of a thread-local
/// that is dropped after the thread's state.
fn resume_at_thread_end(task: impl FnOnce() -> Task + Send + 'static) {
    let ended = Arc::new(AtomicUsize::new(0));
    let says = Arc::clone(&ended);
    std::thread::spawn(move || {
        // Created first, so dropped last.
        LATER.set(Some(OnThreadEnd(None, says)));
        let mut task = task();
        task.resume(());
        LATER.with_borrow_mut(|later| later.as_mut().unwrap().0 = Some(task));
    })
    .join()
    .unwrap();
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}

#[test]
fn a_run_that_goes_on_while_its_thread_ends() {
    let context = Context::new();
    let inside = context.clone();
    resume_at_thread_end(move || {
        Task::new(move |yielder, ()| {
            let var = ContextVar::new("v");
            let ran = inside.run(|| {
                drop(var.set(1));
                yielder.suspend(());
                // The thread has left the context.
                assert!(var.get().is_err());
                drop(var.set(2));
                let other = Context::new();
                let got = other.run(|| {
                    drop(var.set(3));
                    int(var.get().unwrap())
                });
                assert_eq!(got.unwrap(), 3);
            });
            assert!(ran.is_ok());
        })
    });
    assert!(!context.is_entered());
    assert_eq!(context.len(), 1);
}

#[test]
fn a_read_keeps_its_value_while_its_thread_ends() {
    let live = Arc::new(AtomicUsize::new(0));
    let inside = Arc::clone(&live);
    resume_at_thread_end(move || {
        Task::new(move |yielder, ()| {
            let var = ContextVar::new("v");
            drop(var.set(Counted::value(&inside)));
            var.with(|value| {
                yielder.suspend(());
                assert_eq!(inside.load(Ordering::SeqCst), 1);
                assert!(value.unwrap().downcast_ref::<Counted>().is_some());
            });
            assert_eq!(inside.load(Ordering::SeqCst), 0);
        })
    });
    assert_eq!(live.load(Ordering::SeqCst), 0);
}

#[test]
fn a_run_with_the_only_handle_in_a_suspended_coroutine() {
    let mut task = Rc::new(RefCell::new(Some(suspended_in(&Context::new(), || ()))));
    // Runs and copies on other native frames meanwhile.
    let other = Context::new();
    other.run(|| assert_eq!(depth(), 2)).unwrap();
    drop(copy_context());
    let task = Rc::get_mut(&mut task).unwrap().get_mut().take();
    drop(task);
    assert_eq!(depth(), 0);
}
