//! Objects with a payload of ours inside.

use super::class::Type;
use super::nodes::Visit;
use super::{Object, Spares};
use crate::host::CPython;
use pyo3::{Python, ffi};
use pyobj::Unallocated;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

/// What lives inside the objects of one of our types, and what it shows the
/// collector.
pub trait Payload: Sized + 'static {
    /// Whether there can be weak references to the objects.
    type WeakList: WeakList;

    /// Shows each reference to an object that this payload owns, each once. Called where no
    /// code of ours may wait, count or drop.
    fn visit(&self, visit: &mut Visit<'_>);

    /// Drops what the payload can do without: it has been found dead. What has
    /// nothing of the kind is not asked.
    const CLEAR: Option<fn(&Self)> = None;

    /// Where the memory of dead objects is kept for new ones, if it is. One such
    /// place for one type.
    const SPARES: Option<Spares> = None;
}

/// How the objects of a type are weakly referenced.
pub trait WeakList: Default {
    /// Whether the interpreter keeps a list of weak references here.
    const PYTHON: bool;

    /// Called first of all when the object's last count is gone. Runs no
    /// Python code.
    fn die(&self) {}

    /// Whether there may be weak references to the object now.
    fn is_referenced(&self) -> bool {
        false
    }
}

/// There are no weak references.
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

/// An object in memory: what the interpreter wants of every object, and then
/// the payload. One allocation.
#[repr(C)]
pub(super) struct Layout<P: Payload> {
    head: ffi::PyObject,
    pub(super) weak: P::WeakList,
    pub(super) payload: P,
}

/// A counted handle to an object with a payload of type `P` inside.
///
/// Invariant: the object's layout is `Layout<P>` (S4).
#[repr(transparent)]
pub struct Instance<P: Payload>(Object, PhantomData<P>);

impl<P: Payload> Instance<P> {
    /// Makes an object around `payload`.
    ///
    /// # Errors
    ///
    /// `MemoryError`, with the payload.
    pub fn allocate(
        py: Python<'_>,
        class: &Type<P>,
        payload: P,
    ) -> Result<Self, Unallocated<CPython, P>> {
        // SAFETY: S1, S3. The memory is as large as the type says, which is
        // S4's layout, also where an object of the type was in it before; the
        // head is filled in already, and nobody else knows of the object before
        // the collector is told.
        unsafe {
            let object = match P::SPARES.and_then(|spares| spares.take(py)) {
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
            ffi::PyObject_GC_Track(layout.cast());
            Ok(Instance(object, PhantomData))
        }
    }

    /// Takes any object for one with this payload.
    ///
    /// # Safety
    ///
    /// It is one.
    pub(super) unsafe fn from_ref(object: &Object) -> &Self {
        // SAFETY: one is the other, but for the invariant, which the caller
        // promises.
        unsafe { &*ptr::from_ref(object).cast() }
    }

    /// Takes over a reference to an object.
    ///
    /// # Safety
    ///
    /// It has this payload, or the result is only dropped.
    pub(super) unsafe fn from_counted(object: NonNull<ffi::PyObject>) -> Self {
        // SAFETY: the caller's promise.
        Instance(unsafe { Object::from_nonnull(object) }, PhantomData)
    }

    /// Gives the payload inside.
    pub fn payload(&self) -> &P {
        // SAFETY: S4, and the object is alive as long as this handle (S3).
        unsafe { &(*self.0.as_ptr().cast::<Layout<P>>()).payload }
    }

    /// Counts one more handle to the same object.
    pub fn clone_ref(&self, py: Python<'_>) -> Self {
        Instance(self.0.clone_ref(py), PhantomData)
    }

    /// Gives the handle as one to any object.
    pub fn as_object(&self) -> &Object {
        &self.0
    }

    /// Gives the handle as one to any object.
    pub fn into_object(self) -> Object {
        self.0
    }
}
