//! The state of a context: its claim, its id and its bindings.
//!
//! The thread that has the claim changes the bindings; any thread reads them (`versions`).

use crate::engine::id::{ContextId, IdCell};
use crate::engine::versions::Versions;
use crate::engine::{DeepDrop, Domain, KeyedVar, Kind, Leaf, Refused, TraceBindings, VarKey};
use hamt::raw::RawHamt;
use std::convert::Infallible;
use std::fmt;
use threadstate::{Claimed, Holder, Thread};

/// A context's bindings. A clone takes O(1) and is an independent version: it
/// shares nodes with the original until either changes.
pub type Bindings<D> =
    RawHamt<KeyedVar<<D as Domain>::Var>, DeepDrop<<D as Domain>::Value>, <D as Domain>::Kind>;

/// The claim of a context.
pub(super) type Claim<D> = threadstate::Claim<<<D as Domain>::Kind as Kind>::ClaimWord>;

/// The state that a host embeds in each context: its claim, and the current version of
/// its bindings.
///
/// Any thread may read a context at any time and sees one whole version. Only
/// the thread that has the claim changes it.
pub struct ContextState<D: Domain> {
    claim: Claim<D>,
    id: IdCell<D>,
    versions: Versions<D>,
}

impl<D: Domain> fmt::Debug for ContextState<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextState")
            .field("holder", &self.claim.holder())
            .finish_non_exhaustive()
    }
}

impl<D: Domain> Claimed for ContextState<D> {
    type Word = <D::Kind as Kind>::ClaimWord;

    #[inline]
    fn claim(&self) -> &Claim<D> {
        &self.claim
    }

    #[inline]
    fn claim_mut(&mut self) -> &mut Claim<D> {
        &mut self.claim
    }
}

impl<D: Domain> ContextState<D> {
    /// Creates the state of a context with these bindings. No thread has its claim.
    pub fn new(bindings: Bindings<D>) -> Self {
        ContextState {
            claim: Claim::<D>::default(),
            id: IdCell::default(),
            versions: Versions::new(bindings),
        }
    }

    /// Returns the bindings as they are at this moment. O(1).
    pub fn snapshot(&self) -> Bindings<D> {
        self.versions.read(Bindings::<D>::clone)
    }

    /// Returns the number of bindings at this moment. O(1).
    pub fn len(&self) -> usize {
        self.versions.read(Bindings::<D>::len)
    }

    /// Returns `true` if nothing is bound at this moment. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the binding of a variable at this moment. O(log n).
    pub fn find(&self, key: VarKey) -> Option<Leaf<D>> {
        self.versions
            .read(|bindings| find::<D>(bindings, key).cloned())
    }

    /// Returns a clone of the value that a variable is bound to at this moment.
    /// O(log n).
    ///
    /// `clone` is called under a lock: it must do nothing but increment a reference count.
    pub fn value<V>(&self, key: VarKey, clone: impl FnOnce(&D::Value) -> V) -> Option<V> {
        self.versions
            .read(|bindings| find::<D>(bindings, key).map(|entry| clone(entry.value())))
    }

    /// Calls `trace` with the root node of the bindings, and with the contents of each node for
    /// which it returns `true` ([`engine::collect`](crate::engine::collect)). Does nothing if
    /// another thread has the bindings locked. Clones nothing, drops nothing, and never blocks.
    ///
    /// Does not compile for a kind that [borrows](crate::engine::PointerKind::BORROWS), as
    /// [`AtomicCounts`](crate::engine::AtomicCounts) and
    /// [`PlainCounts`](crate::engine::PlainCounts) do.
    pub fn trace(&self, trace: &mut TraceBindings<'_, D>) {
        self.versions.try_read(|bindings| bindings.trace(trace));
    }

    /// Removes all bindings from a context that no thread has claimed, and returns them: for a
    /// cycle collector that has found it dead. The caller chooses when they are dropped.
    ///
    /// A claimed context is not dead. It keeps its bindings, and the result is empty.
    #[must_use = "dropping it may run a user's code"]
    pub fn clear(&self) -> Bindings<D> {
        let taken = self.versions.take_while_free(&self.claim);
        taken.unwrap_or_default()
    }

