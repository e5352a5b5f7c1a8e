//! Memory from one piece, which is never given back.
//!
//! The system's allocator needs other instructions in each version of the system's library, so
//! that figures of two machines could not be compared. Here an allocation costs the same few
//! everywhere; and a run does a few thousand operations, which need some hundred bytes each.
//!
//! This module is made for `unsafe`. It rests on one thing, **S1**: the program has one thread, and
//! tests, which have several, use the system's allocator.
#![cfg(not(test))]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::{Cell, UnsafeCell};
use std::ptr::null_mut;

/// More than any run takes. What is not used of it is no memory of the machine.
const SIZE: usize = 1 << 25;

#[global_allocator]
static PIECE: Piece = Piece(UnsafeCell::new([0; SIZE]), Cell::new(0));

/// The piece, and where the rest of it begins.
struct Piece(UnsafeCell<[u8; SIZE]>, Cell<usize>);

// SAFETY: S1.
unsafe impl Sync for Piece {}

// SAFETY: an allocation is of the rest of the piece, as large and as aligned as asked for. Nothing
// here panics.
unsafe impl GlobalAlloc for Piece {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let rest = self.0.get().cast::<u8>().wrapping_add(self.1.get());
        let start = self.1.get() + rest.align_offset(layout.align());
        let end = start.saturating_add(layout.size());
        if end > SIZE {
            return null_mut();
        }
        self.1.set(end);
        self.0.get().cast::<u8>().wrapping_add(start)
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
