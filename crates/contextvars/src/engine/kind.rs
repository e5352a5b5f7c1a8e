//! How references to bindings are counted: atomically, plainly, or by a kind of the host.

use crate::primitive::{AtomicKind, AtomicU64};
use hamt::{ErrorOf, PointerKind};
use std::cell::Cell;
use threadstate::Word;

/// Counts references by atomic operations. Contexts are `Send` and `Sync` if the host's variables
/// and values are.
pub type AtomicCounts = AtomicKind;

/// Counts references by plain operations, for a host whose contexts each stay on one thread.
/// Nothing is an atomic read-modify-write: neither the reference counts of bindings, nor the claims
/// of contexts, nor the lock of a change.
pub type PlainCounts = hamt::RcKind;

/// How the bindings of a host are allocated and their references counted: [`AtomicCounts`],
/// [`PlainCounts`], or a [`PointerKind`] of the host, for example one that makes bindings
/// objects of its collector.
///
/// Bindings are changed under a lock, in place where they are not shared. With
/// [`RUNS_CODE`](PointerKind::RUNS_CODE) a clone is changed without a lock, so each change copies
/// the nodes on its path.
///
/// The contexts of a kind that is not `Sync` are neither `Sync` nor `Send`. A refused allocation
/// ([`PointerKind::Refused`]) is an error of its own, and can be converted to one of the host.
pub trait Kind: PointerKind<Refused: ErrorOf<Self>> + Sized {
    /// The word that holds a context's claim: `AtomicU64`, or `Cell<u64>` for a kind
    /// that is not `Sync`.
    type ClaimWord: Word;
}

impl Kind for AtomicCounts {
    type ClaimWord = AtomicU64;
}

impl Kind for PlainCounts {
    type ClaimWord = Cell<u64>;
}
