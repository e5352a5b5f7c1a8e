//! Memory of objects that have died, for the next of their type.
//!
//! Contexts, tokens and bindings come and go all the time. CPython keeps the memory of its
//! own contexts for that; an extension gets each block from the interpreter's
//! collector and gives it back to it, which costs more than all else about a
//! copy.
//!
//! Blocks are kept for all threads where a lock orders them, and else for each thread.

use pyo3::{Python, ffi};
use std::ptr::NonNull;

/// So many blocks are kept of one type.
const MOST: usize = if cfg!(Py_GIL_DISABLED) { 16 } else { 64 };

/// What memory is kept of: objects of one type, of one size.
#[derive(Clone, Copy)]
pub enum Spares {
    /// Contexts.
    Context,
    /// Tokens.
    Token,
    /// Leaves of contexts' bindings.
    Leaf,
}

/// Blocks of one type, all of them untracked and without a payload.
struct Blocks {
    len: usize,
    blocks: [Option<NonNull<ffi::PyObject>>; MOST],
}

impl Blocks {
    const NONE: Self = Blocks {
        len: 0,
        blocks: [None; MOST],
    };
}

type All = [Blocks; 3];

#[cfg(not(Py_GIL_DISABLED))]
mod place {
    use super::{All, Blocks};
    use std::cell::UnsafeCell;

    struct Place(UnsafeCell<All>);

    // SAFETY: S1: whoever gets at what is inside has the token, and the lock.
    unsafe impl Sync for Place {}

    static ALL: Place = Place(UnsafeCell::new([const { Blocks::NONE }; 3]));

    pub(super) fn all() -> *mut All {
        ALL.0.get()
    }
}

#[cfg(Py_GIL_DISABLED)]
mod place {
    use super::{All, Blocks};
    use std::cell::UnsafeCell;

    thread_local! {
        /// Whether the thread has a state, with whose end the blocks are freed.
        pub(super) static KEEPS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };

        /// Needs no destructor, so it is there as long as the thread.
        static ALL: UnsafeCell<All> = const { UnsafeCell::new([const { Blocks::NONE }; 3]) };
    }

    pub(super) fn all() -> *mut All {
        ALL.with(UnsafeCell::get)
    }
}

impl Spares {
    /// Takes a block.
    #[inline]
    pub(super) fn take(self, _: Python<'_>) -> Option<NonNull<ffi::PyObject>> {
        // SAFETY: S1; nothing else runs before the end.
        let Blocks { len, blocks } = unsafe { &mut (&mut *place::all())[self as usize] };
        let last = len.checked_sub(1)?;
        *len = last;
        blocks.get_mut(last)?.take()
    }

    /// Keeps a block; false where there are enough.
    #[inline]
    pub(super) fn keep(self, _: Python<'_>, block: NonNull<ffi::PyObject>) -> bool {
        #[cfg(Py_GIL_DISABLED)]
        if !place::KEEPS.get() {
            return false;
        }
        // SAFETY: as above.
        let Blocks { len, blocks } = unsafe { &mut (&mut *place::all())[self as usize] };
        let Some(place) = blocks.get_mut(*len) else {
            return false;
        };
        *place = Some(block);
        *len += 1;
        true
    }

    /// Notes that the calling thread has a state.
    pub fn begin_thread() {
        #[cfg(Py_GIL_DISABLED)]
        place::KEEPS.set(true);
    }

    /// Frees what is kept for the calling thread alone, whose state is dropped.
    pub fn end_thread() {
        #[cfg(Py_GIL_DISABLED)]
        {
            place::KEEPS.set(false);
            // SAFETY: S1: states are dropped with the thread attached, as all objects are.
            let py = unsafe { Python::assume_attached() };
            for kept in [Spares::Context, Spares::Token, Spares::Leaf] {
                while let Some(block) = kept.take(py) {
                    // SAFETY: S1; a block of the collector's, untracked and without a payload.
                    unsafe { ffi::PyObject_GC_Del(block.as_ptr().cast()) };
                }
            }
        }
    }
}
