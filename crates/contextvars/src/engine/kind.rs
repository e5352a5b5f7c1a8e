//! How bindings are counted: by atomic operations, by plain ones, or in a host's own way.

use hamt::{ErrorOf, PointerKind};
use std::cell::Cell;
use threadstate::Word;
use threadstate::sync::AtomicU64;

/// Counts by atomic operations: contexts may be sent to other threads, and read by several,
/// wherever the host's variables and values may.
#[cfg(not(loom))]
pub type AtomicCounts = hamt::ArcKind;

/// Counts by atomic operations: in models by loom's words, so that they see each step.
#[cfg(loom)]
pub type AtomicCounts = hamt::LoomKind;

/// Counts by plain operations, for a host whose contexts stay on one thread each. Nothing takes
/// an atomic read-modify-write: neither the counts of bindings, nor the claims of contexts, nor
/// the lock that keeps code out of a change.
pub type PlainCounts = hamt::RcKind;

/// How the bindings of a host are counted, and whose memory they are: [`AtomicCounts`],
/// [`PlainCounts`], or a [`PointerKind`] of the host's own, for example one that makes bindings
/// objects of its collector.
///
/// Bindings are changed under a lock, in place where they share nothing. Those of a kind with
/// [`RUNS_CODE`](PointerKind::RUNS_CODE) are changed as a clone, without a lock, so each change copies the
/// nodes on its way.
///
/// The contexts of a kind that is not `Sync` are neither `Sync` nor `Send`. What memory is
/// refused for ([`PointerKind::Refused`]) is an error of its own, and can be one of the host's.
pub trait Kind: PointerKind<Refused: ErrorOf<Self>> + Sized {
    /// The word in which a context's claim is kept: `AtomicU64`, or `Cell<u64>` for a kind
    /// that is not `Sync`.
    type ClaimWord: Word;
}

impl Kind for AtomicCounts {
    type ClaimWord = AtomicU64;
}

impl Kind for PlainCounts {
    type ClaimWord = Cell<u64>;
}
