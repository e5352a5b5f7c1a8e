//! Iterating over a context.

use crate::engine::Bindings;
use crate::host::{ContextCell, ContextHost, HostDomain, Leaf};
use hamt::raw::Cursor;
use threadstate::sync::Guarded;

/// What an iterator over a context gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IterKind {
    /// The variables.
    Keys,
    /// Their values.
    Values,
    /// Pairs of both.
    Items,
}

/// What a host embeds in each iterator object over a context: a snapshot of
/// its bindings, and how far the iterator has come.
///
/// Later sets do not disturb it. Where several threads share an iterator, each
/// binding goes to one of them.
pub struct IterCell<H: ContextHost> {
    kind: IterKind,
    snapshot: Bindings<HostDomain<H>>,
    position: Guarded<Cursor>,
}

impl<H: ContextHost> IterCell<H> {
    /// Starts iterating over the bindings of `context` as they are now. O(1).
    pub fn new(kind: IterKind, context: &ContextCell<H>) -> Self {
        let snapshot = context.snapshot();
        IterCell {
            kind,
            snapshot,
            position: Guarded::new(Cursor::new()),
        }
    }

    /// Returns what the iterator gives.
    pub fn kind(&self) -> IterKind {
        self.kind
    }

    /// Returns the next binding, in an order that is not specified.
    pub fn next(&self) -> Option<Leaf<H>> {
        self.position
            .change(|cursor| cursor.next(&self.snapshot).cloned())
    }

    /// Returns the number of bindings in the snapshot, whether or not they have
    /// been given: what Python's `len` of such an iterator says.
    pub fn len(&self) -> usize {
        self.snapshot.len()
    }

    /// Returns `true` if the snapshot is empty.
    pub fn is_empty(&self) -> bool {
        self.snapshot.is_empty()
    }

    pub(crate) fn snapshot(&self) -> &Bindings<HostDomain<H>> {
        &self.snapshot
    }
}
