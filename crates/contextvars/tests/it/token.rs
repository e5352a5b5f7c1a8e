//! Tokens: their content, and the order of the checks of a reset.

use crate::values::{Counted, int, line};
use contextvars::{Context, ContextVar, Token, Value};
use pyobj::{DirectHandle, ExceptionKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn repr(token: &Token) -> String {
    Value::from(token).repr().unwrap()
}

#[test]
fn a_token_holds_variable_and_old_value() {
    Context::new()
        .run(|| {
            let var = ContextVar::new("v");
            let first = var.set(1);
            let second = var.set(2);
            assert!(first.var().is(&var));
            assert!(first.old_value().is(&Token::missing()));
            assert_eq!(int(second.old_value()), 1);
            assert!(!first.is_used());
        })
        .unwrap();
}

#[test]
fn tokens_may_be_used_out_of_order() {
    Context::new()
        .run(|| {
            let var = ContextVar::new("v");
            let first = var.set(1);
            let second = var.set(2);
            var.reset(&first).unwrap();
            assert!(var.get().is_err());
            var.reset(&second).unwrap();
            assert_eq!(int(var.get().unwrap()), 1);
        })
        .unwrap();
}

#[test]
fn a_used_token_is_refused_before_anything_else() {
    let (var, other) = (ContextVar::new("v"), ContextVar::new("w"));
    let context = Context::new();
    let token = context.run(|| var.set(1)).unwrap();
    context.run(|| var.reset(&token)).unwrap().unwrap();
    // Reset of another variable in another context: "used" is checked first.
    let expected = format!("RuntimeError: {} has already been used once", repr(&token));
    assert!(expected.contains("<Token used var="));
    assert_eq!(line(other.reset(&token)), expected);
}

#[test]
fn a_token_of_another_variable_is_refused_before_one_of_another_context() {
    let (var, other) = (ContextVar::new("v"), ContextVar::new("w"));
    let token = Context::new().run(|| var.set(1)).unwrap();
    let elsewhere = Context::new();
    let expected = format!(
        "ValueError: {} was created by a different ContextVar",
        repr(&token)
    );
    assert_eq!(
        line(elsewhere.run(|| other.reset(&token)).unwrap()),
        expected
    );
    let expected = format!(
        "ValueError: {} was created in a different Context",
        repr(&token)
    );
    assert_eq!(line(elsewhere.run(|| var.reset(&token)).unwrap()), expected);
    assert!(!token.is_used(), "a refused token is not used");
}

#[test]
fn a_reset_in_a_thread_without_a_context_gives_it_one() {
    let var = ContextVar::new("v");
    let token = Context::new().run(|| var.set(1)).unwrap();
    std::thread::spawn(move || {
        let refused = var.reset(&token);
        assert!(line(refused).ends_with("was created in a different Context"));
        contextvars::with_thread(|thread| assert!(thread.context(contextvars::Std).is_some()));
    })
    .join()
    .unwrap();
}

#[test]
fn unbinding_an_unbound_variable_raises_lookup_error_and_uses_the_token() {
    let (context, var) = (Context::new(), ContextVar::new("v"));
    let token = context.run(|| var.set(1)).unwrap();
    // Only a collector removes a binding without the token.
    context.payload().clear();
    let refused = context.run(|| var.reset(&token)).unwrap().unwrap_err();
    assert!(refused.is_a(ExceptionKind::LookupError));
    assert!(refused.args()[0].is(&Value::from(&var)));
    assert!(token.is_used());
}

#[test]
fn with_resets_on_every_path() {
    let (context, var) = (Context::new(), ContextVar::with_default("v", 0));
    context
        .run(|| {
            let inside = var
                .set(1)
                .run_with(|token| (token.clone(), var.get()))
                .unwrap();
            assert!(inside.0.is_used());
            assert_eq!(int(inside.1.unwrap()), 1);
            assert_eq!(int(var.get().unwrap()), 0);

            let token = var.set(2);
            let twice = token.run_with(|token| var.reset(token).unwrap());
            assert!(line(twice).ends_with("has already been used once"));
        })
        .unwrap();
}

#[test]
fn a_token_of_a_context_that_is_gone_is_refused_in_every_other() {
    let var = ContextVar::new("v");
    let count = if cfg!(miri) { 5 } else { 50 };
    let tokens: Vec<Token> = (0..count)
        .map(|_| Context::new().run(|| var.set(1)).unwrap())
        .collect();
    // New contexts, at the addresses of the dead ones, each with its own token.
    for _ in 0..count {
        Context::new()
            .run(|| {
                let own = var.set(2);
                for token in &tokens {
                    assert!(line(var.reset(token)).ends_with("was created in a different Context"));
                }
                var.reset(&own).unwrap();
            })
            .unwrap();
    }
}

#[test]
fn a_token_restores_on_any_thread_in_its_context() {
    let (context, var) = (Context::new(), ContextVar::new("v"));
    let (first, second) = context.run(|| (var.set(1), var.set(2))).unwrap();
    let elsewhere = context.clone();
    let at = var.clone();
    std::thread::spawn(move || elsewhere.run(|| at.reset(&second)).unwrap().unwrap())
        .join()
        .unwrap();
    assert_eq!(context.get(&var).map(int), Some(1));
    let copy = context.copy();
    assert!(copy.run(|| var.reset(&first)).unwrap().is_err());
    context.run(|| var.reset(&first)).unwrap().unwrap();
    assert!(context.is_empty());
}

#[test]
fn a_token_does_not_keep_its_context() {
    let live = Arc::new(AtomicUsize::new(0));
    let var = ContextVar::new("v");
    let token = Context::new()
        .run(|| var.set(Counted::value(&live)))
        .unwrap();
    assert_eq!(live.load(Ordering::SeqCst), 0);
    assert!(token.var().is(&var));
}
