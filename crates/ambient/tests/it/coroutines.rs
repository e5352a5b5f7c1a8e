//! Stackful coroutines that are suspended inside a run, a scope or a read and end in any
//! order, also while their thread ends.

use ambient::testing::fresh;
use ambient::{Context, StackSnapshot, Var};
use corosensei::Coroutine;
use std::cell::RefCell;
use std::sync::mpsc::{Sender, channel};

static VAR: Var<String> = Var::new("var");

type Task = Coroutine<(), (), ()>;

/// Resumes three coroutines until they are suspended, then to their end in each order.
fn in_any_order(task: impl Fn(usize) -> Task) {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let before = StackSnapshot::here().levels().len();
        let mut tasks = [0, 1, 2].map(&task);
        for task in &mut tasks {
            task.resume(());
        }
        for index in order {
            assert!(tasks[index].resume(()).as_return().is_some());
        }
        assert_eq!(StackSnapshot::here().levels().len(), before);
    }
}

#[test]
fn runs_that_end_in_any_order_keep_what_was_set_in_each() {
    in_any_order(|number| {
        Task::new(move |yielder, ()| {
            let mut context = Context::new();
            context.run(|| {
                VAR.set(number.to_string());
                yielder.suspend(());
            });
            assert_eq!(context.get(&VAR), Some(number.to_string()));
        })
    });
}

#[test]
fn scopes_that_end_in_any_order_do_not_panic() {
    in_any_order(|number| {
        Task::new(move |yielder, ()| {
            Context::new().run(|| VAR.scoped(number.to_string(), || yielder.suspend(())));
        })
    });
}

#[test]
fn reads_that_end_in_any_order_keep_their_values() {
    // First all scopes in one context. Then each starts in the context of the coroutine
    // before, which may end first.
    fresh(read_in_any_order);
    read_in_any_order();
}

fn read_in_any_order() {
    in_any_order(|number| {
        Task::new(move |yielder, ()| {
            VAR.scoped(format!("{number}").repeat(30), || {
                VAR.with(|value| {
                    let value = value.unwrap();
                    yielder.suspend(());
                    let _ = VAR.try_set("other".repeat(30));
                    assert_eq!(*value, format!("{number}").repeat(30));
                });
            });
        })
    });
}

thread_local! {
    static LATER: RefCell<Option<OnThreadEnd>> = const { RefCell::new(None) };
}

struct OnThreadEnd(Option<Task>, Sender<()>);

impl Drop for OnThreadEnd {
    fn drop(&mut self) {
        if let Some(mut task) = self.0.take() {
            task.resume(());
        }
        self.1.send(()).unwrap();
    }
}

#[test]
fn a_run_that_goes_on_while_its_thread_ends() {
    let (send, receive) = channel();
    std::thread::spawn(|| {
        LATER.set(Some(OnThreadEnd(None, send)));
        let mut task = Task::new(|yielder, ()| {
            let mut context = Context::new();
            context.run(|| {
                VAR.set("before".to_owned());
                VAR.with(|value| {
                    yielder.suspend(());
                    assert_eq!(value.unwrap(), "before");
                });
                // The thread has left the context; contexts work as on a new thread.
                assert_eq!(VAR.get(), None);
                let mut other = Context::new();
                other.run(|| {
                    VAR.set("after".to_owned());
                    assert_eq!(VAR.get().as_deref(), Some("after"));
                    assert_eq!(Context::inherited().get(&VAR).as_deref(), Some("after"));
                });
            });
            assert_eq!(context.get(&VAR).as_deref(), Some("before"));
        });
        task.resume(());
        LATER.with_borrow_mut(|later| later.as_mut().unwrap().0 = Some(task));
    })
    .join()
    .unwrap();
    assert_eq!(receive.recv(), Ok(()));
}
