//! Memory for entries and tables.
//!
//! A changed version takes two blocks and, as it dies, gives two back, and the
//! system's allocator would be a third of what that costs. So each thread keeps
//! some of the blocks that it frees, to hand them out again (`recycled`).
//! Where there are no threads (without the feature `std`), and where a checker is
//! to see every block come and go (loom; `--cfg plain_memory`, for sanitizers),
//! all come from the allocator and go back there.
#![allow(unsafe_code)]

#[cfg(all(feature = "std", not(any(loom, plain_memory))))]
mod recycled;

use alloc::alloc::{alloc, dealloc, handle_alloc_error};
use core::{alloc::Layout, ptr::NonNull};

#[cfg(all(feature = "std", not(any(loom, plain_memory))))]
pub use recycled::{allocate, free};

#[cfg(not(all(feature = "std", not(any(loom, plain_memory)))))]
pub use self::{from_allocator as allocate, to_allocator as free};

/// Returns a block of this layout.
///
/// # Safety
///
/// The layout must not be empty.
#[cold]
#[inline(never)]
pub unsafe fn from_allocator(layout: Layout) -> NonNull<u8> {
    // SAFETY: not empty, by the caller.
    match NonNull::new(unsafe { alloc(layout) }) {
        Some(block) => block,
        None => handle_alloc_error(layout),
    }
}

/// Takes a block back.
///
/// # Safety
///
/// It must be from [`from_allocator`] with this layout, and not be used again.
#[cold]
#[inline(never)]
pub unsafe fn to_allocator(block: NonNull<u8>, layout: Layout) {
    // SAFETY: by the caller.
    unsafe { dealloc(block.as_ptr(), layout) }
}
