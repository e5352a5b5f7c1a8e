//! Memory of objects that have died, for the next of their type.
//!
//! Contexts and tokens come and go all the time. CPython keeps the memory of its
//! own contexts for that; an extension gets each block from the interpreter's
//! collector and gives it back to it, which costs more than all else about a
//! copy.
//!
//! Without a global lock nothing is kept: a block belongs to the thread that allocated it, and
//! the interpreter keeps blocks for each thread.

use pyo3::{Python, ffi};
use std::cell::UnsafeCell;
use std::ptr::NonNull;

/// So many blocks are kept of one type.
const MOST: usize = 64;

/// Blocks of one type, all of them untracked and without a payload.
pub struct Spares(UnsafeCell<Blocks>);

struct Blocks {
    len: usize,
    blocks: [Option<NonNull<ffi::PyObject>>; MOST],
}

// SAFETY: S1: whoever gets at what is inside has the token, and the lock.
unsafe impl Sync for Spares {}

impl Spares {
    /// Makes it, with nothing inside.
    pub const fn new() -> Self {
        Spares(UnsafeCell::new(Blocks {
            len: 0,
            blocks: [None; MOST],
        }))
    }

    /// Takes a block.
    #[inline]
    pub(super) fn take(&self, _: Python<'_>) -> Option<NonNull<ffi::PyObject>> {
        if cfg!(Py_GIL_DISABLED) {
            return None;
        }
        // SAFETY: S1; nothing else runs before the end.
        let all = unsafe { &mut *self.0.get() };
        let last = all.len.checked_sub(1)?;
        all.len = last;
        all.blocks.get_mut(last)?.take()
    }

    /// Keeps a block; false where there are enough, or none are kept.
    #[inline]
    pub(super) fn keep(&self, _: Python<'_>, block: NonNull<ffi::PyObject>) -> bool {
        if cfg!(Py_GIL_DISABLED) {
            return false;
        }
        // SAFETY: as above.
        let all = unsafe { &mut *self.0.get() };
        let Some(place) = all.blocks.get_mut(all.len) else {
            return false;
        };
        *place = Some(block);
        all.len += 1;
        true
    }
}