    /// Makes this the state of a new, empty context, and returns the old bindings. Returns `None`,
    /// with nothing changed, if a thread has claimed the context.
    #[inline]
    pub(super) fn reset(&mut self) -> Option<Bindings<D>> {
        if self.claim.holder() != Holder::Free {
            return None;
        }
        self.id = IdCell::default();
        Some(self.versions.replace(Bindings::<D>::default()))
    }

    /// Sets the bindings of an empty context that no thread has claimed.
    #[inline]
    pub(super) fn put(&mut self, bindings: Bindings<D>) {
        drop(self.versions.replace(bindings));
    }

    /// Returns the id by which tokens identify the context. It has none before its
    /// first set, unless [`ensure_id`](Self::ensure_id) assigned one.
    #[inline]
    pub fn id(&self) -> Option<ContextId> {
        self.id.get()
    }

    /// Returns the id by which tokens identify the context; assigns one if it has none.
    #[inline]
    pub fn ensure_id(&mut self, thread: &Thread<D>) -> ContextId {
        self.id.get_or_assign(thread.local().ids())
    }

    /// Returns the cell that holds the id.
    #[inline]
    pub(super) fn id_cell(&self) -> &IdCell<D> {
        &self.id
    }

    /// Returns the versions of the bindings.
    #[inline]
    pub(super) fn versions(&self) -> &Versions<D> {
        &self.versions
    }
}

/// Returns the binding of a variable in these bindings. O(log n).
#[inline]
pub fn find<D: Domain>(bindings: &Bindings<D>, key: VarKey) -> Option<&Leaf<D>> {
    let Ok(found) = bindings.find::<Infallible>(key.hash(), is_variable(key));
    found
}

/// Binds a variable in bindings that no context has. Returns the displaced binding. O(log n).
///
/// # Errors
///
/// Fails if memory is refused. Nothing is changed then.
pub fn bind<D: Domain>(
    vm: D::Vm<'_>,
    bindings: &mut Bindings<D>,
    var: &D::Var,
    value: D::Value,
) -> Result<Option<Leaf<D>>, Refused<D>> {
    bindings.insert(leaf::<D>(vm, var, value)?, is_variable(D::key(var)))
}

/// Removes the binding of a variable from bindings that no context has, and returns it. O(log n).
///
/// # Errors
///
/// Fails if memory is refused. Nothing is changed then.
#[must_use = "dropping it may run a user's code"]
pub fn unbind<D: Domain>(
    bindings: &mut Bindings<D>,
    key: VarKey,
) -> Result<Option<Leaf<D>>, Refused<D>> {
    bindings.remove(key.hash(), is_variable(key))
}

/// Creates a binding.
#[inline]
pub(super) fn leaf<D: Domain>(
    vm: D::Vm<'_>,
    var: &D::Var,
    value: D::Value,
) -> Result<Leaf<D>, Refused<D>> {
    let key = D::key(var);
    let bound = KeyedVar::new(key, D::clone_var(vm, var));
    Leaf::<D>::try_new_in(key.hash(), bound, DeepDrop::new(value))
}

/// Returns the differences between `older` and `newer`, in no particular order. Values are
/// not compared: a variable that was set again differs, even if its value is equal.
///
/// If one was made from the other, or both from a third, the cost is the number of differences
/// times the depth. Otherwise it is a lookup for each binding.
pub fn diff<'a, D: Domain>(
    older: &'a Bindings<D>,
    newer: &'a Bindings<D>,
) -> Vec<Difference<'a, D>> {
    let Ok(differences) = older.diff(newer, |old, new| {
        Ok::<_, Infallible>(old.key() == new.key())
    });
    differences
}

/// The difference of one variable's binding between older and newer bindings.
pub type Difference<'a, D> = hamt::Difference<
    'a,
    KeyedVar<<D as Domain>::Var>,
    DeepDrop<<D as Domain>::Value>,
    <D as Domain>::Kind,
>;

/// Returns a predicate that is `true` for the variable with this key. It cannot fail,
/// unlike a host's `==`.
pub(super) fn is_variable<V, E>(key: VarKey) -> impl FnMut(&KeyedVar<V>) -> Result<bool, E> {
    move |bound| Ok(bound.key() == key)
}
