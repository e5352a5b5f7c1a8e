//! The engine with values of two kinds, and with the thread's state at hand or looked up.
//!
//! All that this group knows of the engine stands here.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};

use contextvars::Event;
use contextvars::engine::{
    self, ContextState, Domain, Local, TokenState, VarKey, copy_current, lookup,
};
use pyobj::std_host::Shared;
use threadstate::{Interpreter, OnUnwind, Stack};

use super::kinds::Value;
use super::library::Library;

/// The state of a thread whose variables have values of the kind `V`.
pub type Thread<V> = threadstate::Thread<Plain<V>>;

/// Counted variables and contexts, and values as they come.
pub struct Plain<V>(PhantomData<fn() -> V>);

/// What a variable's handle counts: what a library of context variables would have, without a
/// default.
pub struct Variable {
    key: VarKey,
    name: &'static str,
}

// SAFETY: a handle is a counted pointer, and the state in the context stays where it is.
unsafe impl<V: Value> Stack for Plain<V> {
    type Vm<'a> = ();
    type Context = Shared<ContextState<Self>>;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = fn();

    #[inline]
    fn state(context: &Self::Context) -> &ContextState<Self> {
        context
    }

    #[inline]
    fn state_mut(context: &mut Self::Context) -> Option<&mut ContextState<Self>> {
        context.get_mut()
    }

    #[inline]
    fn clone_context((): (), context: &Self::Context) -> Self::Context {
        context.clone()
    }

    fn call_watcher((): (), watcher: &fn(), _: Event, _: Option<&Self::Context>) {
        watcher();
    }
}

impl<V: Value> Domain for Plain<V> {
    type Var = Shared<Variable>;
    type Value = V;

    #[inline]
    fn key(var: &Self::Var) -> VarKey {
        var.key
    }

    #[inline]
    fn clone_var((): (), var: &Self::Var) -> Self::Var {
        var.clone()
    }
}

static OF_NUMBERS: LazyLock<Arc<Interpreter<Plain<u64>>>> = LazyLock::new(Default::default);
static OF_HANDLES: LazyLock<Arc<Interpreter<Plain<Arc<u64>>>>> = LazyLock::new(Default::default);

threadstate::current_thread! {
    /// Runs `f` with the calling thread's state, for values that are numbers.
    pub fn with_thread_of_numbers<Plain<u64>> = Thread::new(&OF_NUMBERS)
}

threadstate::current_thread! {
    /// Runs `f` with the calling thread's state, for values that are counted.
    pub fn with_thread_of_handles<Plain<Arc<u64>>> = Thread::new(&OF_HANDLES)
}

/// A way to the thread's state.
pub trait Access<V: Value> {
    /// Runs `f` with the thread's state.
    fn with<R>(&self, f: impl FnOnce(&Thread<V>) -> R) -> R;
}

/// The state is at hand, as where it is an argument.
pub struct AtHand<V: Value>(Thread<V>);

impl<V: Value> AtHand<V> {
    /// Makes the state of a thread that has no context yet.
    pub fn new() -> Self {
        AtHand(Thread::new(&Arc::new(Interpreter::new())))
    }
}

impl<V: Value> Access<V> for AtHand<V> {
    #[inline]
    fn with<R>(&self, f: impl FnOnce(&Thread<V>) -> R) -> R {
        f(&self.0)
    }
}

/// The state is looked up as the current thread's at each operation.
pub struct LookedUp;

impl<V: Value> Access<V> for LookedUp {
    #[inline]
    fn with<R>(&self, f: impl FnOnce(&Thread<V>) -> R) -> R {
        V::with_thread(f)
    }
}

/// The engine.
pub struct Engine<V, A> {
    access: A,
    values: PhantomData<fn() -> V>,
}

impl<V: Value, A: Access<V>> Engine<V, A> {
    /// Takes the way to the thread's state.
    pub fn with(access: A) -> Self {
        Engine {
            access,
            values: PhantomData,
        }
    }
}

/// A context's handle.
pub type Context<V> = Shared<ContextState<Plain<V>>>;

fn allocate<V: Value>(state: ContextState<Plain<V>>) -> Result<Context<V>, Infallible> {
    Ok(Shared::new(state))
}

