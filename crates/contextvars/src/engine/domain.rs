//! The types that take part in one family of context variables.

use crate::engine::{Cache, ContextState, VarKey};
use threadstate::Stack;

/// A family of types: variables, their values, and the contexts that bind one
/// to the other.
///
/// The implementing type is a name only. Contexts and watchers come with
/// [`Stack`], whose claim is the one inside the context's state.
pub trait Domain: Stack<Local = Cache<Self>> {
    /// A counted handle to a variable; contexts hold one for each binding.
    type Var: 'static;

    /// A value.
    type Value: 'static;

    /// Gives the variable's key. Called under a lock: does nothing else.
    fn key(var: &Self::Var) -> VarKey;

    /// Counts one more handle to the same variable.
    fn clone_var(vm: Self::Vm<'_>, var: &Self::Var) -> Self::Var;

    /// Gives the state inside a context. Called under a borrow of the thread's
    /// stack: does nothing else.
    fn state(context: &Self::Context) -> &ContextState<Self>;
}

/// One binding, counted: the handle of a variable and its value.
pub type Entry<D> = hamt::Entry<<D as Domain>::Var, <D as Domain>::Value>;
