//! The subjects: the engine, and the types at the root of the crate over the embedded host.

use contextvars::{ContextVar, copy_context};
use instructions as engine;

use super::library::Library;
use crate::workload::Value;

/// A kind of values of the engine.
pub trait Word: engine::Value + Value {}
impl<V: engine::Value + Value> Word for V {}

/// The engine, with the thread's state at hand.
pub struct Engine<V: Word>(engine::Thread<V>);

impl<V: Word> Engine<V> {
    pub fn new() -> Self {
        Engine(engine::thread())
    }
}

impl<V: Word> Library for Engine<V> {
    type Value = V;
    type Var = engine::Var;
    type Context = engine::Context<V>;
    type Token = engine::Token<V>;

    fn value(&self, number: u64) -> V {
        V::of(number)
    }

    fn word(value: &V) -> u64 {
        value.word()
    }

    fn variable(&self) -> engine::Var {
        engine::variable()
    }

    fn context(&self) -> engine::Context<V> {
        engine::context()
    }

    fn copy_current(&self) -> engine::Context<V> {
        engine::copy_current(&self.0)
    }

    fn read(&self, var: &engine::Var, default: Option<&V>) -> u64 {
        engine::lookup(&self.0, var, |value| value.or(default).map_or(0, V::word))
    }

    fn get(&self, var: &engine::Var) -> Option<V> {
        engine::lookup(&self.0, var, |value| value.cloned())
    }

    fn set(&self, var: &engine::Var, value: &V) -> engine::Token<V> {
        engine::set(&self.0, var, value.clone())
    }

    fn reset(&self, var: &engine::Var, token: engine::Token<V>) {
        assert!(engine::reset(&self.0, var, &token), "it was the last set");
    }

    fn scoped(&self, var: &engine::Var, value: &V, body: impl FnOnce()) {
        let undone = engine::scoped(&self.0, var, value.clone(), body);
        assert!(undone, "the body switches no context");
    }

    fn run(&self, context: &engine::Context<V>, body: impl FnOnce()) {
        assert!(engine::run(&self.0, context, body), "no thread is in it");
    }

    fn run_alone(&self, context: &mut engine::Context<V>, body: impl FnOnce()) {
        let ran = engine::run_alone(&self.0, context, body);
        assert!(ran, "no thread is in it");
    }

    fn item(&self, context: &engine::Context<V>, var: &engine::Var) -> Option<V> {
        engine::item(context, var)
    }

    fn sum(&self, context: &engine::Context<V>) -> u64 {
        engine::sum(context, V::word)
    }
}

/// The root types, as a program without an interpreter uses them.
pub struct Root {
    /// Whether the values are counted.
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
