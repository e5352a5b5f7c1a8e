//! When contexts and handles are dropped, and what their drops may do.

use crate::named::{
    Context, assert_fails, context, current, fail, names, on_new_thread, switches_since, thread,
    when_dropped, with_current,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Returns a counter, and a function whose closures increment it.
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
fn the_data_of_a_thread_is_notified_of_each_context_that_is_left() {
    let thread = thread();
    let [a, b] = ["a", "b"].map(context);
    thread.enter(&thread, Arc::clone(&a)).unwrap();
    thread.enter(&thread, Arc::clone(&b)).unwrap();
    assert!(thread.exit(&thread, &a).is_err());
    assert_eq!(thread.local().get(), 0);
    thread.exit(&thread, &b).unwrap();
    assert_eq!(thread.local().get(), 1);
    thread.exit(&thread, &a).unwrap();
    assert_eq!(thread.local().get(), 2);
    thread.install_base(a).unwrap();
    thread.replace_context(&thread, None).unwrap();
    assert_eq!(thread.local().get(), 3);
}

#[test]
fn a_context_is_dropped_when_it_is_left() {
    let thread = thread();
    let (dropped, act) = counter();
    let enter = |name| thread.enter(&thread, context(name)).unwrap();
    enter("a");
    when_dropped(&thread, act());
    enter("b");
    let exit = || thread.exit(&thread, &thread.context(&thread).unwrap());
    exit().unwrap();
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    exit().unwrap();
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

/// Returns a hook which checks that `now` is current and that the thread can be used.
fn check_thread(now: Option<&'static str>, act: impl FnOnce() + Send) -> impl FnOnce() + Send {
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
fn a_drop_after_exit_finds_the_context_left() {
    let (dropped, act) = counter();
    on_new_thread(|thread| {
        thread.enter(thread, context("outer")).unwrap();
        thread.enter(thread, context("a")).unwrap();
        let before = thread.context_version();
        let count = act();
        let left = move || {
            with_current(|thread| assert_eq!(switches_since(thread, before), 3));
            count();
        };
        // One switch is the exit, two are made by `check_thread`.
        when_dropped(thread, check_thread(Some("outer"), left));
        let exit = || thread.exit(thread, &thread.context(thread).unwrap());
        exit().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        when_dropped(thread, check_thread(None, act()));
        exit().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_drop_that_panics_at_exit_finds_the_context_left() {
    let thread = thread();
    thread.enter(&thread, context("outer")).unwrap();
    thread.enter(&thread, context("a")).unwrap();
    when_dropped(&thread, || fail());
    assert_fails(|| {
        let a = thread.context(&thread).unwrap();
        thread.exit(&thread, &a)
    });
    assert_eq!(names(&thread), ["outer"]);
}
