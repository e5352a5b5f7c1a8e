//! The types that models check: those of `threadstate`, which uses loom's under `cfg(loom)`, and
//! the kind of the trie's nodes.

#[cfg(not(loom))]
pub use hamt::ArcKind as AtomicKind;
#[cfg(loom)]
pub use hamt::LoomKind as AtomicKind;
pub use threadstate::internals::sync::{
    AtomicBool, AtomicU64, Guarded, Ordering, UnsafeCell, WordLock,
};
