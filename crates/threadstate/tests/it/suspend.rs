//! Stacks that are suspended and resumed.

use crate::named::{Thread, context, current, fail, names, state, switches_since, thread};
use crate::rc_host::{self, RcHost};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use threadstate::{Event, Holder, Interpreter, ResumeError, RunError, SuspendError};

fn enter(thread: &Thread, names: &[&'static str]) {
    for name in names {
        thread.enter(thread, context(name)).unwrap();
    }
}

#[test]
fn contexts_above_a_mark_are_suspended_and_resumed() {
    let thread = thread();
    enter(&thread, &["a"]);
    let mark = thread.mark();
    enter(&thread, &["b", "c"]);
    let inside = thread.activation();
    let suspended = thread.suspend(&thread, Some(mark)).unwrap();
    assert_eq!((names(&thread), suspended.len()), (vec!["a"], 2));
    enter(&thread, &["d"]);
    thread.resume(&thread, suspended).unwrap();
    assert_eq!(names(&thread), ["a", "d", "b", "c"]);
    assert_eq!(
        thread.activation(),
        inside,
        "a resumed activation has another number"
    );
}

#[test]
fn suspended_contexts_stay_entered() {
    let (here, there) = (thread(), thread());
    let a = context("a");
    here.enter(&here, Arc::clone(&a)).unwrap();
    let suspended = here.suspend(&here, None).unwrap();
    assert_eq!(a.claim.holder(), Holder::EnteredBy(here.id()));
    assert!(there.enter(&there, Arc::clone(&a)).is_err());
    assert!(here.enter(&here, Arc::clone(&a)).is_err());
    drop(suspended);
    assert_eq!(a.claim.holder(), Holder::Free);
    assert_eq!(Arc::strong_count(&a), 1);
}

#[test]
fn another_thread_takes_over_the_claims() {
    let here = thread();
    let a = context("a");
    here.enter(&here, Arc::clone(&a)).unwrap();
    enter(&here, &["b"]);
    let suspended = here.suspend(&here, None).unwrap();
    std::thread::scope(|scope| {
        let there = scope.spawn(|| {
            let there = thread();
            there.resume(&there, suspended).unwrap();
            assert_eq!(a.claim.holder(), Holder::EnteredBy(there.id()));
            assert_eq!(names(&there), ["a", "b"]);
            there.exit(&there, &there.context(&there).unwrap()).unwrap();
            there.exit(&there, &a).unwrap();
        });
        there.join().unwrap();
    });
    assert_eq!(a.claim.holder(), Holder::Free);
}

#[test]
fn a_suspended_base_is_resumed_only_on_a_thread_without_a_context() {
    let (here, there) = (thread(), thread());
    here.install_base(context("base")).unwrap();
    enter(&here, &["a"]);
    let suspended = here.suspend(&here, None).unwrap();
    assert!(!here.has_context());
    enter(&there, &["b"]);
    let before = state(&there);
    let refused = there.resume(&there, suspended).unwrap_err();
    assert!(matches!(refused, ResumeError::Base(_)));
    let suspended = refused.into_suspended();
    assert_eq!(state(&there), before);
    here.resume(&here, suspended).unwrap();
    assert_eq!((names(&here), here.depth()), (vec!["base", "a"], 1));
}

#[test]
fn a_mark_is_valid_on_its_thread_while_its_context_is_on_the_stack() {
    let (here, there) = (thread(), thread());
    enter(&there, &["b", "c"]);
    enter(&here, &["a"]);
    let gone = {
        enter(&here, &["d"]);
        let mark = here.mark();
        here.exit(&here, &here.context(&here).unwrap()).unwrap();
        mark
    };
    let before = state(&here);
    for mark in [there.mark(), gone] {
        let refused = here.suspend(&here, Some(mark));
        assert_eq!(refused.unwrap_err(), SuspendError::NotFound);
    }
    assert_eq!(state(&here), before);
}

#[test]
fn a_mark_inside_contexts_that_another_thread_resumed_is_invalid() {
    let (here, there) = (thread(), thread());
    enter(&here, &["a"]);
    let inside = here.mark();
    enter(&here, &["b"]);
    let suspended = here.suspend(&here, None).unwrap();
    there.resume(&there, suspended).unwrap();
    for thread in [&here, &there] {
        let refused = thread.suspend(thread, Some(inside));
        assert_eq!(refused.unwrap_err(), SuspendError::NotFound);
    }
}

#[test]
fn a_base_installed_after_the_mark_is_not_suspended() {
    let thread = thread();
    let mark = thread.mark();
    thread.install_base(context("base")).unwrap();
    enter(&thread, &["a"]);
    let suspended = thread.suspend(&thread, Some(mark)).unwrap();
    assert_eq!((names(&thread), suspended.len()), (vec!["base"], 1));
    thread.resume(&thread, suspended).unwrap();
    assert_eq!(names(&thread), ["base", "a"]);
}

#[test]
fn the_data_of_a_thread_is_notified_of_each_suspended_context() {
    let thread = thread();
    enter(&thread, &["a", "b"]);
    let suspended = thread.suspend(&thread, None).unwrap();
    assert_eq!(thread.local().get(), 2);
    drop(suspended);
    assert_eq!(thread.local().get(), 2);
}

#[test]
fn a_context_whose_handle_run_borrows_is_not_suspended() {
    let thread = thread();
    let inside = thread.run(&thread, &context("a"), || {
        enter(&thread, &["b"]);
        let before = state(&thread);
        let refused = thread.suspend(&thread, None).unwrap_err();
        assert_eq!(state(&thread), before);
        thread
            .exit(&thread, &thread.context(&thread).unwrap())
            .unwrap();
        refused
    });
    assert_eq!(inside, Ok(SuspendError::Borrowed));
}

#[test]
fn nothing_is_suspended_while_code_looks_at_the_current_context() {
    let thread = thread();
    enter(&thread, &["a"]);
    let refused = thread.with_current(|_| thread.suspend(&thread, None).unwrap_err());
    assert_eq!((refused, names(&thread)), (SuspendError::InUse, vec!["a"]));
}

#[test]
fn suspending_and_resuming_notify_watchers_of_a_switch() {
    let thread = thread();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let watcher = move |_: &Thread, _: Event, context: Option<&Arc<_>>| {
        let name = context.map(|context: &Arc<crate::named::Context>| context.name);
        log.lock().unwrap().push(name);
    };
    enter(&thread, &["a", "b"]);
    thread.interpreter().add_watcher(Arc::new(watcher)).unwrap();
    let before = thread.context_version();
    let suspended = thread.suspend(&thread, None).unwrap();
    assert_eq!(switches_since(&thread, before), 1);
    thread.resume(&thread, suspended).unwrap();
    assert_eq!(*seen.lock().unwrap(), [None, Some("b")]);
    let empty = thread.suspend(&thread, Some(thread.mark())).unwrap();
    assert!(empty.is_empty());
    thread.resume(&thread, empty).unwrap();
    assert_eq!(seen.lock().unwrap().len(), 2, "an empty part is a switch");
}

#[test]
fn a_watcher_that_panics_leaves_the_suspended_contexts() {
    let thread = thread();
    let a = context("a");
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    let watcher = |_: &Thread, _: Event, _: Option<&Arc<_>>| fail();
    thread.interpreter().add_watcher(Arc::new(watcher)).unwrap();
    let suspend = AssertUnwindSafe(|| thread.suspend(&thread, None).map(drop));
    let payload = catch_unwind(suspend).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"on purpose"));
    assert_eq!((a.claim.holder(), current(&thread)), (Holder::Free, None));
}

