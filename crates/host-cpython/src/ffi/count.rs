//! Counting references.
//!
//! As PyO3 declares the stable ABI, counting is a call of the interpreter, which costs more than most
//! of what is done between two of them here. An extension may count in place, as every extension in C
//! does that was compiled by CPython's headers.
//!
//! * *With a global lock* (the stable ABI of 3.11, which the usual build of this crate keeps to, and
//!   later versions must bear): the count is an object's first word. Only the low 32 bits count. From
//!   3.12 on, an object that lasts for ever has a count that is negative in these, and is left alone;
//!   from 3.14 on, there are flags above them. (An object of 3.11 that has 2^31 references, which takes
//!   16 GB, is left alone, too.)
//! * *Without one* (a build for one version): the thread that made an object counts in a word of
//!   its own, without atomic steps, and the others in another by atomic steps. The object lasts for
//!   ever where the first word is all ones.

#[cfg(all(not(Py_GIL_DISABLED), target_pointer_width = "64"))]
mod counting {
    use pyo3::ffi;

    unsafe extern "C" {
        /// In the stable ABI, for those who count in place.
        fn _Py_Dealloc(object: *mut ffi::PyObject);
    }

    /// S8: the count is the first word of an object.
    fn word(object: *mut ffi::PyObject) -> *mut isize {
        object.cast()
    }

    fn low(count: isize) -> i32 {
        count as i32
    }

    /// Counts one more reference.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread attached.
    #[inline]
    pub unsafe fn increase(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise, and S8.
        unsafe {
            let count = word(object).read();
            if low(count) >= 0 {
                word(object).write(count + 1);
            }
        }
    }

    /// Gives one reference back, and frees the object if it was the last.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached.
    #[inline]
    pub unsafe fn decrease(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise, and S8. Nobody has the object any more where its count is
        // gone.
        unsafe {
            let count = word(object).read();
            if low(count) < 0 {
                return;
            }
            word(object).write(count - 1);
            if low(count) == 1 {
                _Py_Dealloc(object);
            }
        }
    }

    /// Gives one reference back, and returns `true` if the caller is to free the object: it was
    /// the last.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached. The object does not last for ever.
    #[inline]
    pub unsafe fn decrease_only(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise, and S8.
        unsafe {
            let count = word(object).read();
            word(object).write(count - 1);
            low(count) == 1
        }
    }

    /// Returns `true` if there is one reference to the object.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread attached.
    #[inline]
    pub unsafe fn is_one(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise, and S8.
        unsafe { low(word(object).read()) == 1 }
    }

    /// Makes a new object of the memory and the type of a dead one, with one reference.
    ///
    /// # Safety
    ///
    /// The object is dead and untracked, its memory is not freed, and the thread is attached.
    #[inline]
    pub unsafe fn revive(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise, and S8.
        unsafe { word(object).write(1) };
    }
}

/// There, the interpreter says how.
#[cfg(all(not(Py_GIL_DISABLED), not(target_pointer_width = "64")))]
mod counting {
    use pyo3::ffi;
    pub use pyo3::ffi::{Py_DECREF as decrease, Py_INCREF as increase};

    /// Gives one reference back. Returns `false`: the interpreter has freed the object if it was
    /// the last.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached.
    pub unsafe fn decrease_only(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise.
        unsafe { decrease(object) };
        false
    }

    /// Returns `true` if there is one reference to the object.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread attached.
    pub unsafe fn is_one(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise.
        unsafe { ffi::Py_REFCNT(object) == 1 }
    }

    /// Makes a new object of the memory and the type of a dead one, with one reference.
    ///
    /// # Safety
    ///
    /// The object is dead and untracked, its memory is not freed, and the thread is attached.
    pub unsafe fn revive(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise. The object has a reference of its type already.
        unsafe {
            let class = ffi::Py_TYPE(object);
            ffi::PyObject_Init(object, class);
            decrease(class.cast());
        }
    }
}

#[cfg(Py_GIL_DISABLED)]
mod counting {
    use pyo3::ffi;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::{Acquire, Relaxed};

