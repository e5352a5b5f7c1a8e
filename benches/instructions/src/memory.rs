//! Blocks from lists of this program's own.
//!
//! The system's allocator needs other instructions in each version of the system's library, so
//! that figures of two machines could not be compared. Here a block costs the same few everywhere.
//!
//! This module is made for `unsafe`. It rests on one thing, **S1**: the program has one thread, and
//! tests, which have several, use the system's allocator.
#![cfg(not(test))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;

#[global_allocator]
static LISTS: Lists = Lists([const { Cell::new(null_mut()) }; CLASSES]);

/// A block is as large as a multiple of this.
const STEP: usize = 16;
/// So many sizes have a list. What is larger comes from the system: nothing that is measured.
const CLASSES: usize = 256;

/// The free blocks of each size; a free block begins with the address of the next.
struct Lists([Cell<*mut Block>; CLASSES]);

struct Block {
    next: *mut Block,
}

// SAFETY: S1.
unsafe impl Sync for Lists {}

impl Lists {
    /// The list of a size, and the size of its blocks.
    fn of(&self, layout: Layout) -> Option<(&Cell<*mut Block>, usize)> {
        let steps = layout.size().div_ceil(STEP);
        let list = self.0.get(steps)?;
        (layout.align() <= STEP && steps > 0).then_some((list, steps * STEP))
    }
}

// SAFETY: a block is of the system, as large and as aligned as asked for, and in at most one list,
// that of its size, while it is free. Nothing here panics.
unsafe impl GlobalAlloc for Lists {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some((list, size)) = self.of(layout) else {
            // SAFETY: the caller's promise is ours.
            return unsafe { System.alloc(layout) };
        };
        let block = list.get();
        if block.is_null() {
            // SAFETY: a size that is not 0, and a power of 2.
            return unsafe { System.alloc(Layout::from_size_align_unchecked(size, STEP)) };
        }
        // SAFETY: what is in the list is free, and begins so.
        list.set(unsafe { (*block).next });
        block.cast()
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some((list, _)) = self.of(layout) else {
            // SAFETY: it came from there, for the same layout.
            return unsafe { System.dealloc(block, layout) };
        };
        let block = block.cast::<Block>();
        // SAFETY: the caller gives it up; it has 16 bytes or more, so aligned.
        unsafe { block.write(Block { next: list.get() }) };
        list.set(block);
    }
}