type Counted = threadstate::Thread<RcHost<true>>;

#[test]
fn a_run_with_a_counted_handle_can_be_suspended_and_resumed() {
    let thread = Counted::new(&Arc::new(Interpreter::new()));
    let context = rc_host::Context::default();
    let run = thread.run((), &context, || {
        let suspended = thread.suspend((), None).unwrap();
        assert!(!thread.has_context());
        thread.resume((), suspended).unwrap();
        thread.depth()
    });
    assert_eq!((run, thread.depth()), (Ok(1), 0));
    assert_eq!(context.holder(), Holder::Free);
}

#[test]
fn a_run_whose_suspended_context_was_dropped_is_an_error() {
    let thread = Counted::new(&Arc::new(Interpreter::new()));
    let context = rc_host::Context::default();
    let run = thread.run((), &context, || {
        drop(thread.suspend((), None).unwrap());
    });
    let not_entered = RunError::Exit(threadstate::ExitError::NotEntered);
    assert_eq!(run, Err(not_entered));
    assert_eq!(Rc::strong_count(&context), 1);
}

#[test]
fn a_run_is_not_resumed_on_another_thread() {
    let interpreter = Arc::new(Interpreter::new());
    let [here, there] = [(); 2].map(|()| Counted::new(&interpreter));
    let context = rc_host::Context::default();
    let run = here.run((), &context, || {
        let suspended = here.suspend((), None).unwrap();
        let Err(ResumeError::Run(suspended)) = there.resume((), suspended) else {
            panic!("a run was resumed on another thread");
        };
        assert!(!there.has_context());
        here.resume((), suspended).unwrap();
    });
    assert_eq!(run, Ok(()));
}
