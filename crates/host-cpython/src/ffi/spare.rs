//! Dead objects, kept for the next objects of their types.
//!
//! Contexts, tokens and bindings come and go all the time. CPython keeps the memory of its own
//! contexts. For an extension, to allocate and free an object of the collector's costs more than
//! all else about a copy.
//!
//! The objects are kept for all threads if a lock orders them, and otherwise for each thread.

use super::count::{decrease, revive};
use pyo3::{Python, ffi};
use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;

/// So many objects are kept of one type.
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

/// Dead objects of one type, untracked and without a payload. Each still owns a reference to its type.
struct Objects {
    len: usize,
    objects: [Option<NonNull<ffi::PyObject>>; MOST],
}

/// The objects of all types, and whether any are kept.
struct All {
    keeps: Cell<bool>,
    types: UnsafeCell<[Objects; 3]>,
}

impl All {
    const fn new(keeps: bool) -> Self {
        const NONE: Objects = Objects {
            len: 0,
            objects: [None; MOST],
        };
        All {
            keeps: Cell::new(keeps),
            types: UnsafeCell::new([NONE; 3]),
        }
    }
}

/// With a lock, for all threads.
#[cfg(not(Py_GIL_DISABLED))]
fn with_all<R>(f: impl FnOnce(&All) -> R) -> R {
    struct Place(All);
    // SAFETY: S1: a thread that gets at it has the token, and the lock.
    unsafe impl Sync for Place {}
    static ALL: Place = Place(All::new(true));
    f(&ALL.0)
}

/// Without, for each thread while it has a state, at whose end the objects are freed.
#[cfg(Py_GIL_DISABLED)]
fn with_all<R>(f: impl FnOnce(&All) -> R) -> R {
    thread_local! {
        /// Needs no destructor, so it is there as long as the thread.
        static ALL: All = const { All::new(false) };
    }
    ALL.with(f)
}

impl Spares {
    /// Makes a new object of one that is kept, with one reference.
    #[inline]
    pub(super) fn take(self, _: Python<'_>) -> Option<NonNull<ffi::PyObject>> {
        with_all(|all| {
            // SAFETY: S1; nothing else runs before the end of the block.
            let object = unsafe {
                let Objects { len, objects } = &mut (&mut *all.types.get())[self as usize];
                let last = len.checked_sub(1)?;
                *len = last;
                objects.get_mut(last)?.take()?
            };
            // SAFETY: S1; as it is kept.
            unsafe { revive(object.as_ptr()) };
            Some(object)
        })
    }

    /// Keeps an object, or frees it if there are enough, or no place for its type.
    ///
    /// # Safety
    ///
    /// The object is dead and untracked, of a type made at run time, and its payload is dropped. A
    /// place has objects of one type and size.
    #[inline]
    pub(super) unsafe fn keep_or_free(
        spares: Option<Spares>,
        _: Python<'_>,
        object: NonNull<ffi::PyObject>,
    ) {
        let kept = spares.is_some_and(|spares| {
            with_all(|all| {
                // SAFETY: S1; nothing else runs before the end.
                let types = unsafe { &mut *all.types.get() };
                let Objects { len, objects } = &mut types[spares as usize];
                let place = objects.get_mut(*len).filter(|_| all.keeps.get());
                let is_room = place.is_some();
                if let Some(place) = place {
                    *place = Some(object);
                    *len += 1;
                }
                is_room
            })
        });
        if !kept {
            // SAFETY: the caller's promise; the object owns a reference to its type.
            unsafe {
                let class = ffi::Py_TYPE(object.as_ptr());
                ffi::PyObject_GC_Del(object.as_ptr().cast());
                decrease(class.cast());
            }
        }
    }

    /// Notes that the calling thread has a state.
    pub fn begin_thread() {
        with_all(|all| all.keeps.set(true));
    }

    /// Frees what is kept for the calling thread alone, whose state is dropped.
    pub fn end_thread() {
        #[cfg(Py_GIL_DISABLED)]
        {
            with_all(|all| all.keeps.set(false));
            // SAFETY: S1: states are dropped with the thread attached, as all objects are.
            let py = unsafe { Python::assume_attached() };
            for kept in [Spares::Context, Spares::Token, Spares::Leaf] {
                while let Some(object) = kept.take(py) {
                    // SAFETY: S1; untracked and without a payload.
                    unsafe { Spares::keep_or_free(None, py, object) };
                }
            }
        }
    }
}
