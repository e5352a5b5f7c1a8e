//! The memory that a thread caches is bounded, and is freed when the thread ends.
//!
//! The count is of the whole process, so this is a program of its own without a test harness:
//! on a busy machine, allocations of the harness's thread were counted too.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicIsize, Ordering::Relaxed},
    thread,
};

use hamt::{Hamt, Leaf};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The number of allocated bytes.
static LIVE: AtomicIsize = AtomicIsize::new(0);

struct Counting;

// SAFETY: all calls are passed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Relaxed);
        // SAFETY: the caller's promise is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Relaxed);
        // SAFETY: the caller's promise is ours.
        unsafe { System.dealloc(block, layout) }
    }
}

fn map(len: u64) -> Hamt<u64, u64> {
    (0..len).map(|key| (key, key)).collect()
}

/// Creates leaves with values of `SIZE` bytes, and drops them.
fn entries<const SIZE: usize>() {
    let entry = |hash| Leaf::new(hash, (), [0_u8; SIZE]);
    drop((0..2000).map(entry).collect::<Vec<_>>());
}

/// Runs `work` on a new thread, and returns how many bytes more are allocated
/// afterwards.
fn left_by<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> (T, isize) {
    // The first thread allocates memory that later ones use too.
    thread::spawn(|| {}).join().expect("the thread ends");
    let before = LIVE.load(Relaxed);
    let result = thread::spawn(work).join().expect("the thread ends");
    (result, LIVE.load(Relaxed) - before)
}

fn main() {
    a_threads_cache_is_bounded_and_freed_at_its_end();
    println!("a thread's cache is bounded and freed at its end: ok");
    the_bound_is_for_all_sizes_together();
    println!("the bound is for all sizes together: ok");
}

/// The documented limit of a thread's cache, and a little for what the system allocates for a
/// thread.
const MOST: isize = (256 + 4) << 10;

/// Under sanitizers and Miri, which must see each allocation, threads cache nothing.
const LEAST: isize = if cfg!(plain_memory) { 0 } else { 1 };

fn a_threads_cache_is_bounded_and_freed_at_its_end() {
    const LEN: u64 = if cfg!(miri) { 1_000 } else { 100_000 };
    let (kept, left) = left_by(|| {
        let before = LIVE.load(Relaxed);
        drop(map(LEN));
        LIVE.load(Relaxed) - before
    });
    assert!((LEAST..=MOST).contains(&kept), "{kept} bytes are kept");
    assert_eq!(left, 0, "bytes are left of the thread's own map");

    // Freed on another thread than allocated on.
    let map = map(LEN);
    let ((), left) = left_by(move || drop(map));
    assert!(left < 0, "{left}");
    // Nothing but the cache of this thread is left of the map.
    let ((), left) = left_by(|| {});
    assert_eq!(left, 0);
}

fn the_bound_is_for_all_sizes_together() {
    let (kept, left) = left_by(|| {
        let before = LIVE.load(Relaxed);
        entries::<0>();
        entries::<16>();
        entries::<32>();
        entries::<48>();
        entries::<64>();
        entries::<80>();
        entries::<96>();
        entries::<112>();
        entries::<128>();
        entries::<160>();
        entries::<192>();
        entries::<224>();
        entries::<256>();
        entries::<288>();
        drop(map(100_000));
        LIVE.load(Relaxed) - before
    });
    assert!((LEAST..=MOST).contains(&kept), "{kept} bytes are kept");
    assert_eq!(left, 0);
}
