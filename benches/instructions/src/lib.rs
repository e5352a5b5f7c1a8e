//! The engine with values of one kind, and with the thread's state as an argument: as an interpreter
//! uses it, without a host's objects. What is measured here and in `benches` is done through this, so
//! that it alone changes when the engine's interface does.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

use contextvars::Event;
use contextvars::engine::{self, Bindings, ContextState, Domain, Local, TokenState, VarKey};
use pyobj::std_host::Shared;
use threadstate::{Interpreter, OnUnwind, Stack};

/// The engine with values of the kind `V`.
pub struct Plain<V>(PhantomData<fn() -> V>);

/// A thread's state.
pub type Thread<V> = threadstate::Thread<Plain<V>>;
/// A handle to a context.
pub type Context<V> = Shared<ContextState<Plain<V>>>;
/// A handle to a variable.
pub type Var = Shared<Variable>;
/// What undoes a set.
pub type Token<V> = TokenState<Plain<V>>;

/// What a library of context variables would have in a variable, without a default.
pub struct Variable {
    key: VarKey,
    /// The name, which is in the program's text.
    pub name: &'static str,
}

/// A kind of values.
pub trait Value: Clone + Send + Sync + 'static {}
impl<V: Clone + Send + Sync + 'static> Value for V {}

// SAFETY: a handle is a counted pointer, and the state in the context stays where it is.
unsafe impl<V: Value> Stack for Plain<V> {
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

impl<V: Value> Domain for Plain<V> {
    type Var = Var;
    type Value = V;

    #[inline]
    fn key(var: &Var) -> VarKey {
        var.key
    }

    #[inline]
    fn clone_var((): (), var: &Var) -> Var {
        var.clone()
    }
}

fn allocate<V: Value>(state: ContextState<Plain<V>>) -> Result<Context<V>, Infallible> {
    Ok(Shared::new(state))
}

/// Makes the state of a thread that has no context yet.
pub fn thread<V: Value>() -> Thread<V> {
    Thread::new(&Arc::new(Interpreter::new()))
}

/// Makes a variable.
#[inline]
pub fn variable() -> Var {
    Shared::new(Variable {
        key: VarKey::next(),
        name: "request",
    })
}

/// Makes an empty context.
pub fn context<V: Value>() -> Context<V> {
    Shared::new(ContextState::new(Bindings::<Plain<V>>::new()))
}

/// Calls `f` with what the variable is bound to.
#[inline]
pub fn lookup<V: Value, R>(thread: &Thread<V>, var: &Var, f: impl FnOnce(Option<&V>) -> R) -> R {
    engine::lookup(thread, var.key, f)
}

/// Binds the variable.
#[inline]
pub fn set<V: Value>(thread: &Thread<V>, var: &Var, value: V) -> Token<V> {
    let Ok(token) = engine::set((), thread, var, value, allocate);
    token
}

/// Undoes a set; false where that is refused.
#[inline]
pub fn reset<V: Value>(thread: &Thread<V>, var: &Var, token: &Token<V>) -> bool {
    token.restore(thread, var).is_ok()
}

/// Binds the variable for the length of a call; false where `body` switches contexts.
#[inline]
pub fn scoped<V: Value>(thread: &Thread<V>, var: &Var, value: V, body: impl FnOnce()) -> bool {
    let Ok(bound) = engine::set_scoped((), thread, var, value, allocate);
    let scope = OnUnwind::new((), thread, || bound.restore(thread));
    body();
    scope.undo()
}

/// Copies the current context.
#[inline]
pub fn copy_current<V: Value>(thread: &Thread<V>) -> Context<V> {
    Shared::new_with(|| engine::copy_current(thread))
}

/// Copies a context that any thread may be in.
#[inline]
pub fn copy<V: Value>(context: &Context<V>) -> Context<V> {
    Shared::new(ContextState::new(context.snapshot()))
}

/// Runs `body` in a context that others hold, too; false where that is refused.
#[inline]
pub fn run<V: Value>(thread: &Thread<V>, context: &Context<V>, body: impl FnOnce()) -> bool {
    thread.run((), context, body).is_ok()
}

/// Runs `body` in a context that nothing else holds; false where that is refused.
#[inline]
pub fn run_alone<V: Value>(
    thread: &Thread<V>,
    context: &mut Context<V>,
    body: impl FnOnce(),
) -> bool {
    thread.run_mut((), context, body).is_ok()
}

/// Clones what a context, which any thread may be in, binds the variable to.
#[inline]
pub fn item<V: Value>(context: &Context<V>, var: &Var) -> Option<V> {
    context.value(var.key, V::clone)
}

/// Adds up what `word` makes of each value in a context, which any thread may be in.
#[inline]
pub fn sum<V: Value>(context: &Context<V>, word: fn(&V) -> u64) -> u64 {
    let bindings = context.snapshot();
    let words = bindings.iter().map(|entry| word(entry.value()));
    words.fold(0, u64::wrapping_add)
}

/// Whether a read of the variable would be a hit now.
pub fn remembers<V: Value>(thread: &Thread<V>, var: &Var) -> bool {
    thread.local().remembers(var.key, thread.activation())
}
