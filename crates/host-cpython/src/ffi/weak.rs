//! References that count nothing and notice when the object dies.

use super::layout::{Instance, Layout, Payload, WeakList};
use pyo3::{Python, ffi};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Where an object is, or NULL once it has died.
type Place = Arc<AtomicPtr<ffi::PyObject>>;

/// How this crate, but not Python code, weakly references objects of a type.
#[derive(Default)]
pub struct Anchored(Place);

impl WeakList for Anchored {
    const PYTHON: bool = false;

    fn die(&self) {
        self.0.store(ptr::null_mut(), Ordering::Release);
    }
}

/// A reference to an object that does not keep it alive. Without the token
/// nothing can be done with it but to drop it, on any thread.
///
/// Invariant: the place is NULL, or leads to a live object with `Layout<P>`:
/// the object itself writes NULL there when its last count goes, before
/// anything else happens (S1 orders this with every use).
pub struct WeakInstance<P> {
    place: Place,
    payload: PhantomData<fn() -> P>,
}

impl<P: Payload<WeakList = Anchored>> Instance<P> {
    /// Gives a reference that does not keep the object alive.
    pub fn downgrade(&self) -> WeakInstance<P> {
        let object = self.as_object().as_ptr();
        // SAFETY: S4.
        let Anchored(place) = unsafe {
            #[cfg(Py_GIL_DISABLED)]
            ffi::PyUnstable_EnableTryIncRef(object);
            &(*object.cast::<Layout<P>>()).weak
        };
        place.store(object, Ordering::Release);
        WeakInstance {
            place: Arc::clone(place),
            payload: PhantomData,
        }
    }
}

impl<P: Payload<WeakList = Anchored>> WeakInstance<P> {
    /// Gives a counted handle, if the object is alive.
    pub fn upgrade(&self, _: Python<'_>) -> Option<Instance<P>> {
        let object = NonNull::new(self.place.load(Ordering::Acquire))?;
        // SAFETY: S1, and the invariant. Without a global lock, another thread may free the object
        // here, if it has dug it out of the dict of this one: the memory stays one of an object
        // of the interpreter's until this thread has come by where the collector may stop it.
        unsafe {
            #[cfg(Py_GIL_DISABLED)]
            if !super::count::try_increase(object.as_ptr()) {
                return None;
            }
            #[cfg(not(Py_GIL_DISABLED))]
            super::count::increase(object.as_ptr());
            let instance = Instance::from_counted(object);
            let is_there = self.place.load(Ordering::Acquire) == object.as_ptr();
            is_there.then_some(instance)
        }
    }
}
