//! The engine with values of one kind, and with the thread's state at hand: as an interpreter uses it,
//! without a host's objects. This alone changes when the engine's interface does.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

use contextvars::Event;
use contextvars::engine::{
    self, AtomicCounts, Bindings, ContextState, Domain, Local, TokenState, VarKey,
};
use pyobj::std_host::Shared;
use threadstate::{Interpreter, OnUnwind, Stack, Thread};

use crate::library::Library;
use crate::workload::Value;

/// A kind of values of the engine.
pub trait Word: Value + Send + Sync {}
impl<V: Value + Send + Sync> Word for V {}

/// The engine with values of the kind `V`.
pub struct Plain<V>(PhantomData<fn() -> V>);

/// A handle to a context.
pub type Context<V> = Shared<ContextState<Plain<V>>>;
/// A handle to a variable.
pub type Var = Shared<Variable>;

/// What a library of context variables would have in a variable, without a default.
pub struct Variable {
    key: VarKey,
    /// The name, which is in the program's text.
    pub name: &'static str,
}

// SAFETY: a handle is a counted pointer, and the state in the context stays where it is.
unsafe impl<V: Word> Stack for Plain<V> {
    type Vm<'a> = ();
    type Context = Context<V>;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = fn();

    #[inline]
    fn state(context: &Context<V>) -> &ContextState<Self> {
        context
    }

    #[inline]
    fn state_mut(context: &mut Context<V>) -> Option<&mut ContextState<Self>> {
        context.get_mut()
    }

    #[inline]
    fn clone_context((): (), context: &Context<V>) -> Context<V> {
        context.clone()
    }

    fn call_watcher((): (), watcher: &fn(), _: Event, _: Option<&Context<V>>) {
        watcher();
    }
}

impl<V: Word> Domain for Plain<V> {
    type Var = Var;
    type Value = V;
    type Kind = AtomicCounts;

    #[inline]
    fn key(var: &Var) -> VarKey {
        var.key
    }

    #[inline]
    fn clone_var((): (), var: &Var) -> Var {
        var.clone()
    }
}

fn allocate<V: Word>(state: ContextState<Plain<V>>) -> Result<Context<V>, Infallible> {
    Ok(Shared::new(state))
}

/// The engine, with the state of a thread.
pub struct Engine<V: Word>(Thread<Plain<V>>);

impl<V: Word> Default for Engine<V> {
    fn default() -> Self {
        Engine(Thread::new(&Arc::new(Interpreter::new())))
    }
}

impl<V: Word> Library for Engine<V> {
    type Value = V;
    type Var = Var;
    type Context = Context<V>;
    type Token = TokenState<Plain<V>>;

    fn value(&self, number: u64) -> V {
        V::of(number)
    }

    fn word(value: &V) -> u64 {
        value.word()
    }

    #[inline]
    fn variable(&self) -> Var {
        let (key, name) = (VarKey::next(), "request");
        Shared::new(Variable { key, name })
    }

    fn context(&self) -> Context<V> {
        Shared::new(ContextState::new(Bindings::<Plain<V>>::new()))
    }

    #[inline]
    fn copy_current(&self) -> Context<V> {
        Shared::new_with(|| engine::copy_current(&self.0))
    }

    #[inline]
    fn read(&self, var: &Var, default: Option<&V>) -> u64 {
        let word = |value: Option<&V>| value.or(default).map_or(0, V::word);
        engine::lookup(&self.0, var.key, word)
    }

    #[inline]
    fn get(&self, var: &Var) -> Option<V> {
        engine::lookup(&self.0, var.key, |value| value.cloned())
    }

    #[inline]
    fn set(&self, var: &Var, value: &V) -> Self::Token {
        let Ok(token) = engine::set((), &self.0, var, value.clone(), allocate);
        token
    }

    #[inline]
    fn reset(&self, var: &Var, token: Self::Token) {
        let restored = token.restore(&self.0, var);
        assert!(restored.is_ok(), "it was the last set");
    }

    #[inline]
    fn scoped(&self, var: &Var, value: &V, body: impl FnOnce()) {
        let Ok(bound) = engine::set_scoped((), &self.0, var, value.clone(), allocate);
        let scope = OnUnwind::new((), &self.0, || bound.restore(&self.0));
        body();
        assert_eq!(scope.undo(), Ok(true), "the body switches no context");
    }

    #[inline]
    fn run(&self, context: &Context<V>, body: impl FnOnce()) {
        let ran = self.0.run((), context, body);
        assert!(ran.is_ok(), "no thread is in it");
    }

    #[inline]
    fn run_alone(&self, context: &mut Context<V>, body: impl FnOnce()) {
        let ran = self.0.run_mut((), context, body);
        assert!(ran.is_ok(), "no thread is in it");
    }

    #[inline]
    fn item(&self, context: &Context<V>, var: &Var) -> Option<V> {
        context.value(var.key, V::clone)
    }

    #[inline]
    fn sum(&self, context: &Context<V>) -> u64 {
        let bindings = context.snapshot();
        let words = bindings.iter().map(|entry| entry.value().word());
        words.fold(0, u64::wrapping_add)
    }
}
