use loom::{
    alloc::Track,
    cell::UnsafeCell,
    sync::atomic::{AtomicU32, Ordering, fence},
    thread,
};

use super::{Contents, PointerKind, Word, sealed};

/// Counts by loom's atomics, so that a loom model sees every step of a map:
/// leaks of nodes, and reads of what another thread changes or frees. Exists
/// under `cfg(loom)`.
#[derive(Debug)]
pub enum LoomKind {}

impl PointerKind for LoomKind {}

impl sealed::Kind for LoomKind {
    type Word = AtomicU32;
    type Contents = Watched;
}

/// Contents that loom watches.
#[derive(Debug)]
pub struct Watched {
    access: UnsafeCell<()>,
    /// Reported as leaked if the node is.
    _leak: Track<()>,
}

impl Contents for Watched {
    fn new() -> Self {
        Self {
            access: UnsafeCell::new(()),
            _leak: Track::new(()),
        }
    }

    fn read(&self) {
        self.access.with(|_| ());
    }

    fn write(&self) {
        self.access.with_mut(|_| ());
    }
}

impl Word for AtomicU32 {
    fn new(value: u32) -> Self {
        Self::new(value)
    }

    fn load_acquire(&self) -> u32 {
        self.load(Ordering::Acquire)
    }

    fn store_release(&self, value: u32) {
        self.store(value, Ordering::Release);
    }

    fn fetch_add_relaxed(&self, value: u32) -> u32 {
        self.fetch_add(value, Ordering::Relaxed)
    }

    fn fetch_sub_release(&self, value: u32) -> u32 {
        self.fetch_sub(value, Ordering::Release)
    }

    fn lock_bit(&self, bit: u32) -> u32 {
        loop {
            let word = self.fetch_or(bit, Ordering::Acquire);
            if word & bit == 0 {
                return word;
            }
            thread::yield_now();
        }
    }

    fn fence_acquire(&self) {
        fence(Ordering::Acquire);
    }
}
