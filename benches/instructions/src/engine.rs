//! The engine as a [`Library`], with the thread's state passed as an argument: as an interpreter uses
//! it, without a host's objects. Only this file changes when the engine's interface does.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use contextvars::Event;
use contextvars::engine::{
    self, AtomicCounts, Bindings, ContextState, Domain, Local, PlainCounts, RunError, TokenState,
    VarKey,
};
use pyobj::std_host::Shared;
use threadstate::{Interpreter, Stack, Thread};

use crate::library::Library;
use crate::workload::Value;

/// How bindings and handles of variables are reference-counted. Handles of contexts are always the
/// embedded host's, which reuses freed memory as an interpreter does.
pub trait Counts: 'static {
    /// The kind of counts of bindings.
    type Kind: engine::Kind<Refused = Infallible>;
    /// A handle to a variable.
    type Var: Clone + Deref<Target = Variable> + 'static;

    /// Creates a handle.
    fn var(variable: Variable) -> Self::Var;
}

/// Atomic reference counts.
pub enum Atomic {}
/// Plain reference counts, as in a host with one thread.
pub enum Plain {}

impl Counts for Atomic {
    type Kind = AtomicCounts;
    type Var = Shared<Variable>;

    #[inline]
    fn var(variable: Variable) -> Self::Var {
        Shared::new(variable)
    }
}

impl Counts for Plain {
    type Kind = PlainCounts;
    type Var = Rc<Variable>;

    #[inline]
    fn var(variable: Variable) -> Self::Var {
        Rc::new(variable)
    }
}

/// The engine's domain with values of type `V`.
pub struct Family<V, C>(PhantomData<fn() -> (V, C)>);

/// A handle to a context.
pub type Context<V, C> = Shared<ContextState<Family<V, C>>>;

/// A variable without a default, as a library of context variables would store it.
pub struct Variable {
    key: VarKey,
    /// The name, a literal of the program.
    pub name: &'static str,
}

// SAFETY: a handle is a counted pointer, and the state in the context does not move.
unsafe impl<V: Value, C: Counts> Stack for Family<V, C> {
    type Vm<'a> = ();
    type Context = Context<V, C>;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = fn();

    #[inline]
    fn state(context: &Context<V, C>) -> &ContextState<Self> {
        context
    }

    #[inline]
    fn state_mut(context: &mut Context<V, C>) -> Option<&mut ContextState<Self>> {
        context.get_mut()
    }

    #[inline]
    fn clone_context((): (), context: &Context<V, C>) -> Context<V, C> {
        context.clone()
    }

    fn call_watcher((): (), watcher: &fn(), _: Event, _: Option<&Context<V, C>>) {
        watcher();
    }
}

impl<V: Value, C: Counts> Domain for Family<V, C> {
    type Var = C::Var;
    type Value = V;
    type Kind = C::Kind;

    #[inline]
    fn key(var: &C::Var) -> VarKey {
        var.key
    }

    #[inline]
    fn clone_var((): (), var: &C::Var) -> C::Var {
        var.clone()
    }
}

fn allocate<V: Value, C: Counts>(
    state: ContextState<Family<V, C>>,
) -> Result<Context<V, C>, Infallible> {
    Ok(Shared::new_with(|| state))
}

/// The engine, with the state of a thread.
pub struct Engine<V: Value, C: Counts = Atomic>(Thread<Family<V, C>>);

impl<V: Value, C: Counts> Default for Engine<V, C> {
    fn default() -> Self {
        Engine(Thread::new(&Arc::new(Interpreter::new())))
    }
}

impl<V: Value, C: Counts> Library for Engine<V, C> {
    type Value = V;
    type Var = C::Var;
    type Context = Context<V, C>;
    type Token = TokenState<Family<V, C>>;

    fn value(&self, number: u64) -> V {
        V::of(number)
    }

    fn word(value: &V) -> u64 {
        value.word()
    }

    #[inline]
    fn variable(&self) -> C::Var {
        let (key, name) = (VarKey::next(), "request");
        C::var(Variable { key, name })
    }

    fn context(&self) -> Context<V, C> {
        Shared::new_with(|| ContextState::new(Bindings::<Family<V, C>>::default()))
    }

    #[inline]
    fn copy_current(&self) -> Context<V, C> {
        Shared::new_with(|| engine::copy_current(&self.0))
    }

    #[inline]
    fn read(&self, var: &C::Var, default: Option<&V>) -> u64 {
        let word = |value: Option<&V>| value.or(default).map_or(0, V::word);
        engine::lookup(&self.0, var.key, word)
    }

    #[inline]
    fn get(&self, var: &C::Var) -> Option<V> {
        engine::lookup(&self.0, var.key, |value| value.cloned())
    }

    #[inline]
    fn set(&self, var: &C::Var, value: &V) -> Self::Token {
        let Ok(token) = engine::set((), &self.0, var, value.clone(), allocate);
        token
    }

    #[inline]
    fn reset(&self, var: &C::Var, token: Self::Token) {
        let restored = token.restore(&self.0, var);
        assert!(restored.is_ok(), "it was the last set");
    }

    #[inline]
    fn scoped(&self, var: &C::Var, value: &V, body: impl FnOnce()) {
        let scoped = engine::scoped((), &self.0, var, value.clone(), allocate, body);
        let Ok((_, is_restored)) = scoped;
        assert!(is_restored, "the body switches no context");
    }

    #[inline]
    fn run(&self, context: &Context<V, C>, body: impl FnOnce()) {
        let ran = self.0.run((), context, body);
        assert!(ran.is_ok(), "no thread is in it");
    }

    #[inline]
    fn run_alone(&self, context: &mut Context<V, C>, body: impl FnOnce()) {
        let ran = self.0.run_mut((), context, body);
        assert!(ran.is_ok(), "no thread is in it");
    }

    #[inline]
    fn run_captured(&self, body: impl FnOnce()) {
        let captured = engine::bindings(&self.0);
        let make = |state| Ok::<_, RunError>(Shared::new_with(|| state));
        let ran = engine::with_bindings((), &self.0, captured, make, body);
        assert!(ran.is_ok(), "the body switches no context");
    }

    #[inline]
    fn item(&self, context: &Context<V, C>, var: &C::Var) -> Option<V> {
        context.value(var.key, V::clone)
    }

    #[inline]
    fn sum(&self, context: &Context<V, C>) -> u64 {
        let bindings = context.snapshot();
        let words = bindings.iter().map(|entry| entry.value().word());
        words.fold(0, u64::wrapping_add)
    }
}
