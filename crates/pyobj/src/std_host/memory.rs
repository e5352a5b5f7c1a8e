//! The memory of small objects, of which each thread keeps some for its next ones.
//!
//! Contexts, variables and tokens come and go with each call. To take their memory from the
//! allocator and give it back costs as much as all else that is done with them.
//!
//! A thread keeps at most [`EACH`] blocks of each of [`CLASSES`] sizes, 32 KiB in all, until it
//! ends. What other threads allocated may be among them.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

/// Sizes of blocks differ by this much. They are those of glibc's, which needs 8 bytes for itself.
const STEP: usize = 16;
const CLASSES: usize = 16;
const EACH: usize = 16;

thread_local! {
    static KEPT: Kept = const { Kept([const { List::new() }; CLASSES]) };
}

/// What a thread keeps, by class.
struct Kept([List; CLASSES]);

/// Blocks of one class, which each begin with the address of the next.
struct List {
    first: Cell<Option<NonNull<Block>>>,
    len: Cell<usize>,
}

struct Block {
    next: Option<NonNull<Block>>,
}

/// Returns the class of blocks that have room for this layout. `None` where it is too large or
/// not of whole words, and where a sanitizer or a model checker is to see each allocation.
#[inline(always)]
const fn class(layout: Layout) -> Option<usize> {
    let class = layout.size() / STEP;
    let is_whole = layout.size() % 8 == 0 && layout.align() <= 8;
    let is_kept = class < CLASSES && is_whole && !cfg!(any(loom, plain_memory));
    if is_kept { Some(class) } else { None }
}

/// Returns the layout of the blocks of a class, which have room for the largest layout of it.
#[inline(always)]
const fn layout_of(class: usize) -> Layout {
    match Layout::from_size_align(class * STEP + STEP - 8, 8) {
        Ok(layout) => layout,
        Err(_) => unreachable!(),
    }
}

/// Allocates memory of this layout, which is not empty.
#[inline]
pub(super) fn allocate(layout: Layout) -> NonNull<u8> {
    let Some(class) = class(layout) else {
        return allocate_anew(layout);
    };
    match KEPT.try_with(|kept| kept.0[class].take()) {
        Ok(Some(block)) => block.cast(),
        _ => allocate_anew(layout_of(class)),
    }
}

#[cold]
fn allocate_anew(layout: Layout) -> NonNull<u8> {
    assert_ne!(layout.size(), 0, "a block has a count");
    // SAFETY: the size is not zero.
    NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout))
}

/// Frees memory.
///
/// # Safety
///
/// It is from [`allocate`] with the same layout, and not used any more.
#[inline]
pub(super) unsafe fn free(memory: NonNull<u8>, layout: Layout) {
    let layout = match class(layout) {
        None => layout,
        Some(class) => {
            // SAFETY: it is a block of this class, and not used any more.
            let keep = |kept: &Kept| unsafe { kept.0[class].keep(memory.cast()) };
            if KEPT.try_with(keep) == Ok(true) {
                return;
            }
            layout_of(class)
        }
    };
    // SAFETY: it is the allocator's, of this layout, and was not kept.
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
    fn take(&self) -> Option<NonNull<Block>> {
        let first = self.first.get()?;
        // SAFETY: a block that is kept is whole, and this thread's alone.
        self.first.set(unsafe { first.as_ref() }.next);
        self.len.set(self.len.get() - 1);
        Some(first)
    }

    /// Keeps a block, unless there are enough: then returns `false`.
    ///
    /// # Safety
    ///
    /// It is of this class, and not used any more.
    #[inline(always)]
    unsafe fn keep(&self, block: NonNull<Block>) -> bool {
        if self.len.get() == EACH {
            return false;
        }
        let next = self.first.replace(Some(block));
        // SAFETY: not used any more, and large enough for it.
        unsafe { block.write(Block { next }) };
        self.len.set(self.len.get() + 1);
        true
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for (class, list) in self.0.iter().enumerate() {
            while let Some(block) = list.take() {
                // SAFETY: blocks of a class have its layout, and nothing uses one that is kept.
                unsafe { dealloc(block.as_ptr().cast(), layout_of(class)) }
            }
        }
    }
}

#[cfg(all(test, not(any(loom, plain_memory))))]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout::new::<[u64; 5]>();

    fn kept() -> usize {
        KEPT.with(|kept| kept.0[class(LAYOUT).unwrap()].len.get())
    }

    #[test]
    fn what_was_freed_last_is_allocated_next_and_so_much_is_kept() {
        let run = || {
            let blocks: Vec<_> = (0..EACH + 2).map(|_| allocate(LAYOUT)).collect();
            assert_eq!(kept(), 0);
            // SAFETY: allocated with this layout, and not used.
            (blocks.iter()).for_each(|block| unsafe { free(*block, LAYOUT) });
            assert_eq!(kept(), EACH);
            let next = allocate(Layout::new::<[u64; 4]>());
            assert_eq!(next, blocks[EACH - 1], "of one class");
            assert_eq!(kept(), EACH - 1);
            // SAFETY: as above.
            unsafe { free(next, LAYOUT) };
        };
        std::thread::spawn(run).join().unwrap();
    }

    #[test]
    fn large_and_aligned_memory_is_the_allocators() {
        assert!(class(Layout::new::<[u64; 31]>()).is_some());
        assert!(class(Layout::new::<[u64; 32]>()).is_none());
        assert!(class(Layout::new::<u128>()).is_none());
    }
}
