//! Free lists: dead objects, whose memory the next objects of their types reuse.
//!
//! Contexts, tokens and bindings are created and freed often. CPython has a free list for its own
//! contexts. In an extension, allocating and freeing an object with a collector's head takes longer
//! than the rest of a copy.
//!
//! With a global lock all threads share the lists; without one each thread has its own.

use super::count::{decrease, revive};
use pyo3::{Python, ffi};
use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;

/// The most objects in a list.
const MOST: usize = if cfg!(Py_GIL_DISABLED) { 16 } else { 64 };

/// A free list, for objects of one type and size.
#[derive(Clone, Copy)]
pub enum FreeList {
    /// Contexts.
    Context,
    /// Tokens.
    Token,
    /// Leaves of contexts' bindings.
    Leaf,
}

/// Dead objects of one type, untracked and without a payload. Each owns a reference to its type.
struct Objects {
    len: usize,
    objects: [Option<NonNull<ffi::PyObject>>; MOST],
}

/// All lists, and whether they accept objects.
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

/// With a global lock, the lists are shared by all threads.
#[cfg(not(Py_GIL_DISABLED))]
fn with_all<R>(f: impl FnOnce(&All) -> R) -> R {
    struct Shared(All);
    // SAFETY: S1: a thread that accesses it has the token, and so the lock.
    unsafe impl Sync for Shared {}
    static ALL: Shared = Shared(All::new(true));
    f(&ALL.0)
}

/// Without one, each thread has lists while it has a state. They are emptied when the state is
/// dropped.
#[cfg(Py_GIL_DISABLED)]
fn with_all<R>(f: impl FnOnce(&All) -> R) -> R {
    thread_local! {
        /// Without a destructor, so that it exists until the thread ends.
        static ALL: All = const { All::new(false) };
    }
    ALL.with(f)
}

impl FreeList {
    /// Takes an object from the list, with one reference.
    #[inline(always)]
    pub(super) fn take(self, _: Python<'_>) -> Option<NonNull<ffi::PyObject>> {
        with_all(|all| {
            // SAFETY: S1; no other code runs inside this block.
            let object = unsafe {
                let Objects { len, objects } = &mut (&mut *all.types.get())[self as usize];
                let last = len.checked_sub(1)?;
                *len = last;
                objects.get_mut(last)?.take()?
            };
            // SAFETY: S1; an object in the list is dead and untracked.
            unsafe { revive(object.as_ptr()) };
            Some(object)
        })
    }

    /// Puts an object into its list. Frees it if the list is full, or there is none.
    ///
    /// # Safety
    ///
    /// The object is dead and untracked, its type was created at run time, and its payload is
    /// dropped. A list gets objects of one type and size only.
    #[inline(always)]
    pub(super) unsafe fn keep_or_free(
        free_list: Option<FreeList>,
        _: Python<'_>,
        object: NonNull<ffi::PyObject>,
    ) {
        let kept = free_list.is_some_and(|free_list| {
            with_all(|all| {
                // SAFETY: S1; no other code runs before the closure returns.
                let types = unsafe { &mut *all.types.get() };
                let Objects { len, objects } = &mut types[free_list as usize];
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
            // SAFETY: the caller's promise.
            unsafe { free(object) }
        }
    }

    /// Makes the lists accept objects: the calling thread now has a state.
    pub fn begin_thread() {
        with_all(|all| all.keeps.set(true));
    }

    /// Without a global lock, frees the objects in the calling thread's lists: its state is
    /// dropped.
    pub fn end_thread() {
        #[cfg(Py_GIL_DISABLED)]
        {
            with_all(|all| all.keeps.set(false));
            // SAFETY: S1: states are dropped with the thread attached, as all objects are.
            let py = unsafe { Python::assume_attached() };
            for kept in [FreeList::Context, FreeList::Token, FreeList::Leaf] {
                while let Some(object) = kept.take(py) {
                    // SAFETY: S1; untracked and without a payload.
                    unsafe { FreeList::keep_or_free(None, py, object) };
                }
            }
        }
    }
}

/// Frees a dead object.
///
/// # Safety
///
/// The object is untracked, its type was created at run time, and its payload is dropped. The
/// thread is attached.
#[inline(never)]
unsafe fn free(object: NonNull<ffi::PyObject>) {
    // SAFETY: the caller's promise; the object owns a reference to its type.
    unsafe {
        let class = ffi::Py_TYPE(object.as_ptr());
        ffi::PyObject_GC_Del(object.as_ptr().cast());
        decrease(class.cast());
    }
}
