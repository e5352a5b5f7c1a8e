//! Python objects that contain a Rust value, their payload.

use super::class::Type;
use super::nodes::Visit;
use super::{FreeList, Object};
use crate::host::CPython;
use pyo3::{Python, ffi};
use pyobj::Unallocated;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

/// The Rust value inside the objects of a type, and its references for the collector.
pub trait Payload: Sized + 'static {
    /// The kind of weak references to the objects.
    type WeakList: WeakList;

    /// Visits each reference that this payload owns, once. The collector calls it, so it must not
    /// wait, change a count or drop an object.
    fn visit(&self, visit: &mut Visit<'_>);

    /// Returns `true` if the object can be in no cycle, now or later. The collector is not told of
    /// it then.
    fn is_acyclic(&self, _: Python<'_>) -> bool {
        false
    }

    /// Drops references of a payload that the collector has found dead, if it has any to drop.
    const CLEAR: Option<fn(&Self)> = None;

    /// The free list of the objects, if there is one. No other type uses it.
    const FREE_LIST: Option<FreeList> = None;
}

/// The kind of weak references to the objects of a type.
pub trait WeakList: Default {
    /// Whether this is the interpreter's list of weak references.
    const PYTHON: bool;

    /// Called first when the last reference to the object is dropped. Runs no Python code.
    fn die(&self) {}

    /// Returns `true` if Python code may have weak references to the object now.
    fn is_referenced(&self) -> bool {
        false
    }
}

/// No weak references.
#[derive(Default)]
pub struct NoWeakList;

impl WeakList for NoWeakList {
    const PYTHON: bool = false;
}

/// The head of the interpreter's list of weak references to an object.
#[repr(transparent)]
pub struct WeakReferences(*mut ffi::PyObject);

impl Default for WeakReferences {
    fn default() -> Self {
        WeakReferences(ptr::null_mut())
    }
}

impl WeakList for WeakReferences {
    const PYTHON: bool = true;

    fn is_referenced(&self) -> bool {
        !self.0.is_null()
    }
}

/// The memory layout of an object: the interpreter's head, and the payload, in one allocation.
#[repr(C)]
pub(super) struct Layout<P: Payload> {
    head: ffi::PyObject,
    pub(super) weak: P::WeakList,
    pub(super) payload: P,
}

/// A handle to an object with a payload of type `P`, which owns a reference to it.
///
/// Invariant: the object's layout is `Layout<P>` (S4).
#[repr(transparent)]
pub struct Instance<P: Payload>(Object, PhantomData<P>);

impl<P: Payload> Instance<P> {
    /// Creates an object that contains `payload`.
    ///
    /// # Errors
    ///
    /// `MemoryError`, with the payload.
    pub fn allocate(
        py: Python<'_>,
        class: &Type<P>,
        payload: P,
    ) -> Result<Self, Unallocated<CPython, P>> {
        // SAFETY: S1, S3. The memory has the size of the type's layout (S4), also if it is from the
        // free list. The head is initialized. No other code can reach the object before it is
        // tracked.
        unsafe {
            let object = match P::FREE_LIST.and_then(|free_list| free_list.take(py)) {
                Some(object) => object.as_ptr(),
                None => ffi::PyObject_GC_New::<ffi::PyObject>(class.as_ptr()),
            };
            let object = match Object::from_new(py, object) {
                Ok(object) => object,
                Err(error) => return Err(Unallocated { error, payload }),
            };
            let layout = object.as_ptr().cast::<Layout<P>>();
            (&raw mut (*layout).weak).write(P::WeakList::default());
            (&raw mut (*layout).payload).write(payload);
            if !(*layout).payload.is_acyclic(py) {
                ffi::PyObject_GC_Track(layout.cast());
            }
            Ok(Instance(object, PhantomData))
        }
    }

    /// Converts a handle to any object.
    ///
    /// # Safety
    ///
    /// The object has this payload.
    pub(super) unsafe fn from_ref(object: &Object) -> &Self {
        // SAFETY: both have the same layout, and the caller promises the invariant.
        unsafe { &*ptr::from_ref(object).cast() }
    }

    /// Takes over a reference to an object.
    ///
    /// # Safety
    ///
    /// The object has this payload, or the result is only dropped.
    pub(super) unsafe fn from_counted(object: NonNull<ffi::PyObject>) -> Self {
        // SAFETY: the caller's promise.
        Instance(unsafe { Object::from_nonnull(object) }, PhantomData)
    }

    /// Returns the payload.
    pub fn payload(&self) -> &P {
        // SAFETY: S4, and the object is alive as long as this handle (S3).
        unsafe { &(*self.0.as_ptr().cast::<Layout<P>>()).payload }
    }

    /// Returns another handle to the same object: increments its count.
    pub fn clone_ref(&self, py: Python<'_>) -> Self {
        Instance(self.0.clone_ref(py), PhantomData)
    }

    /// Borrows the handle as one to any object.
    pub fn as_object(&self) -> &Object {
        &self.0
    }

    /// Converts the handle to one to any object.
    pub fn into_object(self) -> Object {
        self.0
    }
}
