//! Reference counting.
//!
//! With PyO3's declarations of the stable ABI, counting is a call of the interpreter, which costs
//! more than most of the work between two of them here. An extension may count in place, as
//! extensions in C do that are compiled with CPython's headers.
//!
//! * *With a global lock* (the stable ABI of 3.11, which the usual build uses, and which later
//!   versions must support): the count is an object's first word. Only the low 32 bits count. From
//!   3.12 on, the count of an immortal object is negative in these, and is not changed. From 3.14
//!   on, there are flags above them. (An object of 3.11 with 2^31 references, which take 16 GB, is
//!   treated as immortal, too.)
//! * *Without one* (a build for one version): the thread that created an object counts in one word,
//!   without atomic operations, and other threads in another, with atomic operations. An object is
//!   immortal if the first word is all ones.

#[cfg(all(not(Py_GIL_DISABLED), target_pointer_width = "64"))]
mod counting {
    use pyo3::ffi;

    unsafe extern "C" {
        /// In the stable ABI, for extensions that count in place.
        fn _Py_Dealloc(object: *mut ffi::PyObject);
    }

    /// Returns the count: the first word of an object (S8).
    fn word(object: *mut ffi::PyObject) -> *mut isize {
        object.cast()
    }

    fn low(count: isize) -> i32 {
        count as i32
    }

    /// Increments the count.
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

    /// Decrements the count, and frees the object if this was the last reference.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached.
    #[inline]
    pub unsafe fn decrease(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise, and S8. After the last reference is dropped, no other code
        // uses the object.
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

    /// Decrements the count. Returns `true` if this was the last reference: the caller must free
    /// the object.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached. The object is not immortal.
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

    /// Creates an object with one reference, in the memory of a dead one and with its type.
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

/// On 32 bits, the interpreter's functions count.
#[cfg(all(not(Py_GIL_DISABLED), not(target_pointer_width = "64")))]
mod counting {
    use pyo3::ffi;
    pub use pyo3::ffi::{Py_DECREF as decrease, Py_INCREF as increase};

    /// Decrements the count. Returns `false`: the interpreter has freed the object if this was the
    /// last reference.
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

    /// Creates an object with one reference, in the memory of a dead one and with its type.
    ///
    /// # Safety
    ///
    /// The object is dead and untracked, its memory is not freed, and the thread is attached.
    pub unsafe fn revive(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise. The object owns a reference to its type already, so the
        // second one, from `PyObject_Init`, is dropped.
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

    /// The local count of an immortal object.
    const IMMORTAL: u32 = u32::MAX;

    /// Returns `true` if the calling thread created the object. `false` on a platform where the
    /// thread's id is not known here; then the interpreter is called.
    ///
    /// # Safety
    ///
    /// The object is alive.
    #[inline(always)]
    unsafe fn is_own(object: *mut ffi::PyObject) -> bool {
        let this: usize;
        // SAFETY: reads the address of the thread's locals, which the interpreter uses as the
        // thread's id. It never changes, and Rust code has no access to its memory.
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        unsafe {
            std::arch::asm!("mov {}, fs:0", out(reg) this, options(pure, nomem, nostack, preserves_flags));
        }
        // SAFETY: as above.
        #[cfg(all(target_os = "linux", target_arch = "aarch64"))]
        unsafe {
            std::arch::asm!("mrs {}, tpidr_el0", out(reg) this, options(pure, nomem, nostack, preserves_flags));
        }
        #[cfg(not(all(
            target_os = "linux",
            any(target_arch = "x86_64", target_arch = "aarch64")
        )))]
        {
            // The id of no thread.
            this = usize::MAX;
        }
        // SAFETY: the caller's promise. The thread that created the object may write this word.
        unsafe { AtomicUsize::from_ptr((&raw mut (*object).ob_tid).cast()) }.load(Relaxed) == this
    }

    /// Increments the count.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread attached.
    #[inline]
    pub unsafe fn increase(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise.
        unsafe {
            let local = (*object).ob_ref_local.load(Relaxed);
            if local == IMMORTAL {
            } else if is_own(object) {
                (*object).ob_ref_local.store(local + 1, Relaxed);
            } else {
                ffi::Py_INCREF(object);
            }
        }
    }

    /// Increments the count if the calling thread created the object: no other thread frees it
    /// then. Returns `false` otherwise.
    ///
    /// # Safety
    ///
    /// The memory is that of an object that this thread has not freed, and that is not immortal.
    /// The thread is attached.
    #[inline(always)]
    pub unsafe fn try_increase_own(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise.
        unsafe {
            let is_own = is_own(object);
            if is_own {
                let local = (*object).ob_ref_local.load(Relaxed);
                (*object).ob_ref_local.store(local + 1, Relaxed);
            }
            is_own
        }
    }

    /// Decrements the count, and frees the object if this was the last reference.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached.
    #[inline]
    pub unsafe fn decrease(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise.
        unsafe {
            let local = (*object).ob_ref_local.load(Relaxed);
            if local == IMMORTAL {
            } else if is_own(object) {
                (*object).ob_ref_local.store(local - 1, Relaxed);
                if local == 1 {
                    _Py_MergeZeroLocalRefcount(object);
                }
            } else {
                // The interpreter checks again which thread created the object.
                ffi::Py_DECREF(object);
            }
        }
    }

    /// Decrements the count. Returns `true` if this was the last reference: the caller must free
    /// the object. In other cases the interpreter frees it, or it stays.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the thread attached. The object is not immortal.
    #[inline(always)]
    pub unsafe fn decrease_only(object: *mut ffi::PyObject) -> bool {
        // SAFETY: the caller's promise. If no thread has a shared reference, then no other thread
        // can get one before this thread waits. The interpreter frees an object at once then, too.
        unsafe {
            let is_last = is_one(object);
            match is_last {
                true => (*object).ob_ref_local.store(0, Relaxed),
                false => decrease(object),
            }
            is_last
        }
    }

    /// Returns `true` if the calling thread created the object and has the only reference to it.
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
                // Acquire: accesses of other threads, before they dropped their references, happen
                // before the caller's next ones.
                && (*object).ob_ref_shared.load(Acquire) == 0
        }
    }

    /// Creates an object with one reference, in the memory of a dead one and with its type.
    ///
    /// # Safety
    ///
    /// The object is dead and untracked, its memory is not freed, and the thread is attached.
    #[inline]
    pub unsafe fn revive(object: *mut ffi::PyObject) {
        // SAFETY: the caller's promise. If this thread created the object, no other thread counted,
        // and the collector left no mark, then only the local count differs from a new object's.
        unsafe {
            let is_clean = is_own(object)
                && (*object).ob_ref_shared.load(Relaxed) == 0
                && (*object).ob_gc_bits == 0;
            match is_clean {
                true => (*object).ob_ref_local.store(1, Relaxed),
                false => _Py_NewReference(object),
            }
        }
    }
}

#[cfg(Py_GIL_DISABLED)]
pub(super) use counting::try_increase_own;
pub(super) use counting::{decrease, decrease_only, increase, is_one, revive};
