//! The memory of small objects, which each thread caches for its next objects.
//!
//! Contexts, variables and tokens are created and dropped with each call. Allocating and freeing
//! their memory costs as much as everything else that is done with them.
//!
//! A thread caches at most [`CAPACITY`] allocations of each of [`CLASSES`] sizes, 32 KiB in all,
//! until it ends. Other threads may have allocated some of them.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

/// The difference between the sizes of two classes. The sizes are those of glibc, which needs 8
/// bytes of each allocation.
const STEP: usize = 16;
const CLASSES: usize = 16;
const CAPACITY: usize = 16;

thread_local! {
    static CACHE: Cache = const { Cache([const { List::new() }; CLASSES]) };
}

/// The cache of a thread, by class.
struct Cache([List; CLASSES]);

/// A linked list of free allocations of one class.
struct List {
    first: Cell<Option<NonNull<Node>>>,
    len: Cell<usize>,
}

/// The start of a free allocation.
struct Node {
    next: Option<NonNull<Node>>,
}

/// Returns the class of allocations that have room for this layout. Returns `None` if it is too
/// large or not of whole words, and where a sanitizer or a model checker must see each allocation.
#[inline(always)]
const fn class(layout: Layout) -> Option<usize> {
    let class = layout.size() / STEP;
    let is_whole = layout.size() % 8 == 0 && layout.align() <= 8;
    let is_cached = class < CLASSES && is_whole && !cfg!(any(loom, plain_memory));
    if is_cached { Some(class) } else { None }
}

/// Returns the layout of the allocations of a class: the largest layout of the class.
#[inline(always)]
const fn layout_of(class: usize) -> Layout {
    match Layout::from_size_align(class * STEP + STEP - 8, 8) {
        Ok(layout) => layout,
        Err(_) => unreachable!(),
    }
}

/// Allocates memory of this layout, whose size must not be 0.
#[inline]
pub(super) fn allocate(layout: Layout) -> NonNull<u8> {
    let Some(class) = class(layout) else {
        return allocate_anew(layout);
    };
    match CACHE.try_with(|cache| cache.0[class].pop()) {
        Ok(Some(node)) => node.cast(),
        _ => allocate_anew(layout_of(class)),
    }
}

#[cold]
fn allocate_anew(layout: Layout) -> NonNull<u8> {
    assert_ne!(layout.size(), 0, "an allocation has at least a count");
    // SAFETY: the size is not zero.
    NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout))
}

/// Frees memory.
///
/// # Safety
///
/// It must be from [`allocate`] with the same layout, and not be used any more.
#[inline]
pub(super) unsafe fn free(memory: NonNull<u8>, layout: Layout) {
    let layout = match class(layout) {
        None => layout,
        Some(class) => {
            // SAFETY: it is an allocation of this class, and not used any more.
            let push = |cache: &Cache| unsafe { cache.0[class].push(memory.cast()) };
            if CACHE.try_with(push) == Ok(true) {
                return;
            }
            layout_of(class)
        }
    };
    // SAFETY: it is from the allocator, of this layout, and not in the cache.
    unsafe { dealloc(memory.as_ptr(), layout) }
}

impl List {
    const fn new() -> Self {
        List {
            first: Cell::new(None),
            len: Cell::new(0),
        }
    }

    #[inline(always)]
    fn pop(&self) -> Option<NonNull<Node>> {
        let first = self.first.get()?;
        // SAFETY: a node in the list is initialized, and only this thread uses it.
        self.first.set(unsafe { first.as_ref() }.next);
        self.len.set(self.len.get() - 1);
        Some(first)
    }

    /// Adds an allocation. Returns `false`, and does nothing, if the list is full.
    ///
    /// # Safety
    ///
    /// It must be of this class, and not be used any more.
    #[inline(always)]
    unsafe fn push(&self, node: NonNull<Node>) -> bool {
        if self.len.get() == CAPACITY {
            return false;
        }
        let next = self.first.replace(Some(node));
        // SAFETY: not used any more, and large enough for a node.
        unsafe { node.write(Node { next }) };
        self.len.set(self.len.get() + 1);
        true
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        for (class, list) in self.0.iter().enumerate() {
            while let Some(node) = list.pop() {
                // SAFETY: allocations of a class have its layout, and no code uses a cached one.
                unsafe { dealloc(node.as_ptr().cast(), layout_of(class)) }
            }
        }
    }
}

#[cfg(all(test, not(any(loom, plain_memory))))]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout::new::<[u64; 5]>();

    fn cached() -> usize {
        CACHE.with(|cache| cache.0[class(LAYOUT).unwrap()].len.get())
    }

    #[test]
    fn the_cache_is_bounded_and_last_in_first_out() {
        let run = || {
            let all: Vec<_> = (0..CAPACITY + 2).map(|_| allocate(LAYOUT)).collect();
            assert_eq!(cached(), 0);
            // SAFETY: allocated with this layout, and not used.
            (all.iter()).for_each(|memory| unsafe { free(*memory, LAYOUT) });
            assert_eq!(cached(), CAPACITY);
            let next = allocate(Layout::new::<[u64; 4]>());
            assert_eq!(next, all[CAPACITY - 1], "not the last one of this class");
            assert_eq!(cached(), CAPACITY - 1);
            // SAFETY: as above.
            unsafe { free(next, LAYOUT) };
        };
        std::thread::spawn(run).join().unwrap();
    }

    #[test]
    fn large_and_aligned_memory_is_not_cached() {
        assert!(class(Layout::new::<[u64; 31]>()).is_some());
        assert!(class(Layout::new::<[u64; 32]>()).is_none());
        assert!(class(Layout::new::<u128>()).is_none());
    }
}
