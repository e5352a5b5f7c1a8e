//! The kind that loom watches: its atomics for those of the standard library, and notes of
//! what reads and writes a node. Exists under `cfg(loom)`.

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
    header::State,
    kind::PointerKind,
    pool,
    trace::NodeForm,
    word::{Count, Word},
};

/// Counts by loom's atomics, so that a loom model sees every step of a map:
/// leaks of nodes, and reads of what another thread changes or frees. Exists
/// under `cfg(loom)`.
#[derive(Debug)]
pub enum LoomKind {}

/// A count, and contents that loom watches.
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

/// Contents that loom watches.
#[derive(Debug)]
pub struct Watched {
    access: UnsafeCell<()>,
    /// Reported as leaked if the node is.
    _leak: Track<()>,
}

impl Drop for Watched {
    /// Whoever frees a node must have it alone.
    fn drop(&mut self) {
        unless_panicking((), || self.access.with_mut(|_| ()));
    }
}

/// A word, and what its lock bit guards, which loom watches.
///
/// While a model fails, what its threads hold is dropped outside of it, and may
/// be broken. So then a word does nothing, and reads as held by others: the
/// nodes are leaked, and the first panic stays the only one.
#[derive(Debug)]
pub struct WatchedWord {
    word: AtomicU32,
    guarded: UnsafeCell<()>,
}

/// What a word reads as while a model fails: not one, not locked, not plain.
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

    /// Writes nothing while it waits: loom might order that after the unlocking
    /// store.
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
