//! The cell of an iterator over a context.

use crate::engine::Bindings;
use crate::host::{ContextCell, ContextHost, HostDomain, Leaf};
use crate::primitive::Guarded;
use hamt::raw::Cursor;
use std::fmt;

/// The items of an iterator over a context. Exhaustive: a host has a type for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IterKind {
    /// The variables.
    Keys,
    /// Their values.
    Values,
    /// Pairs of both.
    Items,
}

/// The cell that a host embeds in each iterator object over a context: a snapshot of
/// its bindings, and the iterator's position.
///
/// Later sets do not affect it. If several threads share an iterator, each
/// binding is returned to one of them.
pub struct IterCell<H: ContextHost> {
    kind: IterKind,
    snapshot: Bindings<HostDomain<H>>,
    position: Guarded<Cursor>,
}

impl<H: ContextHost> fmt::Debug for IterCell<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IterCell")
            .field("kind", &self.kind)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl<H: ContextHost> IterCell<H> {
    /// Creates an iterator over the current bindings of `context`. O(1).
    pub fn new(kind: IterKind, context: &ContextCell<H>) -> Self {
        let snapshot = context.snapshot();
        IterCell {
            kind,
            snapshot,
            position: Guarded::new(Cursor::new()),
        }
    }

    /// Returns the kind of the iterator's items.
    pub fn kind(&self) -> IterKind {
        self.kind
    }

    /// Returns the next binding, in an unspecified order.
    pub fn next(&self) -> Option<Leaf<H>> {
        self.position
            .change(|cursor| cursor.next(&self.snapshot).cloned())
    }

    /// Returns the number of bindings in the snapshot, including those already
    /// returned, as Python's `len` of such an iterator does.
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