    unsafe extern "C" {
        /// For extensions that count in place.
        fn _Py_MergeZeroLocalRefcount(object: *mut ffi::PyObject);
        /// For types that keep the memory of dead objects.
        fn _Py_NewReference(object: *mut ffi::PyObject);
    }

    /// Of an object that lasts for ever.
    const FOR_EVER: u32 = u32::MAX;

    /// Returns `true` if the calling thread has made the object, as far as is known here: where it
    /// is not, the interpreter is called.
    ///
    /// # Safety
    ///
    /// The object is alive.
    #[inline(always)]
    unsafe fn is_own(object: *mut ffi::PyObject) -> bool {
        let this: usize;
        // SAFETY: reads where the thread's locals are, as the interpreter does to tell threads apart.
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        unsafe {
            std::arch::asm!("mov {}, fs:0", out(reg) this, options(nostack, readonly, preserves_flags));
        }
        // SAFETY: as above.
        #[cfg(all(target_os = "linux", target_arch = "aarch64"))]
        unsafe {
            std::arch::asm!("mrs {}, tpidr_el0", out(reg) this, options(nostack, nomem, preserves_flags));
        }
        #[cfg(not(all(
            target_os = "linux",
            any(target_arch = "x86_64", target_arch = "aarch64")
        )))]
        {
            // No thread's.
            this = usize::MAX;
        }
        // SAFETY: the caller's promise; the thread that has made it may write there.
        unsafe { AtomicUsize::from_ptr((&raw mut (*object).ob_tid).cast()) }.load(Relaxed) == this
    }

    /// Counts one more reference.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread attached.
    #[inline]
    pub unsafe fn increase(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise.
        unsafe {
            let local = (*object).ob_ref_local.load(Relaxed);
            if local == FOR_EVER {
            } else if is_own(object) {
                (*object).ob_ref_local.store(local + 1, Relaxed);
            } else {
                ffi::Py_INCREF(object);
            }
        }
    }

    /// Counts one more reference to an object that may be dead; `false` where it is.
    ///
    /// # Safety
    ///
    /// Its memory is an object's, and the thread attached.
    #[inline]
    pub unsafe fn try_increase(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise. One that the thread has made is freed by the thread alone.
        unsafe {
            if is_own(object) {
                increase(object);
                return true;
            }
            ffi::PyUnstable_TryIncRef(object) != 0
        }
    }

    /// Gives one reference back, and frees the object if it was the last.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached.
    #[inline]
    pub unsafe fn decrease(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise.
        unsafe {
            let local = (*object).ob_ref_local.load(Relaxed);
            if local == FOR_EVER {
            } else if is_own(object) {
                (*object).ob_ref_local.store(local - 1, Relaxed);
                if local == 1 {
                    _Py_MergeZeroLocalRefcount(object);
                }
            } else {
                // It looks again whose the object is.
                ffi::Py_DECREF(object);
            }
        }
    }

    /// Gives one reference back. Returns `false`: the interpreter has freed the object if it was
    /// the last.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached.
    #[inline]
    pub unsafe fn decrease_only(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise.
        unsafe { decrease(object) };
        false
    }

    /// Returns `true` if the calling thread has made the object and has the only reference to it.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread attached.
    #[inline]
    pub unsafe fn is_one(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise.
        unsafe {
            is_own(object)
                && (*object).ob_ref_local.load(Relaxed) == 1
                // Acquire: what other threads did with the object before they gave back their
                // references comes before what the caller does now.
                && (*object).ob_ref_shared.load(Acquire) == 0
        }
    }

    /// Makes a new object of the memory and the type of a dead one, with one reference.
    ///
    /// # Safety
    ///
    /// The object is dead and untracked, its memory is not freed, and the thread is attached.
    #[inline]
    pub unsafe fn revive(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise.
        unsafe { _Py_NewReference(object) };
    }
}

#[cfg(Py_GIL_DISABLED)]
pub(super) use counting::try_increase;
pub(super) use counting::{decrease, decrease_only, increase, is_one, revive};
