//! A host of one thread: contexts in an `Rc`, and a variable is its key. The tests choose the type
//! of values, and how bindings are counted.

use contextvars::engine::{ContextState, Domain, Event, Kind, Local, Stack, VarKey};
use std::convert::Infallible;
use std::marker::PhantomData;
use std::rc::Rc;

/// The host with values of type `V`, and bindings of kind `K`.
pub struct RcHost<V, K>(PhantomData<(V, K)>);

// SAFETY: a handle is a counted pointer, and the state in the context does not move.
unsafe impl<V: 'static, K: Kind + 'static> Stack for RcHost<V, K> {
    type Vm<'a> = ();
    type Context = Rc<ContextState<Self>>;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = Infallible;

    fn state(context: &Self::Context) -> &ContextState<Self> {
        context
    }

    fn clone_context((): (), context: &Self::Context) -> Self::Context {
        Rc::clone(context)
    }

    fn call_watcher((): (), watcher: &Infallible, _: Event, _: Option<&Self::Context>) {
        match *watcher {}
    }
}

impl<V: 'static, K: Kind + 'static> Domain for RcHost<V, K> {
    type Var = VarKey;
    type Value = V;
    type Kind = K;

    fn key(var: &VarKey) -> VarKey {
        *var
    }

    fn clone_var((): (), var: &VarKey) -> VarKey {
        *var
    }
}
