//! The engine with values of one kind, and with the thread's state at hand: as an interpreter uses it,
//! without a host's objects. This alone changes when the engine's interface does.

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

/// Who counts: bindings, and the handles of contexts and variables.
pub trait Counts: 'static {
    /// How bindings are counted.
    type Kind: engine::Kind<Refused = Infallible>;
    /// A counted pointer of the host's.
    type Handle<T: 'static>: Clone + Deref<Target = T>;

    /// Makes a pointer to what `make` makes.
    fn new<T>(make: impl FnOnce() -> T) -> Self::Handle<T>;

    /// Borrows the value, if this is the only pointer.
    fn get_mut<T>(handle: &mut Self::Handle<T>) -> Option<&mut T>;
}

/// Atomic operations count.
pub enum Atomic {}
/// Plain operations count, as in a host of one thread.
pub enum Plain {}

macro_rules! counts {
    ($counts:ty, $kind:ty, $handle:ident, |$make:ident| $new:expr) => {
        impl Counts for $counts {
            type Kind = $kind;
            type Handle<T: 'static> = $handle<T>;

            #[inline]
            fn new<T>($make: impl FnOnce() -> T) -> $handle<T> {
                $new
            }

            #[inline]
            fn get_mut<T>(handle: &mut $handle<T>) -> Option<&mut T> {
                $handle::get_mut(handle)
            }
        }
    };
}

counts!(Atomic, AtomicCounts, Shared, |make| Shared::new_with(make));
counts!(Plain, PlainCounts, Rc, |make| Rc::new(make()));

/// The engine's family with values of the type `V`.
pub struct Family<V, C>(PhantomData<fn() -> (V, C)>);

/// A handle to a context.
pub type Context<V, C> = <C as Counts>::Handle<ContextState<Family<V, C>>>;
/// A handle to a variable.
pub type Var<C> = <C as Counts>::Handle<Variable>;

/// What a library of context variables would have in a variable, without a default.
pub struct Variable {
    key: VarKey,
    /// The name, which is in the program's text.
    pub name: &'static str,
}

// SAFETY: a handle is a counted pointer, and the state in the context stays where it is.
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
        C::get_mut(context)
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
    type Var = Var<C>;
    type Value = V;
    type Kind = C::Kind;

    #[inline]
    fn key(var: &Var<C>) -> VarKey {
        var.key
    }

    #[inline]
    fn clone_var((): (), var: &Var<C>) -> Var<C> {
        var.clone()
    }
}

fn allocate<V: Value, C: Counts>(
    state: ContextState<Family<V, C>>,
) -> Result<Context<V, C>, Infallible> {
    Ok(C::new(|| state))
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
    type Var = Var<C>;
    type Context = Context<V, C>;
    type Token = TokenState<Family<V, C>>;

    fn value(&self, number: u64) -> V {
        V::of(number)
    }

    fn word(value: &V) -> u64 {
        value.word()
    }

    #[inline]
    fn variable(&self) -> Var<C> {
        let (key, name) = (VarKey::next(), "request");
        C::new(|| Variable { key, name })
    }

    fn context(&self) -> Context<V, C> {
        C::new(|| ContextState::new(Bindings::<Family<V, C>>::default()))
    }

    #[inline]
    fn copy_current(&self) -> Context<V, C> {
        C::new(|| engine::copy_current(&self.0))
    }

    #[inline]
    fn read(&self, var: &Var<C>, default: Option<&V>) -> u64 {
        let word = |value: Option<&V>| value.or(default).map_or(0, V::word);
        engine::lookup(&self.0, var.key, word)
    }

    #[inline]
    fn get(&self, var: &Var<C>) -> Option<V> {
        engine::lookup(&self.0, var.key, |value| value.cloned())
    }

    #[inline]
    fn set(&self, var: &Var<C>, value: &V) -> Self::Token {
        let Ok(token) = engine::set((), &self.0, var, value.clone(), allocate);
        token
    }

    #[inline]
    fn reset(&self, var: &Var<C>, token: Self::Token) {
        let restored = token.restore(&self.0, var);
        assert!(restored.is_ok(), "it was the last set");
    }

    #[inline]
    fn scoped(&self, var: &Var<C>, value: &V, body: impl FnOnce()) {
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
        let make = |state| Ok::<_, RunError>(C::new(|| state));
        let ran = engine::with_bindings((), &self.0, captured, make, body);
        assert!(ran.is_ok(), "the body switches no context");
    }

    #[inline]
    fn item(&self, context: &Context<V, C>, var: &Var<C>) -> Option<V> {
        context.value(var.key, V::clone)
    }

    #[inline]
    fn sum(&self, context: &Context<V, C>) -> u64 {
        let bindings = context.snapshot();
        let words = bindings.iter().map(|entry| entry.value().word());
        words.fold(0, u64::wrapping_add)
    }
}
