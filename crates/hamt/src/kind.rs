//! The pointer kinds: how a map counts who holds a node.
//!
//! Everything the kinds differ in is here: the word that a count or a node's
//! state is kept in, and how to wait for a word that is locked. The tree is
//! written once, over [`Word`].

#[cfg(loom)]
mod loom;

use core::{
    cell::Cell,
    hint,
    marker::PhantomData,
    sync::atomic::{AtomicU32, Ordering, fence},
};

#[cfg(loom)]
pub use self::loom::LoomKind;

use crate::node::State;

/// How a map counts the holders of its nodes and entries, chosen at its type.
///
/// [`ArcKind`] is the default; [`RcKind`] is for maps that stay on one thread.
/// Sealed: the tree's soundness rests on what a kind promises.
pub trait PointerKind: sealed::Kind {}

/// Counts by atomic operations, as `std::sync::Arc` does: maps may be shared
/// and sent wherever their keys and values may.
#[derive(Debug)]
pub enum ArcKind {}

/// Counts by plain operations, as `std::rc::Rc` does: no map, entry or iterator
/// leaves its thread, and nothing on it is atomic.
///
/// # Examples
///
/// ```
/// use hamt::{RcKind, raw::RawHamt};
///
/// let map = RawHamt::<u64, u64, RcKind>::default();
/// let snapshot = map.clone();
/// # drop(snapshot);
/// ```
///
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// send(hamt::raw::RawHamt::<u64, u64, hamt::RcKind>::default());
/// ```
#[derive(Debug)]
pub struct RcKind {
    /// Neither `Send` nor `Sync`, and so nothing is that counts this way.
    _on_one_thread: PhantomData<*const ()>,
}

impl PointerKind for ArcKind {}
impl PointerKind for RcKind {}

pub(crate) mod sealed {
    /// What a kind is made of.
    ///
    /// If the kind is `Sync`, then [`Word`](super::Word) is atomic: nodes of a
    /// kind are `Send` and `Sync` only where the kind is.
    pub trait Kind: 'static {
        type Word: super::Word;
        type Contents: super::Contents;
    }
}

/// A 32-bit word that holders of one node share.
pub trait Word {
    /// Whether a look at the word costs much less than a change of it, so that it
    /// is worth its while where it may spare one.
    const LOOK_FIRST: bool;

    fn new(value: u32) -> Self;

    fn load_acquire(&self) -> u32;

    /// Stores `value`, and publishes what was written before.
    fn store_release(&self, value: u32);

    /// Wraps on overflow: it is up to the caller to check what it returns.
    fn fetch_add_relaxed(&self, value: u32) -> u32;

    fn fetch_sub_release(&self, value: u32) -> u32;

    /// Sets the bits `held`, waiting until [`State::LOCKED`] is clear, and returns the
    /// word as it was. What was written before that bit was cleared is visible after.
    ///
    /// Where it was set in another generation of processes, changes nothing and returns
    /// the word as it is, with the bit set.
    fn lock_bit(&self, held: u32) -> u32;

    /// Makes what was released to this word visible, after a
    /// [`fetch_sub_release`](Self::fetch_sub_release).
    fn fence_acquire(&self);
}

/// Stands for the contents of a node, for a kind that checks that nobody reads
/// what another changes or frees. Other kinds do not check.
pub trait Contents {
    fn new() -> Self;
    fn read(&self);
    fn write(&self);
}

impl sealed::Kind for ArcKind {
    type Word = AtomicU32;
    type Contents = ();
}

impl sealed::Kind for RcKind {
    type Word = Cell<u32>;
    type Contents = ();
}

impl Contents for () {
    #[inline(always)]
    fn new() {}
    #[inline(always)]
    fn read(&self) {}
    #[inline(always)]
    fn write(&self) {}
}

impl Word for AtomicU32 {
    const LOOK_FIRST: bool = true;

    #[inline(always)]
    fn new(value: u32) -> Self {
        Self::new(value)
    }

    #[inline(always)]
    fn load_acquire(&self) -> u32 {
        self.load(Ordering::Acquire)
    }

    #[inline(always)]
    fn store_release(&self, value: u32) {
        self.store(value, Ordering::Release);
    }

    #[inline(always)]
    fn fetch_add_relaxed(&self, value: u32) -> u32 {
        self.fetch_add(value, Ordering::Relaxed)
    }

    #[inline(always)]
    fn fetch_sub_release(&self, value: u32) -> u32 {
        self.fetch_sub(value, Ordering::Release)
    }

    #[inline(always)]
    fn lock_bit(&self, held: u32) -> u32 {
        let word = self.load(Ordering::Relaxed);
        if word & State::LOCKED == 0
            && self
                .compare_exchange(word, word | held, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
        {
            return word;
        }
        lock_contended(self, held)
    }

    #[inline(always)]
    fn fence_acquire(&self) {
        // ThreadSanitizer does not understand fences.
        if cfg!(tsan) {
            self.load(Ordering::Acquire);
        } else {
            fence(Ordering::Acquire);
        }
    }
}

/// Waits its turn. Whoever holds the bit runs a few dozen instructions, none of
/// them foreign, unless the system has put it to sleep: hence the yield.
#[cold]
fn lock_contended(word: &AtomicU32, held: u32) -> u32 {
    let mut round = 0_u32;
    loop {
        let value = word.load(Ordering::Relaxed);
        if value & State::LOCKED == 0 {
            if word
                .compare_exchange_weak(value, value | held, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
            {
                return value;
            }
        } else if State(value).generation() != State(held).generation() {
            return value;
        }
        pause(round);
        round = round.wrapping_add(1);
    }
}

#[cfg(feature = "std")]
fn pause(round: u32) {
    if round % 64 == 63 {
        std::thread::yield_now();
    } else {
        hint::spin_loop();
    }
}

#[cfg(not(feature = "std"))]
fn pause(_round: u32) {
    hint::spin_loop();
}

impl Word for Cell<u32> {
    const LOOK_FIRST: bool = false;

    #[inline(always)]
    fn new(value: u32) -> Self {
        Self::new(value)
    }

    #[inline(always)]
    fn load_acquire(&self) -> u32 {
        self.get()
    }

    #[inline(always)]
    fn store_release(&self, value: u32) {
        self.set(value);
    }

    #[inline(always)]
    fn fetch_add_relaxed(&self, value: u32) -> u32 {
        self.replace(self.get().wrapping_add(value))
    }

    #[inline(always)]
    fn fetch_sub_release(&self, value: u32) -> u32 {
        self.replace(self.get().wrapping_sub(value))
    }

    /// On one thread nobody can hold the bit: nothing foreign runs meanwhile.
    #[inline(always)]
    fn lock_bit(&self, held: u32) -> u32 {
        self.replace(self.get() | held)
    }

    #[inline(always)]
    fn fence_acquire(&self) {}
}
