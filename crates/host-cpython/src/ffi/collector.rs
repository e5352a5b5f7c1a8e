//! What the interpreter calls to visit, clear and free objects of our types.

use super::Spares;
use super::layout::{Layout, Payload, WeakList};
use super::nodes::Visit;
use super::release::release;
use pyo3::{Python, ffi};
use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};

/// Shows the collector what an object owns: its type and what its payload
/// shows. Counts nothing, waits for no context, runs no code of Python's.
pub(super) unsafe extern "C" fn traverse<P: Payload>(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: S2, S4; `visit` takes live objects. Every object of a type made at run time owns
    // its type.
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

/// Frees an object whose last count is gone.
pub(super) unsafe extern "C" fn deallocate<P: Payload>(object: *mut ffi::PyObject) {
    // SAFETY: S1, S2. Nobody else has the object any more, so the collector
    // must not come upon it while it is taken apart.
    unsafe {
        (*object.cast::<Layout<P>>()).weak.die();
        ffi::PyObject_GC_UnTrack(object.cast());
        release(object, finish::<P>);
    }
}

/// # Safety
///
/// `object` is an untracked object of `Layout<P>` without a count, and the
/// thread is attached.
unsafe fn finish<P: Payload>(object: *mut ffi::PyObject) {
    // SAFETY: the caller's promise; S4: the payload is taken out here alone.
    unsafe {
        let layout = object.cast::<Layout<P>>();
        if (*layout).weak.is_referenced() {
            ffi::PyObject_ClearWeakRefs(object);
        }
        ptr::drop_in_place(&raw mut (*layout).weak);
        ptr::drop_in_place(&raw mut (*layout).payload);
        let object = NonNull::new_unchecked(object);
        Spares::keep_or_free(P::SPARES, Python::assume_attached(), object);
    }
}
