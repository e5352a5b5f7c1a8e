//! When watchers are notified, and what they may do.

use crate::named::{
    Context, Named, Thread, assert_fails, context, current, fail, names, switches_since,
};
use crate::watcher_ids::id;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use threadstate::{Event, Holder, Interpreter, WatcherError, WatcherId};

/// A watcher's name, and that of the context that it was called with.
type Call = (&'static str, Option<&'static str>);

/// The calls of watchers, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Call>>>);

impl Log {
    fn note(&self, watcher: &'static str, now: Option<&Arc<Context>>) {
        let now = now.map(|context| context.name);
        self.0.lock().unwrap().push((watcher, now));
    }

    fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn interpreter() -> (Arc<Interpreter<Named>>, Log) {
    (Arc::new(Interpreter::new()), Log::default())
}

/// Adds a watcher that logs each call, then calls `act`.
fn watch(
    interpreter: &Interpreter<Named>,
    log: &Log,
    name: &'static str,
    act: impl Fn(&Thread, Option<&Arc<Context>>) + Send + Sync + 'static,
) -> WatcherId {
    let log = log.clone();
    let watcher = move |thread: &Thread, event, now: Option<&Arc<Context>>| {
        assert_eq!(event, Event::Switched);
        log.note(name, now);
        act(thread, now);
    };
    interpreter.add_watcher(Arc::new(watcher)).unwrap()
}

#[test]
fn watchers_are_notified_once_per_switch_in_the_order_of_their_ids() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let gap = watch(&interpreter, &log, "gap", |_, _| ());
    // The watcher is called with the context that is current on the thread.
    watch(&interpreter, &log, "one", |thread, now| {
        assert_eq!(current(thread), now.map(|now| now.name));
    });
    watch(&interpreter, &log, "two", |_, _| ());
    interpreter.clear_watcher(gap).map(drop).unwrap();
    watch(&interpreter, &log, "zero", |_, _| ());
    let calls = |name| ["zero", "one", "two"].map(|watcher| (watcher, name));

    let [a, b] = ["a", "b"].map(context);
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    assert_eq!(log.take(), calls(Some("a")));
    thread.enter(&thread, Arc::clone(&b)).unwrap();
    assert_eq!(log.take(), calls(Some("b")));
    thread.exit(&thread, &b).unwrap();
    assert_eq!(log.take(), calls(Some("a")));
    thread.exit(&thread, &a).unwrap();
    assert_eq!(log.take(), calls(None));
}

#[test]
fn watchers_are_notified_when_a_base_is_replaced() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let a = context("a");
    watch(&interpreter, &log, "w", |_, _| ());
    thread.install_base(context("base")).unwrap();
    assert_eq!(log.take(), []);
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.exit(&thread, &a).unwrap();
    assert_eq!(log.take(), [("w", Some("a")), ("w", Some("base"))]);
    thread.replace_context(&thread, Some(a)).unwrap();
    thread.replace_context(&thread, None).unwrap();
    assert_eq!(log.take(), [("w", Some("a")), ("w", None)]);
}

#[test]
fn the_version_has_changed_before_watchers_are_notified() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let start = thread.context_version();
    watch(&interpreter, &log, "w", move |thread, now| {
        let switches = if now.is_some() { 1 } else { 2 };
        assert_eq!(switches_since(thread, start), switches);
    });
    let a = context("a");
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.exit(&thread, &a).unwrap();
    assert_eq!(log.take().len(), 2);
}

#[test]
fn an_exit_has_freed_the_context_before_watchers_are_notified() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let a = context("a");
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    let left = Arc::clone(&a);
    watch(&interpreter, &log, "w", move |_, _| {
        assert_eq!(left.claim.holder(), Holder::Free);
    });
    thread.exit(&thread, &a).unwrap();
    assert_eq!(log.take(), [("w", None)]);
}

#[test]
fn a_replace_has_freed_the_old_base_before_watchers_are_notified() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let old = context("old");
    thread.install_base(Arc::clone(&old)).unwrap();
    let start = thread.context_version();
    let replaced = Arc::clone(&old);
    watch(&interpreter, &log, "w", move |thread, _| {
        assert_eq!(replaced.claim.holder(), Holder::Free);
        assert_eq!(switches_since(thread, start), 1);
    });
    thread.replace_context(&thread, None).unwrap();
    assert_eq!(log.take(), [("w", None)]);
}

