//! The types of one host, as the engine uses them.

use crate::engine::{ContextState, DeepDrop, Kind, Local, VarKey};
use std::fmt;
use threadstate::Stack;

/// The types of one host: variables, values, and the contexts that bind variables to values.
///
/// The implementing type only names the host. The types of contexts and watchers are in
/// [`Stack`].
pub trait Domain: Stack<State = ContextState<Self>, Local = Local<Self>> {
    /// A counted handle of a variable. Each binding holds one.
    type Var: 'static;

    /// A value.
    type Value: 'static;

    /// How references to bindings are counted: [`AtomicCounts`](crate::engine::AtomicCounts),
    /// [`PlainCounts`](crate::engine::PlainCounts), or a kind of the host.
    type Kind: Kind;

    /// Returns the variable's key.
    fn key(var: &Self::Var) -> VarKey;

    /// Returns another handle of the same variable.
    fn clone_var(vm: Self::Vm<'_>, var: &Self::Var) -> Self::Var;
}

/// A variable with its key, as bindings hold it. The key is stored here, so a lookup calls no code
/// of the host.
pub struct KeyedVar<V> {
    key: VarKey,
    var: V,
}

impl<V> fmt::Debug for KeyedVar<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyedVar")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl<V> KeyedVar<V> {
    pub(super) fn new(key: VarKey, var: V) -> Self {
        KeyedVar { key, var }
    }

    /// Returns the variable's key.
    pub fn key(&self) -> VarKey {
        self.key
    }

    /// Returns the handle of the variable.
    pub fn var(&self) -> &V {
        &self.var
    }
}

/// A collector's visitor of bindings.
pub type TraceBindings<'a, D> = dyn hamt::Trace<KeyedVar<<D as Domain>::Var>, DeepDrop<<D as Domain>::Value>, <D as Domain>::Kind>
    + 'a;

/// The error of a binding that could not be allocated; [`Infallible`](std::convert::Infallible)
/// if a lack of memory ends the process.
pub type Refused<D> = <<D as Domain>::Kind as hamt::PointerKind>::Refused;

/// A counted handle of one binding: a variable and its value.
pub type Leaf<D> =
    hamt::Leaf<KeyedVar<<D as Domain>::Var>, DeepDrop<<D as Domain>::Value>, <D as Domain>::Kind>;
