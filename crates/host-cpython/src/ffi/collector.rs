//! The functions with which the interpreter visits, clears and frees objects of these types.

use super::FreeList;
use super::layout::{Layout, Payload, WeakList};
use super::nodes::Visit;
use super::release::release;
use pyo3::{Python, ffi};
use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};

/// Visits the references that an object owns: its type, and those of its payload. It changes no
/// counts, does not wait for a context, and runs no Python code.
pub(super) unsafe extern "C" fn traverse<P: Payload>(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: S2, S4; `visit` can be called with live objects. An object of a type that was created
    // at run time owns a reference to its type.
    unsafe {
        let payload = &(*object.cast::<Layout<P>>()).payload;
        Visit::all(visit, argument, ffi::Py_TYPE(object).cast(), |visit| {
            payload.visit(visit);
        })
    }
}

/// Clears an object that the collector has found dead.
pub(super) unsafe extern "C" fn clear<P: Payload>(object: *mut ffi::PyObject) -> c_int {
    if let Some(clear) = P::CLEAR {
        // SAFETY: S2, S4.
        clear(unsafe { &(*object.cast::<Layout<P>>()).payload });
    }
    0
}

/// Frees an object whose last reference was dropped.
pub(super) unsafe extern "C" fn deallocate<P: Payload>(object: *mut ffi::PyObject) {
    // SAFETY: S1, S2. There are no references to the object. The collector must not visit it while
    // its payload is dropped, so it is untracked first.
    unsafe {
        (*object.cast::<Layout<P>>()).weak.die();
        ffi::PyObject_GC_UnTrack(object.cast());
        release(object, finish::<P>);
    }
}

/// # Safety
///
/// `object` is an untracked object of `Layout<P>` without references, and the thread is attached.
#[inline(always)]
unsafe fn finish<P: Payload>(object: *mut ffi::PyObject) {
    // SAFETY: the caller's promise; S4: the payload is dropped only here.
    unsafe {
        let layout = object.cast::<Layout<P>>();
        if (*layout).weak.is_referenced() {
            ffi::PyObject_ClearWeakRefs(object);
        }
        ptr::drop_in_place(&raw mut (*layout).weak);
        ptr::drop_in_place(&raw mut (*layout).payload);
        let object = NonNull::new_unchecked(object);
        FreeList::keep_or_free(P::FREE_LIST, Python::assume_attached(), object);
    }
}