#[test]
fn a_watcher_is_not_notified_of_its_own_switches_but_the_others_are() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    watch(&interpreter, &log, "switches", |thread, _| {
        let own = context("own");
        thread.enter(thread, Arc::clone(&own)).unwrap();
        thread.exit(thread, &own).unwrap();
    });
    watch(&interpreter, &log, "looks", |_, _| ());

    let a = context("a");
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    assert_eq!(names(&thread), ["a"]);
    let calls = [
        ("switches", Some("a")),
        ("looks", Some("own")),
        ("looks", Some("a")),
        ("looks", Some("a")),
    ];
    assert_eq!(log.take(), calls);
    // It is notified of the next switch that is not its own.
    thread.exit(&thread, &a).unwrap();
    assert_eq!(log.take()[0], ("switches", None));
}

#[test]
fn a_watcher_may_clear_a_later_one_which_is_then_not_called() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    watch(&interpreter, &log, "clears", |thread, _| {
        // Succeeds at the first call only.
        let _ = thread.interpreter().clear_watcher(id(1));
    });
    assert_eq!(watch(&interpreter, &log, "later", |_, _| ()), id(1));
    watch(&interpreter, &log, "last", |_, _| ());
    thread.enter(&thread, context("a")).unwrap();
    thread.enter(&thread, context("b")).unwrap();
    let calls = [
        ("clears", Some("a")),
        ("last", Some("a")),
        ("clears", Some("b")),
        ("last", Some("b")),
    ];
    assert_eq!(log.take(), calls);
    let error = interpreter.clear_watcher(id(1)).map(drop).unwrap_err();
    assert_eq!(error, WatcherError::NotSet(id(1)));
}

#[test]
fn a_watcher_may_clear_itself() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    watch(&interpreter, &log, "once", |thread, _| {
        thread.interpreter().clear_watcher(id(0)).map(drop).unwrap();
    });
    thread.enter(&thread, context("a")).unwrap();
    thread.enter(&thread, context("b")).unwrap();
    assert_eq!(log.take(), [("once", Some("a"))]);
}

#[test]
fn a_watcher_added_by_another_is_notified_of_the_next_switch() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let (added, notes) = (AtomicBool::new(false), log.clone());
    watch(&interpreter, &log, "adds", move |thread, _| {
        if !added.swap(true, Ordering::Relaxed) {
            watch(thread.interpreter(), &notes, "added", |_, _| ());
        }
    });
    thread.enter(&thread, context("a")).unwrap();
    assert_eq!(log.take(), [("adds", Some("a"))]);
    thread.enter(&thread, context("b")).unwrap();
    assert_eq!(log.take(), [("adds", Some("b")), ("added", Some("b"))]);
}

#[test]
fn a_watcher_that_panics_in_enter_takes_the_context_off_the_stack_again() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let a = context("a");
    thread.install_base(context("base")).unwrap();
    let start = thread.context_version();
    let id = watch(&interpreter, &log, "fails", |_, _| fail());
    watch(&interpreter, &log, "later", |_, _| ());

    // Twice: a watcher that has panicked is called again.
    for _ in 0..2 {
        assert_fails(|| thread.enter(&thread, Arc::clone(&a)));
        assert_eq!(log.take(), [("fails", Some("a"))]);
        assert_eq!(names(&thread), ["base"]);
        assert_eq!(a.claim.holder(), Holder::Free);
    }
    assert_eq!(switches_since(&thread, start), 4);
    interpreter.clear_watcher(id).map(drop).unwrap();
    thread.enter(&thread, a).unwrap();
    assert_eq!(log.take(), [("later", Some("a"))]);
}

#[test]
fn a_watcher_that_enters_more_and_panics_leaves_the_stack_as_it_was() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let [outer, a, b, c] = ["outer", "a", "b", "c"].map(context);
    thread.enter(&thread, Arc::clone(&outer)).unwrap();
    let more = [Arc::clone(&b), Arc::clone(&c)];
    watch(&interpreter, &log, "fails", move |thread, _| {
        for context in &more {
            thread.enter(thread, Arc::clone(context)).unwrap();
        }
        fail();
    });
    assert_fails(|| thread.enter(&thread, Arc::clone(&a)));
    assert_eq!(names(&thread), ["outer"]);
    for context in [a, b, c] {
        assert_eq!(context.claim.holder(), Holder::Free);
    }
}

