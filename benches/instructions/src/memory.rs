//! A bump allocator over one static array, which frees nothing.
//!
//! The instructions of the system's allocator differ between versions of the system's library, so
//! figures of two machines could not be compared. Here an allocation costs the same few everywhere.
//! A run does a few thousand operations, which need some hundred bytes each.
//!
//! The `unsafe` code rests on **S1**: the program has one thread. Tests, which have several, use the
//! system's allocator.
#![cfg(not(test))]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::{Cell, UnsafeCell};
use std::ptr::null_mut;

/// More bytes than any run needs. Pages that are not used take no memory.
const SIZE: usize = 1 << 25;

#[global_allocator]
static PIECE: Piece = Piece(UnsafeCell::new([0; SIZE]), Cell::new(0));

/// The array, and the index of its first free byte.
struct Piece(UnsafeCell<[u8; SIZE]>, Cell<usize>);

// SAFETY: S1.
unsafe impl Sync for Piece {}

// SAFETY: an allocation is taken from the free part of the array, with the requested size and
// alignment. Nothing here panics.
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
