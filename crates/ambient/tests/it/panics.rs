//! Panics in contexts, and the context in which futures, closures and values are dropped.

use ambient::testing::fresh;
use ambient::{Context, ContextExt, StackSnapshot, Var};
use futures::FutureExt as _;
use futures::executor::block_on;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::task;

static VAR: Var<u64> = Var::new("var");

/// Sends the variable's value when it is dropped.
struct SendOnDrop(Sender<Option<u64>>);

impl Drop for SendOnDrop {
    fn drop(&mut self) {
        self.0.send(VAR.get()).unwrap();
    }
}

fn depth() -> usize {
    StackSnapshot::here().levels().len()
}

#[test]
fn a_panic_leaves_every_context_and_scope() {
    fresh(|| {
        VAR.set(1);
        let before = depth();
        let mut context = Context::current();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            context.run(|| VAR.scoped(2, || Context::new().run(|| panic!("on purpose"))))
        }));
        assert!(panicked.is_err());
        assert_eq!((depth(), VAR.get()), (before, Some(1)));
        // The context can be run in again, and its scope has ended.
        assert_eq!(context.run(|| VAR.get()), Some(1));
    })
}

#[test]
fn a_panic_in_a_poll_leaves_the_context() {
    fresh(|| {
        VAR.set(1);
        let task = async {
            VAR.set(2);
            panic!("on purpose")
        };
        let caught = block_on(task.inherit().catch_unwind());
        assert!(caught.is_err());
        assert_eq!((depth(), VAR.get()), (1, Some(1)));
    })
}

#[test]
fn a_future_is_dropped_in_its_context() {
    fresh(|| {
        let (send, receive) = channel();
        VAR.set(1);
        let sender = SendOnDrop(send.clone());
        let unpolled = async move { drop(sender) }.inherit();
        let sender = SendOnDrop(send);
        let mut polled = Box::pin(
            async move {
                let _sender = sender;
                VAR.set(3);
                pending::<()>().await;
            }
            .inherit(),
        );
        let mut waker = task::Context::from_waker(task::Waker::noop());
        assert!(polled.as_mut().poll(&mut waker).is_pending());
        VAR.set(9);
        drop(unpolled);
        assert_eq!(receive.recv().unwrap(), Some(1));
        // On another thread, where nothing is set.
        std::thread::spawn(move || drop(polled)).join().unwrap();
        assert_eq!(receive.recv().unwrap(), Some(3));
    })
}

#[test]
fn a_future_is_dropped_before_its_context_is_returned() {
    fresh(|| {
        let (send, receive) = channel();
        VAR.set(1);
        let sender = SendOnDrop(send);
        let task = std::future::poll_fn(move |_| {
            let _ = &sender;
            task::Poll::Ready(())
        });
        let ((), context) = block_on(task.inherit().returning());
        assert_eq!(receive.recv().unwrap(), Some(1));
        assert_eq!(context.get(&VAR), Some(1));
    })
}

#[test]
fn a_closure_that_is_never_called_is_dropped_in_its_context() {
    fresh(|| {
        let (send, receive) = channel();
        VAR.set(1);
        let sender = SendOnDrop(send);
        let closure = ambient::inherit(move || drop(sender));
        VAR.set(2);
        drop(closure);
        assert_eq!(receive.recv().unwrap(), Some(1));
    })
}

#[test]
fn a_value_may_use_variables_when_it_is_dropped() {
    fresh(|| {
        static HOLDER: Var<std::sync::Arc<SendOnDrop>> = Var::new("holder");
        let (send, receive) = channel();
        VAR.set(4);
        HOLDER.scoped(std::sync::Arc::new(SendOnDrop(send)), || ());
        assert_eq!(receive.recv().unwrap(), Some(4));
    })
}
