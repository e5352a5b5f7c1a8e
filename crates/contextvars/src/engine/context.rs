//! The state of a context: who runs in it, and what it binds.

use crate::engine::{Domain, Entry, VarKey};
use hamt::raw::RawHamt;
use std::convert::Infallible;
use std::mem;
use threadstate::sync::Mutex;
use threadstate::{Claim, Holder};

/// A context's bindings. Cloning is O(1) and makes a version of its own, which
/// shares its nodes with this one until either changes.
pub type Bindings<D> = RawHamt<<D as Domain>::Var, <D as Domain>::Value>;

/// What a host embeds in each context: its claim, and the current version of
/// its bindings.
///
/// Any thread may read a context at any time and sees one whole version. Only
/// the thread that the context is claimed by changes it.
pub struct ContextState<D: Domain> {
    claim: Claim,
    /// Invariant: held for one lookup, change or clone of the trie, never while
    /// anything of a user's runs or is dropped.
    bindings: Mutex<Bindings<D>>,
}

impl<D: Domain> ContextState<D> {
    /// Makes the state of a context with these bindings, which nobody is in.
    pub fn new(bindings: Bindings<D>) -> Self {
        ContextState {
            claim: Claim::new(),
            bindings: Mutex::new(bindings),
        }
    }

    /// Gives the word that says who runs in the context.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Gives the bindings as they are at this moment. O(1).
    pub fn snapshot(&self) -> Bindings<D> {
        self.bindings.lock().clone()
    }

    /// Gives the number of bindings at this moment. O(1).
    pub fn len(&self) -> usize {
        self.bindings.lock().len()
    }

    /// Tells whether nothing is bound at this moment. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the binding of a variable at this moment. O(log n).
    pub fn find(&self, key: VarKey) -> Option<Entry<D>> {
        let bindings = self.bindings.lock();
        let Ok(found) = bindings.find(key.hash(), is_variable::<D>(key));
        found.cloned()
    }

    /// Binds a variable and gives the binding before, to be dropped where
    /// nothing is held. O(log n).
    ///
    /// Changes nodes in place that no copy shares; whatever copies do share
    /// stays as it is, and nothing of a user's is dropped here.
    #[must_use = "dropping it may run a user's code"]
    pub(crate) fn bind(&self, entry: Entry<D>) -> Option<Entry<D>> {
        let key = D::key(entry.key());
        let Ok(old) = self.bindings.lock().insert(entry, is_variable::<D>(key));
        old
    }

    /// Removes a variable's binding and gives it, to be dropped where nothing
    /// is held. O(log n).
    #[must_use = "dropping it may run a user's code"]
    pub(crate) fn unbind(&self, key: VarKey) -> Option<Entry<D>> {
        let Ok(old) = self
            .bindings
            .lock()
            .remove(key.hash(), is_variable::<D>(key));
        old
    }

    /// Calls `visit` with each variable and value that this context alone
    /// owns: for a cycle collector.
    ///
    /// Bindings that are shared with a copy, an iterator or a token are passed
    /// by, so that no reference is visited from two owners; so is everything
    /// where another thread is just changing the context. Waits for nothing,
    /// clones nothing, drops nothing.
    pub fn visit(&self, visit: &mut dyn FnMut(&D::Var, &D::Value)) {
        if let Some(bindings) = self.bindings.try_lock() {
            bindings.visit_exclusive(visit);
        }
    }

    /// Takes all bindings out of a context that no thread is in: for a cycle
    /// collector that has found it dead. Gives them back, so that the caller
    /// says when they are dropped.
    ///
    /// A context that a thread is in is not dead, and keeps its bindings.
    #[must_use = "dropping it may run a user's code"]
    pub fn clear(&self) -> Bindings<D> {
        if self.claim.holder() == Holder::Nobody {
            mem::take(&mut *self.bindings.lock())
        } else {
            RawHamt::new()
        }
    }
}

/// Tells whether a variable in the trie is the one with this key. Cannot fail,
/// unlike a host's `==`.
fn is_variable<D: Domain>(key: VarKey) -> impl FnMut(&D::Var) -> Result<bool, Infallible> {
    move |var| Ok(D::key(var) == key)
}