#[test]
fn a_watcher_that_leaves_and_panics_leaves_the_stack_as_it_was() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let a = context("a");
    thread.enter(&thread, context("outer")).unwrap();
    watch(&interpreter, &log, "fails", |thread, now| {
        thread.exit(thread, now.unwrap()).unwrap();
        fail();
    });
    assert_fails(|| thread.enter(&thread, Arc::clone(&a)));
    assert_eq!(names(&thread), ["outer"]);
    assert_eq!(a.claim.holder(), Holder::Free);
}

#[test]
fn a_watcher_that_panics_in_exit_finds_the_context_left() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let a = context("a");
    thread.enter(&thread, context("outer")).unwrap();
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    let start = thread.context_version();
    watch(&interpreter, &log, "fails", |_, _| fail());
    assert_fails(|| thread.exit(&thread, &a));
    assert_eq!(log.take(), [("fails", Some("outer"))]);
    assert_eq!(names(&thread), ["outer"]);
    assert_eq!(a.claim.holder(), Holder::Free);
    assert_eq!(switches_since(&thread, start), 1);
}

#[test]
fn a_watcher_that_panics_in_replace_finds_the_base_replaced() {
    let (interpreter, log) = interpreter();
    let thread = Thread::new(&interpreter);
    let [old, new] = ["old", "new"].map(context);
    thread.install_base(Arc::clone(&old)).unwrap();
    watch(&interpreter, &log, "fails", |_, _| fail());
    assert_fails(|| thread.replace_context(&thread, Some(Arc::clone(&new))));
    assert_eq!(names(&thread), ["new"]);
    assert_eq!(old.claim.holder(), Holder::Free);
}

#[test]
fn watchers_are_notified_by_the_threads_of_their_interpreter_only() {
    let (interpreter, log) = interpreter();
    let elsewhere = Thread::new(&Arc::new(Interpreter::new()));
    watch(&interpreter, &log, "w", |_, _| ());
    elsewhere.enter(&elsewhere, context("elsewhere")).unwrap();
    assert_eq!(log.take(), []);
    for name in ["first", "second"] {
        let interpreter = Arc::clone(&interpreter);
        let worker = std::thread::spawn(move || {
            let thread = Thread::new(&interpreter);
            thread.enter(&thread, context(name)).unwrap();
        });
        worker.join().unwrap();
        // The end of a thread is not a switch.
        assert_eq!(log.take(), [("w", Some(name))]);
    }
}

#[test]
fn a_watcher_that_leaves_installs_a_base_and_panics_leaves_the_base() {
    type Enter = fn(&Thread, &Arc<Context>);
    let ways: [Enter; 2] = [
        |thread, a| thread.enter(thread, Arc::clone(a)).unwrap(),
        |thread, a| thread.run(thread, a, || ()).unwrap(),
    ];
    for enter in ways {
        let (interpreter, log) = interpreter();
        let thread = Thread::new(&interpreter);
        let (a, base) = (context("a"), context("base"));
        let installed = Arc::clone(&base);
        let id = watch(&interpreter, &log, "fails", move |thread, now| {
            thread.exit(thread, now.unwrap()).unwrap();
            thread.install_base(Arc::clone(&installed)).unwrap();
            fail();
        });
        assert_fails(|| enter(&thread, &a));
        interpreter.clear_watcher(id).map(drop).unwrap();
        assert_eq!((names(&thread), thread.depth()), (vec!["base"], 0));
        assert_eq!(a.claim.holder(), Holder::Free);
        let taken = thread.run(&thread, &a, || {
            thread.replace_context(&thread, None).is_ok()
        });
        assert_eq!(taken, Ok(false));
        assert!(thread.replace_context(&thread, None).unwrap().is_some());
        assert_eq!(base.claim.holder(), Holder::Free);
    }
}

#[test]
fn a_switch_after_a_clear_on_another_thread_does_not_call_the_watcher() {
    let (interpreter, log) = interpreter();
    let id = watch(&interpreter, &log, "cleared", |_, _| ());
    let (begin, begun) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let (interpreter, log) = (&interpreter, &log);
        scope.spawn(move || {
            let thread = Thread::new(interpreter);
            begun.recv().unwrap();
            thread.enter(&thread, context("a")).unwrap();
            assert_eq!(log.take(), []);
        });
        drop(interpreter.clear_watcher(id).unwrap());
        begin.send(()).unwrap();
    });
}
