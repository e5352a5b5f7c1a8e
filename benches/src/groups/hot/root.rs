//! The types at the root of the crate, over the embedded host, as a program without an
//! interpreter uses them.

use contextvars::{Context, ContextVar, Token, Value, copy_context};

use super::library::Library;

/// The root types, with values of one kind.
pub struct Root {
    /// Whether the values are counted.
    pub counted: bool,
}

impl Library for Root {
    type Value = Value;
    type Var = ContextVar;
    type Context = Context;
    type Token = Token;

    fn value(&self, number: u64) -> Value {
        if self.counted {
            Value::from(number.to_string().as_str())
        } else {
            Value::from(number as i64)
        }
    }

    #[inline]
    fn word(value: &Value) -> u64 {
        match value {
            Value::Int(number) => *number as u64,
            Value::Str(text) => text.len() as u64,
            _ => 0,
        }
    }

    #[inline]
    fn variable(&self) -> ContextVar {
        ContextVar::new("request")
    }

    fn context(&self) -> Context {
        Context::new()
    }

    #[inline]
    fn share(&self, context: &Context) -> Context {
        context.clone()
    }

    #[inline]
    fn copy_current(&self) -> Context {
        copy_context()
    }

    #[inline]
    fn read(&self, var: &ContextVar) -> u64 {
        var.with(|value| value.map_or(0, Self::word))
    }

    #[inline]
    fn get(&self, var: &ContextVar) -> Option<Value> {
        var.get().ok()
    }

    #[inline]
    fn read_or(&self, var: &ContextVar, default: &Value) -> u64 {
        var.with(|value| Self::word(value.unwrap_or(default)))
    }

    #[inline]
    fn set(&self, var: &ContextVar, value: &Value) -> Token {
        var.set(value.clone())
    }

    #[inline]
    fn reset(&self, var: &ContextVar, token: Token) {
        var.reset(&token)
            .expect("it is the last set of this variable here");
    }

    #[inline]
    fn scoped(&self, var: &ContextVar, value: &Value, body: impl FnOnce()) {
        var.scoped(value.clone(), body)
            .expect("the body switches no context");
    }

    #[inline]
    fn enter(&self, context: &Context) {
        context.enter().expect("nobody is in it");
    }

    #[inline]
    fn exit(&self, context: &Context) {
        context.exit().expect("it is the current one");
    }

    #[inline]
    fn run(&self, context: &Context, body: impl FnOnce()) {
        context.run(body).expect("nobody is in it");
    }

    #[inline]
    fn run_alone(&self, context: &mut Context, body: impl FnOnce()) {
        context.run_mut(body).expect("nobody is in it");
    }

    #[inline]
    fn item(&self, context: &Context, var: &ContextVar) -> Option<Value> {
        context.get(var)
    }

    #[inline]
    fn sum(&self, context: &Context) -> u64 {
        let words = context.iter().map(|(_, value)| Self::word(&value));
        words.fold(0, u64::wrapping_add)
    }
}
