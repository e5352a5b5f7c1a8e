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
    /// Returns the payload of the object, if it is alive.
    ///
    /// # Safety
    ///
    /// There is a global lock, and no Python code runs while the result is used.
    #[cfg(not(Py_GIL_DISABLED))]
    pub unsafe fn payload(&self, _: Python<'_>) -> Option<&P> {
        let object = NonNull::new(self.place.load(Ordering::Acquire))?;
        // SAFETY: the invariant, and S4. No other thread frees the object while this one has the
        // lock, and by the caller's promise this one does not.
        Some(unsafe { &(*object.cast::<Layout<P>>().as_ptr()).payload })
    }

    /// Gives a counted handle, if the object is alive.
    pub fn upgrade(&self, _: Python<'_>) -> Option<Instance<P>> {
        let object = NonNull::new(self.place.load(Ordering::Acquire))?;
        // SAFETY: S1, and the invariant. Without a global lock, another thread may free the object
        // here, if it has dug it out of the dict of this one: the memory stays one of an object
        // of the interpreter's until this thread has come by where the collector may stop it.
        #[cfg(Py_GIL_DISABLED)]
        unsafe {
            if !super::count::try_increase(object.as_ptr()) {
                return None;
            }
            let instance = Instance::from_counted(object);
            let is_there = self.place.load(Ordering::Acquire) == object.as_ptr();
            is_there.then_some(instance)
        }
        // SAFETY: as above; with a global lock, no other thread frees it meanwhile.
        #[cfg(not(Py_GIL_DISABLED))]
        unsafe {
            super::count::increase(object.as_ptr());
            Some(Instance::from_counted(object))
        }
    }
}
