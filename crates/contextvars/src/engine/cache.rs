//! What one stay in a context has looked up.
//!
//! CPython keeps the last value of a variable on the variable. Two threads
//! that read one variable would fight over it there, and CPython itself drops
//! it in builds without a global lock. Here it lives on the thread's stack,
//! beside the context it was read from, and is dropped with that frame:
//!
//! * it is never stale, because only the thread that is in a context changes
//!   its bindings, and that thread's `bind` and `unbind` write through;
//! * it keeps no value alive, because what it holds the context holds too;
//! * a hit writes no memory that another thread reads: the entry is moved out
//!   of its slot for the time of the read and moved back, and no count of it
//!   changes. While it is out, the slot is empty, so code that runs during the
//!   read may read and set the same variable;
//! * a context entered and left in between does not spoil it.

use crate::engine::{Domain, Entry, VarKey};
use std::array;
use std::cell::Cell;

/// How many variables one stay remembers. A task's step reads a handful.
const SLOTS: usize = 8;

/// The lookups of one stay in a context, by variable.
pub struct Cache<D: Domain> {
    slots: [Cell<Option<Cached<D>>>; SLOTS],
    /// Counts the changes of the context's bindings during this stay.
    changes: Cell<u64>,
}

/// The outcome of a lookup.
pub(crate) struct Cached<D: Domain> {
    key: VarKey,
    /// `None`: the variable is not bound.
    entry: Option<Entry<D>>,
}

impl<D: Domain> Cached<D> {
    pub(crate) fn new(key: VarKey, entry: Option<Entry<D>>) -> Self {
        Cached { key, entry }
    }

    pub(crate) fn value(&self) -> Option<&D::Value> {
        self.entry.as_ref().map(Entry::<D>::value)
    }
}

impl<D: Domain> Cache<D> {
    /// Takes the outcome of an earlier lookup out of its slot.
    pub(crate) fn take(&self, key: VarKey) -> Option<Cached<D>> {
        let slot = self.slot(key);
        match slot.take() {
            Some(cached) if cached.key == key => Some(cached),
            other => {
                slot.set(other);
                None
            }
        }
    }

    /// Puts an outcome into its slot, and gives back what has to make way, to
    /// be dropped where nothing is borrowed.
    #[must_use = "dropping it may run a user's code"]
    pub(crate) fn put(&self, cached: Cached<D>) -> Option<Cached<D>> {
        self.slot(cached.key).replace(Some(cached))
    }

    /// Records that a variable's binding has changed to `cached`.
    #[must_use = "dropping it may run a user's code"]
    pub(crate) fn change(&self, cached: Cached<D>) -> Option<Cached<D>> {
        self.changes.set(self.changes.get() + 1);
        self.put(cached)
    }

    /// Gives the number of changes during this stay.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.get()
    }

    fn slot(&self, key: VarKey) -> &Cell<Option<Cached<D>>> {
        &self.slots[key.get() as usize % SLOTS]
    }
}

impl<D: Domain> Default for Cache<D> {
    fn default() -> Self {
        Cache {
            slots: array::from_fn(|_| Cell::new(None)),
            changes: Cell::new(0),
        }
    }
}
