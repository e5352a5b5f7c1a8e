//! The kind for loom: with loom's atomics, and with calls that report reads and writes of
//! nodes. Exists under `cfg(loom)`.

#![allow(unsafe_code)]

extern crate std;

use core::{alloc::Layout, convert::Infallible, ptr::NonNull};
use std::thread::panicking;

use loom::{
    alloc::Track,
    cell::UnsafeCell,
    sync::atomic::{AtomicU32, Ordering, fence},
    thread,
};

use crate::{
    kind::PointerKind,
    pool,
    state::State,
    trace::NodeForm,
    word::{Count, Word},
};

/// Counts by loom's atomics, so that a loom model checks every operation of a
/// map for leaks of nodes, and for reads of nodes that another thread changes
/// or frees. Exists under `cfg(loom)`.
#[derive(Debug)]
pub enum LoomKind {}

/// A count, and the stand-in for the contents.
#[derive(Debug)]
pub struct Head(Count<WatchedWord>, Watched);

// SAFETY: as `ArcKind`, with loom's atomics.
unsafe impl PointerKind for LoomKind {
    type Head = Head;
    type Word = WatchedWord;
    type Refused = Infallible;
    const BORROWS: bool = true;

    unsafe fn allocate(layout: Layout, _: NodeForm) -> Result<NonNull<Head>, Infallible> {
        // SAFETY: not empty, by the caller; freshly allocated.
        unsafe {
            let node = pool::allocate(layout).cast::<Head>();
            let (access, _leak) = (UnsafeCell::new(()), Track::new(()));
            node.write(Head(Count::one(), Watched { access, _leak }));
            Ok(node)
        }
    }

    unsafe fn free(node: NonNull<Head>, layout: Layout) {
        // SAFETY: by the caller.
        unsafe {
            node.drop_in_place();
            pool::free(node.cast(), layout);
        }
    }

    fn up(head: &Head) {
        head.0.up();
    }

    fn down(head: &Head) -> bool {
        head.0.down()
    }

    fn is_one(head: &Head) -> bool {
        head.0.is_one()
    }

    fn note_read(head: &Head) {
        unless_panicking((), || head.1.access.with(|_| ()));
    }

    fn note_write(head: &Head) {
        unless_panicking((), || head.1.access.with_mut(|_| ()));
    }
}

/// Stands in for the contents of a node: loom checks the accesses to it.
#[derive(Debug)]
pub struct Watched {
    access: UnsafeCell<()>,
    /// Reported as leaked if the node is.
    _leak: Track<()>,
}

impl Drop for Watched {
    /// A write: the thread that frees a node must be its only user.
    fn drop(&mut self) {
        unless_panicking((), || self.access.with_mut(|_| ()));
    }
}

/// A word, and a stand-in for the data that its lock bit guards.
///
/// If a model fails, the values of its threads are dropped outside of it, and
/// may be invalid. So then a word does nothing, and reads as if others held the
/// node: nodes are leaked, and the first panic stays the only one.
#[derive(Debug)]
pub struct WatchedWord {
    word: AtomicU32,
    guarded: UnsafeCell<()>,
}

/// The value that a word reads as while a model fails: not one, not locked, not plain.
const BROKEN: u32 = !1;

fn unless_panicking<T>(broken: T, watched: impl FnOnce() -> T) -> T {
    if panicking() { broken } else { watched() }
}

impl Word for WatchedWord {
    const LOOK_FIRST: bool = true;

    fn new(value: u32) -> Self {
        Self {
            word: AtomicU32::new(value),
            guarded: UnsafeCell::new(()),
        }
    }

    fn load_acquire(&self) -> u32 {
        unless_panicking(BROKEN, || self.word.load(Ordering::Acquire))
    }

    /// Unlocks, if the word has a lock.
    fn store_release(&self, value: u32) {
        unless_panicking((), || {
            self.guarded.with_mut(|_| ());
            self.word.store(value, Ordering::Release);
        });
    }

    fn fetch_add_relaxed(&self, value: u32) -> u32 {
        unless_panicking(1, || self.word.fetch_add(value, Ordering::Relaxed))
    }

    fn fetch_sub_release(&self, value: u32) -> u32 {
        unless_panicking(BROKEN, || self.word.fetch_sub(value, Ordering::Release))
    }

    /// Writes nothing while it waits: loom might order a write after the
    /// unlocking store.
    fn lock_bit(&self, held: u32) -> u32 {
        while !panicking() {
            let word = self.word.load(Ordering::Relaxed);
            if word & State::LOCKED == 0
                && self
                    .word
                    .compare_exchange(word, word | held, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
            {
                self.guarded.with_mut(|_| ());
                return word;
            }
            thread::yield_now();
        }
        BROKEN
    }

    fn fence_acquire(&self) {
        unless_panicking((), || fence(Ordering::Acquire));
    }
}

impl Drop for WatchedWord {
    fn drop(&mut self) {
        unless_panicking((), || self.guarded.with_mut(|_| ()));
    }
}
