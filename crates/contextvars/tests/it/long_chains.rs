//! Chains of 100 000 nested values, which are dropped on a small native stack.

use crate::values::{Counted, OnDrop};
use contextvars::{Context, ContextVar, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const LINKS: usize = if cfg!(miri) { 70 } else { 100_000 };
/// The size of the native stack in bytes. Miri does not use it.
const STACK: usize = 256 << 10;

/// Creates the next link of a chain, which holds a value.
type Link = fn(&ContextVar, Value) -> Value;

fn bound(var: &ContextVar, value: Value) -> Context {
    let context = Context::new();
    context.run(|| drop(var.set(value))).unwrap();
    context
}

const KINDS: [(&str, Link); 6] = [
    ("a context", |var, value| Value::from(bound(var, value))),
    ("a list in a context", |var, value| {
        Value::from(bound(var, Value::list([value])))
    }),
    ("the older of two values", |var, value| {
        let context = bound(var, value);
        Value::from(context.run(|| var.set(1)).unwrap())
    }),
    ("an iterator over a context", |var, value| {
        Value::from(bound(var, value)).iter().unwrap()
    }),
    ("the default of a variable", |_, value| {
        Value::from(ContextVar::with_default("link", value))
    }),
    ("a variable whose default is bound", |_, value| {
        let var = ContextVar::with_default("link", value);
        Value::from(bound(&var, Value::None))
    }),
];

/// Runs `body` for each kind of link, on a thread with a small stack.
fn for_each_kind(body: impl Fn(Link, &ContextVar) + Copy + Send + 'static) {
    for (kind, link) in KINDS {
        let on_stack = thread::Builder::new().name(kind.into()).stack_size(STACK);
        let thread = on_stack.spawn(move || body(link, &ContextVar::new("v")));
        assert!(thread.unwrap().join().is_ok(), "{kind}");
    }
}

/// Returns a chain. Its first link and each hundredth one hold a counted value. The drop
/// of a value in link number `panics` panics.
fn chain(
    links: usize,
    link: Link,
    var: &ContextVar,
    live: &Arc<AtomicUsize>,
    panics: Option<usize>,
) -> Value {
    (0..links).fold(Counted::value(live), |inner, number| {
        let inner = link(var, inner);
        if panics == Some(number) {
            let value = OnDrop::value(|| panic!("on purpose"));
            Value::list([value, inner])
        } else if number % 100 == 0 {
            Value::list([inner, Counted::value(live)])
        } else {
            inner
        }
    })
}

#[test]
fn are_dropped_at_once_and_need_no_deep_stack() {
    for_each_kind(|link, var| {
        let live = Arc::default();
        let chain = chain(LINKS, link, var, &live, None);
        assert_eq!(live.load(Ordering::SeqCst), 1 + LINKS.div_ceil(100));
        drop(chain);
        assert_eq!(live.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn are_dropped_to_the_end_where_one_value_panics() {
    for_each_kind(|link, var| {
        let links = if cfg!(miri) { 110 } else { 200 };
        // In the middle, and at each level at which drops may begin to be deferred.
        let step = if cfg!(miri) { 47 } else { 1 };
        for number in (links - 100..links).step_by(step).chain([links / 2]) {
            let live = Arc::default();
            let chain = chain(links, link, var, &live, Some(number));
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(chain)));
            assert!(dropped.is_err(), "the panic is propagated");
            assert_eq!(live.load(Ordering::SeqCst), 0);
        }
    });
}

/// Thread-locals are destroyed in an unspecified order. The chain is in one, and those that
/// its drop uses may already be destroyed.
#[test]
fn are_dropped_at_the_end_of_a_thread() {
    thread_local!(static KEPT: std::cell::RefCell<Vec<Value>> = const { std::cell::RefCell::new(Vec::new()) });
    let live = Arc::new(AtomicUsize::new(0));
    for late in [false, true] {
        let inner = Arc::clone(&live);
        let small = thread::Builder::new().stack_size(STACK);
        let thread = small.spawn(move || {
            if late {
                // Registered first, and so destroyed last.
                KEPT.with(|_| ());
            }
            let var = ContextVar::new("v");
            let chain = chain(LINKS, KINDS[0].1, &var, &inner, None);
            KEPT.with(|kept| kept.borrow_mut().push(chain));
        });
        thread.unwrap().join().unwrap();
        assert_eq!(live.load(Ordering::SeqCst), 0);
    }
}
