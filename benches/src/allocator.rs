//! The system's allocator, which counts requests while [`count`] runs.
//!
//! It counts bytes as requested, not as rounded up by the system. At other times an allocation costs
//! one more relaxed load, which does not show in timings and is the same for subject and peers.

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

/// The requests of some work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requested {
    /// Bytes allocated minus bytes freed.
    pub bytes: i64,
    /// The number of allocations; a reallocation is one.
    pub allocations: u64,
}

/// Calls `work` and returns its result with its requests. It counts the whole process, so no other
/// thread may run meanwhile.
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

/// Calls `work` on a new thread. Returns the bytes that are still allocated after the thread has
/// ended: those that `work` has forgotten. No other thread may run meanwhile, as with [`count`].
pub fn outliving(work: impl FnOnce() + Send) -> i64 {
    // Joined explicitly, so that the thread's locals are dropped, too.
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

// SAFETY: every call is forwarded unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: guaranteed by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        // SAFETY: guaranteed by the caller.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
