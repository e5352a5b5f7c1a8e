//! A domain without Python's semantics, for tests of the engine.

use contextvars::Event;
use contextvars::engine::{AtomicCounts, ContextState, Domain, Local, TokenState, VarKey, set};
use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;
use threadstate::{Interpreter, Stack, Thread};

/// The domain with values of type `V`.
pub struct Plain<V>(PhantomData<V>);

pub type Context<V> = Arc<ContextState<Plain<V>>>;

// SAFETY: a handle is a counted pointer, and the state in the context does not move.
unsafe impl<V: 'static> Stack for Plain<V> {
    type Vm<'a> = ();
    type Context = Context<V>;
    type State = ContextState<Plain<V>>;
    type Local = Local<Plain<V>>;
    type Watcher = fn();

    fn state(context: &Context<V>) -> &ContextState<Plain<V>> {
        context
    }

    fn clone_context((): (), context: &Context<V>) -> Context<V> {
        Arc::clone(context)
    }

    fn call_watcher((): (), watcher: &fn(), _: Event, _: Option<&Context<V>>) {
        watcher()
    }
}

impl<V: 'static> Domain for Plain<V> {
    type Var = VarKey;
    type Value = V;
    type Kind = AtomicCounts;

    fn key(var: &VarKey) -> VarKey {
        *var
    }

    fn clone_var((): (), var: &VarKey) -> VarKey {
        *var
    }
}

pub fn thread<V: 'static>() -> Thread<Plain<V>> {
    Thread::new(&Arc::new(Interpreter::new()))
}

pub fn bind<V: 'static>(thread: &Thread<Plain<V>>, var: VarKey, value: V) -> TokenState<Plain<V>> {
    let make = |state| Ok::<_, Infallible>(Arc::new(state));
    let Ok(token) = set((), thread, &var, value, make);
    token
}