/// Copies a context that any thread may be in.
#[inline]
pub fn copy<V: Value>(context: &Context<V>) -> Context<V> {
    Shared::new(ContextState::new(context.snapshot()))
}

/// The number of variables that a context binds, whoever is in it.
#[inline]
pub fn len<V: Value>(context: &Context<V>) -> usize {
    context.len()
}

impl<V: Value, A: Access<V>> Library for Engine<V, A> {
    type Value = V;
    type Var = Shared<Variable>;
    type Context = Context<V>;
    type Token = TokenState<Plain<V>>;

    fn value(&self, number: u64) -> V {
        V::of(number)
    }

    #[inline]
    fn word(value: &V) -> u64 {
        value.word()
    }

    #[inline]
    fn variable(&self) -> Shared<Variable> {
        let var = Variable {
            key: VarKey::next(),
            name: "request",
        };
        debug_assert_eq!(var.name.len(), 7);
        Shared::new(var)
    }

    fn context(&self) -> Context<V> {
        Shared::new(ContextState::new(engine::Bindings::<Plain<V>>::new()))
    }

    #[inline]
    fn share(&self, context: &Context<V>) -> Context<V> {
        context.clone()
    }

    #[inline]
    fn copy_current(&self) -> Context<V> {
        self.access
            .with(|thread| Shared::new_with(|| copy_current(thread)))
    }

    #[inline]
    fn read(&self, var: &Shared<Variable>) -> u64 {
        let word = |value: Option<&V>| value.map_or(0, V::word);
        self.access.with(|thread| lookup(thread, var.key, word))
    }

    #[inline]
    fn get(&self, var: &Shared<Variable>) -> Option<V> {
        let keep = |value: Option<&V>| value.cloned();
        self.access.with(|thread| lookup(thread, var.key, keep))
    }

    #[inline]
    fn read_or(&self, var: &Shared<Variable>, default: &V) -> u64 {
        let word = |value: Option<&V>| value.unwrap_or(default).word();
        self.access.with(|thread| lookup(thread, var.key, word))
    }

    #[inline]
    fn set(&self, var: &Shared<Variable>, value: &V) -> TokenState<Plain<V>> {
        let set = |thread: &Thread<V>| engine::set((), thread, var, value.clone(), allocate);
        let Ok(token) = self.access.with(set);
        token
    }

    #[inline]
    fn reset(&self, var: &Shared<Variable>, token: TokenState<Plain<V>>) {
        let restored = self.access.with(|thread| token.restore(thread, var));
        restored.expect("it is the last set of this variable here");
    }

    #[inline]
    fn scoped(&self, var: &Shared<Variable>, value: &V, body: impl FnOnce()) {
        self.access.with(|thread| {
            let Ok(bound) = engine::set_scoped((), thread, var, value.clone(), allocate);
            let scope = OnUnwind::new((), thread, || bound.restore(thread));
            body();
            assert!(scope.undo(), "the body switches no context");
        });
    }

    #[inline]
    fn enter(&self, context: &Context<V>) {
        let enter = |thread: &Thread<V>| thread.enter((), context.clone()).is_ok();
        assert!(self.access.with(enter), "nobody is in it");
    }

    #[inline]
    fn exit(&self, context: &Context<V>) {
        let exit = |thread: &Thread<V>| thread.exit((), context).is_ok();
        assert!(self.access.with(exit), "it is the current one");
    }

    #[inline]
    fn run(&self, context: &Context<V>, body: impl FnOnce()) {
        let run = |thread: &Thread<V>| thread.run((), context, body);
        self.access.with(run).expect("nobody is in it");
    }

    #[inline]
    fn run_alone(&self, context: &mut Context<V>, body: impl FnOnce()) {
        let run = |thread: &Thread<V>| thread.run_mut((), context, body);
        self.access.with(run).expect("nobody is in it");
    }

    #[inline]
    fn item(&self, context: &Context<V>, var: &Shared<Variable>) -> Option<V> {
        context.value(var.key, V::clone)
    }

    #[inline]
    fn sum(&self, context: &Context<V>) -> u64 {
        let snapshot = context.snapshot();
        let words = snapshot.iter().map(|entry| entry.value().word());
        words.fold(0, u64::wrapping_add)
    }
}
