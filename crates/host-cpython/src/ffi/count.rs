//! Counting references.
//!
//! As PyO3 declares the stable ABI, counting is a call of the interpreter. The stable ABI of CPython
//! 3.11, which the usual build of this crate keeps to, also lets an extension count in place, as
//! every extension in C does that was compiled by its headers; so later versions must bear it. A
//! call costs more than most of what is done between two of them here.
//!
//! Only the low 32 bits count. From 3.12 on, an object that lasts for ever has a count that is
//! negative in these, and is left alone, as the interpreter itself does; from 3.14 on, there are
//! flags above them.
//!
//! Without a global lock, each thread counts what it has made in place, and what others have made by
//! atomic steps; there the interpreter's own functions are called.

#[cfg(all(target_pointer_width = "64", not(Py_GIL_DISABLED)))]
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
}

/// There, the interpreter says how.
#[cfg(not(all(target_pointer_width = "64", not(Py_GIL_DISABLED))))]
mod counting {
    pub use pyo3::ffi::{self, Py_DECREF as decrease, Py_INCREF as increase};

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

    /// Returns `true` if the calling thread has the only reference to the object.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread attached.
    pub unsafe fn is_one(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise.
        unsafe {
            #[cfg(Py_GIL_DISABLED)]
            return ffi::PyUnstable_Object_IsUniquelyReferenced(object) != 0;
            #[cfg(not(Py_GIL_DISABLED))]
            return ffi::Py_REFCNT(object) == 1;
        }
    }
}

pub(super) use counting::{decrease, decrease_only, increase, is_one};
