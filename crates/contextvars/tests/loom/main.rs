//! Models of two threads that use one context, in every interleaving.
#![cfg(loom)]

mod first_key;
mod kept;
#[path = "../plain/mod.rs"]
mod plain;

use contextvars::{Context, ContextVar, Interpreter, Thread, Token, Value};
use loom::thread::{self, JoinHandle};
use pyobj::DirectHandle;
use std::sync::Arc;

/// Starts a thread with its own state.
fn spawn<R: 'static>(body: impl FnOnce(&Thread) -> R + 'static) -> JoinHandle<R> {
    thread::spawn(move || body(&Thread::new(&Arc::new(Interpreter::new()))))
}

fn here() -> Thread {
    Thread::new(&Arc::new(Interpreter::new()))
}

fn int(value: Option<Value>) -> Option<i64> {
    value.and_then(|value| value.as_int())
}

/// Returns a context in which `var` has been set to 1 and then to 2, and the token of
/// the second set.
fn set_twice() -> (Context, ContextVar, Token) {
    let (thread, context, var) = (here(), Context::new(), ContextVar::new("v"));
    let token = context.run_on(&thread, || {
        var.set_on(&thread, 1);
        var.set_on(&thread, 2)
    });
    (context, var, token.unwrap())
}

/// If two threads reset with one token, exactly one restores. The other cannot
/// enter the context, or finds the token used.
#[test]
fn token_against_token() {
    loom::model(|| {
        let (context, var, token) = set_twice();
        let reset = |context: Context, var: ContextVar, token: Token| {
            move |thread: &Thread| {
                context
                    .run_on(thread, || var.reset_on(thread, &token).is_ok())
                    .unwrap_or(false)
            }
        };
        let other = spawn(reset(context.clone(), var.clone(), token.clone()));
        let first = reset(context.clone(), var.clone(), token.clone())(&here());
        let second = other.join().unwrap();
        assert!(first != second, "one restores: {first} and {second}");
        assert!(token.is_used());
        assert_eq!(int(context.get(&var)), Some(1));
    });

    // A thread in another context is always refused.
    loom::model(|| {
        let (context, var, token) = set_twice();
        let elsewhere = {
            let (var, token) = (var.clone(), token.clone());
            spawn(move |thread| {
                let context = Context::new();
                context
                    .run_on(thread, || var.reset_on(thread, &token).is_err())
                    .unwrap()
            })
        };
        let thread = here();
        context
            .run_on(&thread, || var.reset_on(&thread, &token))
            .unwrap()
            .unwrap();
        assert!(elsewhere.join().unwrap());
        assert_eq!(int(context.get(&var)), Some(1));
    });
}

/// A reader on another thread sees whole versions, in the order in which they were
/// created.
#[test]
fn copy_and_read_against_set_and_reset() {
    loom::model(|| {
        let (thread, context) = (here(), Context::new());
        let (a, b) = (ContextVar::new("a"), ContextVar::new("b"));
        context.run_on(&thread, || a.set_on(&thread, 0)).unwrap();

        let reader = {
            let (context, a, b) = (context.clone(), a.clone(), b.clone());
            thread::spawn(move || {
                let mut last = 0;
                for _ in 0..2 {
                    let copy = context.copy();
                    let step = match (int(copy.get(&a)), int(copy.get(&b))) {
                        (Some(0), None) => 0,
                        (Some(1), None) => 1,
                        (Some(1), Some(1)) => 2,
                        (Some(0), Some(1)) => 3,
                        torn => panic!("torn: {torn:?}"),
                    };
                    assert!(step >= last, "went back from {last} to {step}");
                    last = step;
                }
                // A read without a copy sees one of these versions.
                assert!(context.contains(&a) && !context.is_empty());
            })
        };
        context
            .run_on(&thread, || {
                let token = a.set_on(&thread, 1);
                b.set_on(&thread, 1);
                a.reset_on(&thread, &token).unwrap();
                assert_eq!(int(a.get_on(&thread).ok()), Some(0));
            })
            .unwrap();
        reader.join().unwrap();
        assert_eq!(context.len(), 2);
    });
}

/// The owner of a context reads its bindings without a lock. So changes by a previous
/// owner, or by a collector that clears the context, are complete before it does.
#[test]
fn reads_of_the_owner_against_changes() {
    // Two threads run in one context, one after the other.
    loom::model(|| {
        let (context, var) = (Context::new(), ContextVar::new("v"));
        let count = |context: &Context, var: &ContextVar, thread: &Thread| {
            context.run_on(thread, || {
                let seen = var.get_or_on(thread, 0).as_int().unwrap_or(-1);
                var.set_on(thread, seen + 1);
            })
        };
        let other = {
            let (context, var) = (context.clone(), var.clone());
            spawn(move |thread| count(&context, &var, thread).is_ok())
        };
        let here = count(&context, &var, &here()).is_ok();
        let runs = [here, other.join().unwrap()];
        let runs = runs.into_iter().filter(|ran| *ran).count();
        assert_eq!(int(context.get(&var)), Some(runs as i64), "no set is lost");
    });

    // One thread enters and reads while another clears.
    loom::model(|| {
        let (thread, context, var) = (here(), Context::new(), ContextVar::new("v"));
        context.run_on(&thread, || var.set_on(&thread, 1)).unwrap();
        let clearing = {
            let context = context.clone();
            thread::spawn(move || context.payload().clear())
        };
        let seen = context.run_on(&thread, || {
            let first = int(var.get_on(&thread).ok());
            (first, int(var.get_on(&thread).ok()))
        });
        if let Ok((first, second)) = seen {
            assert_eq!(first, second, "cleared while a thread was in it");
        }
        clearing.join().unwrap();
    });
}
