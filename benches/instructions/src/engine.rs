//! The engine, as the operations use it: the default, thread-safe types, with the thread at hand.
//!
//! The only file here that changes when the engine's interface does.

use std::convert::Infallible;
use std::sync::Arc;

use contextvars::Event;
use contextvars::engine::{self, ContextState, Domain, Local, TokenState, VarKey};
use threadstate::{Interpreter, Stack};

/// The engine with numbers for values, and nothing of a host.
pub struct Bare;

/// A thread's state.
pub type Thread = threadstate::Thread<Bare>;
/// A handle to a context.
pub type Context = Arc<ContextState<Bare>>;
/// A handle to a variable.
pub type Var = Arc<VarKey>;
/// What undoes a binding.
pub type Token = TokenState<Bare>;

// SAFETY: a handle is a counted pointer, and the state in the context stays where it is.
unsafe impl Stack for Bare {
    type Vm<'a> = ();
    type Context = Context;
    type State = ContextState<Bare>;
    type Local = Local<Bare>;
    type Watcher = fn();

    fn state(context: &Context) -> &ContextState<Bare> {
        context
    }

    fn state_mut(context: &mut Context) -> Option<&mut ContextState<Bare>> {
        Arc::get_mut(context)
    }

    fn clone_context((): (), context: &Context) -> Context {
        Arc::clone(context)
    }

    fn call_watcher((): (), watcher: &fn(), _: Event, _: Option<&Context>) {
        watcher();
    }
}

impl Domain for Bare {
    type Var = Var;
    type Value = u64;

    fn key(var: &Var) -> VarKey {
        **var
    }

    fn clone_var((): (), var: &Var) -> Var {
        Arc::clone(var)
    }
}

/// Makes the state of a thread that has no context yet.
pub fn thread() -> Thread {
    Thread::new(&Arc::new(Interpreter::new()))
}

/// Makes a variable.
pub fn variable() -> Var {
    Arc::new(VarKey::next())
}

/// Gives what the variable is bound to, or 0.
#[inline]
pub fn get(thread: &Thread, var: &Var) -> u64 {
    engine::lookup(thread, **var, |value| value.copied()).unwrap_or_default()
}

/// Binds the variable.
#[inline]
pub fn set(thread: &Thread, var: &Var, value: u64) -> Token {
    let make = |state| Ok::<_, Infallible>(Arc::new(state));
    let Ok(token) = engine::set((), thread, var, value, make);
    token
}

/// Undoes a binding; false where that is refused.
#[inline]
pub fn reset(thread: &Thread, var: &Var, token: &Token) -> bool {
    token.restore(thread, var).is_ok()
}

/// Copies the current context.
#[inline]
pub fn copy(thread: &Thread) -> Context {
    Arc::new(engine::copy_current(thread))
}

/// Does `body` in a context that others hold, too; false where that is refused.
#[inline]
pub fn run(thread: &Thread, context: &Context, body: impl FnOnce()) -> bool {
    thread.run((), context, body).is_ok()
}

/// Does `body` in a context that nobody else holds; false where that is refused.
#[inline]
pub fn run_alone(thread: &Thread, context: &mut Context, body: impl FnOnce()) -> bool {
    thread.run_mut((), context, body).is_ok()
}

/// Whether a read of the variable would be a hit now.
pub fn remembers(thread: &Thread, var: &Var) -> bool {
    thread.local().remembers(**var, thread.activation())
}

/// How many variables a context binds.
#[cfg(test)]
pub fn len(context: &Context) -> usize {
    context.len()
}
