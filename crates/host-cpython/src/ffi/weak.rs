//! Weak references of this crate: they own no reference, and become NULL when the object dies.

use super::layout::{Instance, Layout, Payload, WeakList};
use pyo3::{Python, ffi};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The address of an object, or NULL after it has died.
type Place = Arc<AtomicPtr<ffi::PyObject>>;

/// Weak references by this crate only, not by Python code.
#[derive(Default)]
pub struct Anchored(Place);

impl WeakList for Anchored {
    const PYTHON: bool = false;

    fn die(&self) {
        self.0.store(ptr::null_mut(), Ordering::Release);
    }
}

/// A weak reference to an object. Each use but a drop needs the token; a drop can be on any thread.
///
/// Invariant: the place is NULL, or points to a live object with `Layout<P>`. When the last
/// reference is dropped, the object's destructor first writes NULL there (S1 orders this with
/// every use).
pub struct WeakInstance<P> {
    place: Place,
    payload: PhantomData<fn() -> P>,
}

impl<P: Payload<WeakList = Anchored>> Instance<P> {
    /// Returns a weak reference to the object.
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
        // lock, and this one does not by the caller's promise.
        Some(unsafe { &(*object.cast::<Layout<P>>().as_ptr()).payload })
    }

    /// Returns a handle to the object, if it is alive.
    pub fn upgrade(&self, _: Python<'_>) -> Option<Instance<P>> {
        let object = NonNull::new(self.place.load(Ordering::Acquire))?;
        // SAFETY: S1, and the invariant. Without a global lock, another thread may free the object
        // now, if it has got it from the dict of this thread. But its memory stays that of an
        // object until this thread comes to a point where the collector may stop it.
        #[cfg(Py_GIL_DISABLED)]
        unsafe {
            if super::count::try_increase_own(object.as_ptr()) {
                return Some(Instance::from_counted(object));
            }
            self.upgrade_shared(object)
        }
        // SAFETY: as above; with a global lock, no other thread frees it now.
        #[cfg(not(Py_GIL_DISABLED))]
        unsafe {
            super::count::increase(object.as_ptr());
            Some(Instance::from_counted(object))
        }
    }

    /// Returns a handle to an object that another thread may free now.
    ///
    /// # Safety
    ///
    /// The memory is that of an object, and the thread attached.
    #[cfg(Py_GIL_DISABLED)]
    #[cold]
    unsafe fn upgrade_shared(&self, object: NonNull<ffi::PyObject>) -> Option<Instance<P>> {
        // SAFETY: the caller's promise. If the place still has the object, it was alive when it was
        // counted.
        unsafe {
            if ffi::PyUnstable_TryIncRef(object.as_ptr()) == 0 {
                return None;
            }
            let instance = Instance::from_counted(object);
            let is_there = self.place.load(Ordering::Acquire) == object.as_ptr();
            is_there.then_some(instance)
        }
    }
}
