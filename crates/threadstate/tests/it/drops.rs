//! When locals and handles are dropped, and what may happen then.

use crate::named::{
    Context, assert_fails, context, current, fail, names, on_new_thread, on_next_default,
    switches_since, thread, when_left, with_current,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use threadstate::Holder;

/// Counts how often the returned closures are run.
fn counter() -> (Arc<AtomicUsize>, impl Fn() -> Box<dyn FnOnce() + Send>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let act = move || -> Box<dyn FnOnce() + Send> {
        let counted = Arc::clone(&counted);
        Box::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        })
    };
    (count, act)
}

#[test]
fn a_local_lives_as_long_as_its_context_is_on_the_stack() {
    let thread = thread();
    let [a, b] = ["a", "b"].map(context);
    let (dropped, act) = counter();
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    when_left(&thread, act());
    thread.enter(&thread, Arc::clone(&b)).unwrap();
    thread.exit(&thread, &b).unwrap();
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    thread.exit(&thread, &a).unwrap();
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    // The next stay has a local of its own.
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.exit(&thread, &a).unwrap();
    drop(thread);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn the_local_of_a_replaced_base_is_dropped_once() {
    let thread = thread();
    let (dropped, act) = counter();
    thread.install_base(context("old")).unwrap();
    when_left(&thread, act());
    thread
        .replace_context(&thread, Some(context("new")))
        .unwrap();
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    drop(thread);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn a_stack_holds_one_handle_to_each_context() {
    let thread = thread();
    let [base, a] = ["base", "a"].map(context);
    thread.install_base(Arc::clone(&base)).unwrap();
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    assert_eq!(Arc::strong_count(&base), 2);
    assert_eq!(Arc::strong_count(&a), 2);
    drop(thread.enter(&thread, Arc::clone(&a)));
    assert_eq!(Arc::strong_count(&a), 2);
    let handle = thread.context(&thread);
    assert_eq!(Arc::strong_count(&a), 3);
    drop(handle);
    thread.exit(&thread, &a).unwrap();
    assert_eq!(Arc::strong_count(&a), 1);
    drop(thread.replace_context(&thread, None));
    assert_eq!(Arc::strong_count(&base), 1);
}

#[test]
fn notifying_watchers_leaks_no_handle() {
    let thread = thread();
    let a = context("a");
    let during = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&during);
    let watcher = move |_: &_, _, now: Option<&Arc<Context>>| {
        count.fetch_max(now.map_or(0, Arc::strong_count), Ordering::Relaxed);
    };
    thread.interpreter().add_watcher(Arc::new(watcher)).unwrap();
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    assert_eq!(during.load(Ordering::Relaxed), 3);
    assert_eq!(Arc::strong_count(&a), 2);
    thread.exit(&thread, &a).unwrap();
    assert_eq!(Arc::strong_count(&a), 1);
}

/// Checks from the drop of a local that `now` is current, and that the thread can be used.
fn looks_around(now: Option<&'static str>, act: impl FnOnce() + Send) -> impl FnOnce() + Send {
    move || {
        with_current(|thread| {
            assert_eq!(current(thread), now);
            let own = context("own");
            thread.enter(thread, Arc::clone(&own)).unwrap();
            assert_eq!(current(thread), Some("own"));
            thread.exit(thread, &own).unwrap();
        });
        act();
    }
}

#[test]
fn a_drop_at_exit_finds_the_context_left() {
    let (dropped, act) = counter();
    let [outer, a] = ["outer", "a"].map(context);
    on_new_thread(|thread| {
        thread.enter(thread, Arc::clone(&outer)).unwrap();
        thread.enter(thread, Arc::clone(&a)).unwrap();
        let before = thread.context_version();
        let left = {
            let (a, count) = (Arc::clone(&a), act());
            move || {
                assert_eq!(a.claim.holder(), Holder::Nobody);
                with_current(|thread| assert_eq!(switches_since(thread, before), 3));
                count();
            }
        };
        // One switch is the exit, two are of the look around.
        when_left(thread, looks_around(Some("outer"), left));
        thread.exit(thread, &a).unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        when_left(thread, looks_around(None, act()));
        thread.exit(thread, &outer).unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_drop_at_replace_finds_the_new_base() {
    let (dropped, act) = counter();
    on_new_thread(|thread| {
        thread.install_base(context("old")).unwrap();
        when_left(thread, looks_around(Some("new"), act()));
        thread
            .replace_context(thread, Some(context("new")))
            .unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        assert_eq!(names(thread), ["new"]);
    });
}

#[test]
fn a_default_may_install_the_base_itself() {
    on_new_thread(|thread| {
        on_next_default(|| with_current(|thread| thread.install_base(context("first")).unwrap()));
        let second = context("second");
        assert!(thread.install_base(Arc::clone(&second)).is_err());
        assert_eq!(second.claim.holder(), Holder::Nobody);
        assert_eq!(names(thread), ["first"]);
    });
}

#[test]
fn a_default_that_enters_makes_replacing_be_refused() {
    on_new_thread(|thread| {
        let enter = || with_current(|thread| thread.enter(thread, context("a")).unwrap());
        on_next_default(enter);
        assert!(thread.replace_context(thread, None).is_err());
        assert_eq!(names(thread), ["a"]);
    });
}

#[test]
fn a_drop_that_panics_at_exit_finds_the_context_left() {
    let thread = thread();
    let a = context("a");
    thread.enter(&thread, context("outer")).unwrap();
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    when_left(&thread, || fail());
    assert_fails(|| thread.exit(&thread, &a));
    assert_eq!(names(&thread), ["outer"]);
    assert_eq!(a.claim.holder(), Holder::Nobody);
    assert_eq!(Arc::strong_count(&a), 1);
}
