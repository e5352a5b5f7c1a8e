//! The family of plain values.

use crate::rc_host::{Context, RcHost};
use std::sync::{Arc, LazyLock};
use std::thread;
use threadstate::{Holder, Interpreter, Plain, PlainStack, RunError, Thread};

static ALL: LazyLock<Arc<Interpreter<PlainStack<u32>>>> = LazyLock::new(Default::default);

threadstate::current_thread! {
    fn stack<PlainStack<u32>> = Thread::new(&ALL)
}

fn current() -> Option<u32> {
    stack(|stack| stack.context(()).map(|context| *context.value()))
}

#[test]
fn a_value_is_current_during_its_run_only() {
    let (one, two) = (Plain::new(1), Plain::new(2));
    stack(|stack| {
        let inside = stack.run((), &one, || {
            let inner = stack.run((), &two, current);
            (inner, current(), stack.depth())
        });
        assert_eq!(inside, Ok((Ok(Some(2)), Some(1), 1)));
    });
    assert_eq!(current(), None);
}

#[test]
fn two_threads_cannot_enter_one_value() {
    let value = Plain::new(1);
    stack(|stack| stack.enter((), Arc::clone(&value)).unwrap());
    let there = Arc::clone(&value);
    let refused = thread::spawn(move || stack(|stack| stack.run((), &there, current)));
    assert_eq!(refused.join().unwrap(), Err(RunError::AlreadyEntered));
    stack(|stack| stack.exit((), &value).unwrap());
    assert_eq!(stack(|stack| stack.run((), &value, current)), Ok(Some(1)));
}

#[test]
fn contexts_of_one_thread_need_no_atomic_claim() {
    let thread = Thread::<RcHost<false>>::new(&Arc::default());
    let (one, two) = <(Context, Context)>::default();
    let inside = thread.run((), &one, || {
        let again = thread.run((), &one, || ());
        let inner = thread.run((), &two, || (one.holder(), two.holder()));
        (again, inner, two.holder())
    });
    let here = Holder::EnteredBy(thread.id());
    let inner = Ok((here, here));
    assert_eq!(
        inside,
        Ok((Err(RunError::AlreadyEntered), inner, Holder::Free))
    );
    assert_eq!(one.while_free(|| one.holder() != Holder::Free), Some(true));
    assert_eq!(one.holder(), Holder::Free);
}
