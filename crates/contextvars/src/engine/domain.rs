//! The types that take part in one family of context variables.

use crate::engine::{ContextState, DeepDrop, Kind, Local, VarKey};
use threadstate::Stack;

/// A family of types: variables, their values, and the contexts that bind one
/// to the other.
///
/// The implementing type is a name only. Contexts and watchers come with
/// [`Stack`].
pub trait Domain: Stack<State = ContextState<Self>, Local = Local<Self>> {
    /// A counted handle to a variable; contexts hold one for each binding.
    type Var: 'static;

    /// A value.
    type Value: 'static;

    /// How bindings are counted: [`AtomicCounts`](crate::engine::AtomicCounts),
    /// [`PlainCounts`](crate::engine::PlainCounts), or a kind of the host's.
    type Kind: Kind;

    /// Returns the variable's key.
    fn key(var: &Self::Var) -> VarKey;

    /// Counts one more handle to the same variable.
    fn clone_var(vm: Self::Vm<'_>, var: &Self::Var) -> Self::Var;
}

/// A variable as contexts keep it, its key at hand: looking for it asks nothing
/// of the host.
pub struct Bound<V> {
    key: VarKey,
    var: V,
}

impl<V> Bound<V> {
    pub(super) fn new(key: VarKey, var: V) -> Self {
        Bound { key, var }
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

/// What a collector is shown bindings by.
pub type TraceBindings<'a, D> = dyn hamt::Trace<Bound<<D as Domain>::Var>, DeepDrop<<D as Domain>::Value>, <D as Domain>::Kind>
    + 'a;

/// Why there is no memory for a binding; [`Infallible`](std::convert::Infallible) where that
/// ends the process.
pub type Refused<D> = <<D as Domain>::Kind as hamt::PointerKind>::Refused;

/// One binding, counted: a variable and its value.
pub type Leaf<D> =
    hamt::Leaf<Bound<<D as Domain>::Var>, DeepDrop<<D as Domain>::Value>, <D as Domain>::Kind>;
