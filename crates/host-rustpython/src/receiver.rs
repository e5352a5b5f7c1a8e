//! The object that a method was called on.
//!
//! RustPython makes a `&Py<T>` or a `PyRef<T>` of it by asking the type for its bases,
//! behind a lock: two threads that call a method of one type write to that lock, and wait
//! for each other's cache. What the object is, is known from the object as well.

use rustpython_vm::convert::TryFromObject;
use rustpython_vm::{PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine};
use std::ops::Deref;

/// What a method takes instead of a `PyRef<T>`.
pub struct Receiver<T>(PyRef<T>);

impl<T: PyPayload> TryFromObject for Receiver<T> {
    #[inline]
    fn try_from_object(vm: &VirtualMachine, object: PyObjectRef) -> PyResult<Self> {
        object.try_downcast(vm).map(Receiver)
    }
}

impl<T> Receiver<T> {
    /// The handle itself.
    pub fn into_inner(self) -> PyRef<T> {
        self.0
    }
}

impl<T> Deref for Receiver<T> {
    type Target = PyRef<T>;

    #[inline]
    fn deref(&self) -> &PyRef<T> {
        &self.0
    }
}
