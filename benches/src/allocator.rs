//! The system's allocator, which counts what is requested of it while [`count`] runs.
//!
//! Counted are bytes as requested, not what the system rounds them up to. At other times an
//! allocation costs one relaxed load more than without: nothing that shows in a time, and the
//! same for subject and peers.

use std::alloc::{GlobalAlloc, Layout, System};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::thread;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static ON: AtomicBool = AtomicBool::new(false);
static BYTES: AtomicI64 = AtomicI64::new(0);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

/// What some work requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requested {
    /// Bytes allocated less bytes freed.
    pub bytes: i64,
    /// Calls of the allocator that gave memory; a change of size is one.
    pub allocations: u64,
}

/// Does some work and returns its result with what it requested. One at a time: it counts the
/// whole process, which is single while it counts.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, Requested) {
    BYTES.store(0, Relaxed);
    ALLOCATIONS.store(0, Relaxed);
    ON.store(true, Relaxed);
    let result = work();
    ON.store(false, Relaxed);
    let requested = Requested {
        bytes: BYTES.load(Relaxed),
        allocations: ALLOCATIONS.load(Relaxed),
    };
    (result, requested)
}

/// Does some work on a thread of its own, and returns the bytes that are still allocated when the
/// thread has ended: of what the work has forgotten, since all else is freed by then. One at a
/// time, as with [`count`].
pub fn outliving(work: impl FnOnce() + Send) -> i64 {
    // Joined, and not just left to the scope, so that the thread's own values are gone too.
    let ended = || thread::scope(|scope| scope.spawn(work).join());
    match count(ended) {
        (Ok(()), requested) => requested.bytes,
        (Err(panic), _) => resume_unwind(panic),
    }
}

fn note(bytes: usize, freed: usize) {
    if ON.load(Relaxed) {
        BYTES.fetch_add(bytes as i64 - freed as i64, Relaxed);
        ALLOCATIONS.fetch_add(u64::from(bytes > 0), Relaxed);
    }
}

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: the caller's promise is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: the caller's promise is ours.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: the caller's promise is ours.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        // SAFETY: the caller's promise is ours.
        unsafe { System.realloc(block, layout, size) }
    }
}
