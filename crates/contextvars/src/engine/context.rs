//! The state of a context: who runs in it, and what it binds.

use crate::engine::number::{ContextNumber, NumberOf};
use crate::engine::versions::Versions;
use crate::engine::{Bound, DeepDrop, Domain, Kind, Leaf, Refused, TraceBindings, VarKey};
use hamt::raw::RawHamt;
use std::convert::Infallible;
use threadstate::{Claimed, Holder, Thread};

/// A context's bindings. Cloning is O(1) and makes a version of its own, which
/// shares its nodes with this one until either changes.
pub type Bindings<D> =
    RawHamt<Bound<<D as Domain>::Var>, DeepDrop<<D as Domain>::Value>, <D as Domain>::Kind>;

/// The claim of a context.
pub(super) type Claim<D> = threadstate::Claim<<<D as Domain>::Kind as Kind>::ClaimWord>;

/// What a host embeds in each context: its claim, and the current version of
/// its bindings.
///
/// Any thread may read a context at any time and sees one whole version. Only
/// the thread that the context is claimed by changes it.
pub struct ContextState<D: Domain> {
    claim: Claim<D>,
    number: NumberOf<D>,
    versions: Versions<D>,
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
    /// Makes the state of a context with these bindings, which no thread is in.
    pub fn new(bindings: Bindings<D>) -> Self {
        ContextState {
            claim: Claim::<D>::default(),
            number: NumberOf::default(),
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
    /// `clone` is called under a lock: it does nothing but count.
    pub fn value<V>(&self, key: VarKey, clone: impl FnOnce(&D::Value) -> V) -> Option<V> {
        self.versions
            .read(|bindings| find::<D>(bindings, key).map(|entry| clone(entry.value())))
    }

    /// Shows a collector what this context holds: a reference to its bindings' first node, and
    /// whatever `trace` goes on to ([`engine::collect`](crate::engine::collect)). Shows nothing
    /// where another thread is just changing the context. Clones nothing, drops nothing, and
    /// waits for nothing.
    ///
    /// Does not compile for a kind that [borrows](crate::engine::PointerKind::BORROWS), as
    /// [`AtomicCounts`](crate::engine::AtomicCounts) and
    /// [`PlainCounts`](crate::engine::PlainCounts) do.
    pub fn trace(&self, trace: &mut TraceBindings<'_, D>) {
        self.versions.try_read(|bindings| bindings.trace(trace));
    }

    /// Takes all bindings out of a context that no thread is in: for a cycle
    /// collector that has found it dead. Returns them, so that the caller chooses when
    /// they are dropped.
    ///
    /// A context that a thread is in is not dead, and keeps its bindings.
    #[must_use = "dropping it may run a user's code"]
    pub fn clear(&self) -> Bindings<D> {
        let taken = self.versions.take_while_free(&self.claim);
        taken.unwrap_or_default()
    }

    /// Makes this the state of another context, which binds nothing, and returns the bindings
    /// that it had. `None`, with nothing changed, where a thread is in the context.
    #[inline]
    pub(super) fn reset(&mut self) -> Option<Bindings<D>> {
        if self.claim.holder() != Holder::Free {
            return None;
        }
        self.number = NumberOf::default();
        Some(self.versions.replace(Bindings::<D>::default()))
    }

    /// Binds what `bindings` do, in a context that binds nothing and that no thread is in.
    #[inline]
    pub(super) fn put(&mut self, bindings: Bindings<D>) {
        drop(self.versions.replace(bindings));
    }

    /// Returns the number that tokens know the context by. It has none before its
    /// first set, unless it was [given one](Self::take_number).
    #[inline]
    pub fn number(&self) -> Option<ContextNumber> {
        self.number.get()
    }

    /// Returns the number that tokens know the context by, after giving it one if need
    /// be.
    #[inline]
    pub fn take_number(&mut self, thread: &Thread<D>) -> ContextNumber {
        self.number.get_or_take(thread.local().numbers())
    }

    /// Returns where the number is.
    #[inline]
    pub(super) fn place_of_number(&self) -> &NumberOf<D> {
        &self.number
    }

    /// Returns what is guarded by the claim.
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

/// Binds a variable in bindings that no thread is in, and returns the binding that it had.
/// O(log n).
///
/// # Errors
///
/// Where memory is refused, with nothing changed.
pub fn bind<D: Domain>(
    vm: D::Vm<'_>,
    bindings: &mut Bindings<D>,
    var: &D::Var,
    value: D::Value,
) -> Result<Option<Leaf<D>>, Refused<D>> {
    bindings.insert(leaf::<D>(vm, var, value)?, is_variable(D::key(var)))
}

/// Removes the binding of a variable from bindings that no thread is in, and returns it.
/// O(log n).
///
/// # Errors
///
/// Where memory is refused, with nothing changed.
#[must_use = "dropping it may run a user's code"]
pub fn unbind<D: Domain>(
    bindings: &mut Bindings<D>,
    key: VarKey,
) -> Result<Option<Leaf<D>>, Refused<D>> {
    bindings.remove(key.hash(), is_variable(key))
}

/// Makes a binding.
#[inline]
pub(super) fn leaf<D: Domain>(
    vm: D::Vm<'_>,
    var: &D::Var,
    value: D::Value,
) -> Result<Leaf<D>, Refused<D>> {
    let key = D::key(var);
    let bound = Bound::new(key, D::clone_var(vm, var));
    Leaf::<D>::try_new_in(key.hash(), bound, DeepDrop::new(value))
}

/// Returns what `newer` binds otherwise than `older`, in no particular order. Values are
/// not compared: a variable that was set again is bound otherwise.
///
/// Costs what the two differ in, times the depth, if one was made from the other or
/// both from a third; a lookup for each binding otherwise.
pub fn diff<'a, D: Domain>(
    older: &'a Bindings<D>,
    newer: &'a Bindings<D>,
) -> Vec<Difference<'a, D>> {
    let Ok(differences) = older.diff(newer, |old, new| {
        Ok::<_, Infallible>(old.key() == new.key())
    });
    differences
}

/// How one variable is bound otherwise in newer bindings than in older ones.
pub type Difference<'a, D> = hamt::raw::Difference<
    'a,
    Bound<<D as Domain>::Var>,
    DeepDrop<<D as Domain>::Value>,
    <D as Domain>::Kind,
>;

/// Returns `true` if a variable in the trie is the one with this key. Cannot fail,
/// unlike a host's `==`.
pub(super) fn is_variable<V, E>(key: VarKey) -> impl FnMut(&Bound<V>) -> Result<bool, E> {
    move |bound| Ok(bound.key() == key)
}
