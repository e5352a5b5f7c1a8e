//! The types at the root of `contextvars`, over the embedded host.

use contextvars::{ContextVar, copy_context};
use instructions::library::Library;

/// The root types, as a program without an interpreter uses them.
pub struct Root {
    /// `true` if the values are reference-counted.
    pub counted: bool,
}

impl Library for Root {
    type Value = contextvars::Value;
    type Var = ContextVar;
    type Context = contextvars::Context;
    type Token = contextvars::Token;

    fn value(&self, number: u64) -> Self::Value {
        match self.counted {
            true => Self::Value::from(number.to_string().as_str()),
            false => Self::Value::from(number as i64),
        }
    }

    fn word(value: &Self::Value) -> u64 {
        match value {
            contextvars::Value::Int(number) => *number as u64,
            contextvars::Value::Str(text) => text.len() as u64,
            _ => 0,
        }
    }

    fn variable(&self) -> ContextVar {
        ContextVar::new("request")
    }

    fn context(&self) -> Self::Context {
        contextvars::Context::new()
    }

    fn copy_current(&self) -> Self::Context {
        copy_context()
    }

    fn read(&self, var: &ContextVar, default: Option<&Self::Value>) -> u64 {
        var.with(|value| value.or(default).map_or(0, Self::word))
    }

    fn get(&self, var: &ContextVar) -> Option<Self::Value> {
        var.get().ok()
    }

    fn set(&self, var: &ContextVar, value: &Self::Value) -> Self::Token {
        var.set(value.clone())
    }

    fn reset(&self, var: &ContextVar, token: Self::Token) {
        var.reset(&token).expect("it was the last set");
    }

    fn scoped(&self, var: &ContextVar, value: &Self::Value, body: impl FnOnce()) {
        let done = var.scoped(value.clone(), body);
        done.expect("the body switches no context");
    }

    fn run(&self, context: &Self::Context, body: impl FnOnce()) {
        context.run(body).expect("no thread is in it");
    }

    fn run_alone(&self, context: &mut Self::Context, body: impl FnOnce()) {
        context.run_mut(body).expect("no thread is in it");
    }

    fn item(&self, context: &Self::Context, var: &ContextVar) -> Option<Self::Value> {
        context.get(var)
    }

    fn sum(&self, context: &Self::Context) -> u64 {
        let words = context.iter().map(|(_, value)| Self::word(&value));
        words.fold(0, u64::wrapping_add)
    }
}
