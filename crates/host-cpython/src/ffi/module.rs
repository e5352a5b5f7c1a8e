//! The definition of the module, which the interpreter's importer reads.

use super::object::Borrowed;
use super::slot::returned_object;
use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::cell::UnsafeCell;
use std::ffi::{CStr, c_int, c_void};
use std::ptr;

/// A module while it is being filled.
pub struct Module(Object);

impl Module {
    pub(super) fn as_object(&self) -> &Object {
        &self.0
    }

    /// Adds an attribute.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn add(&self, py: Python<'_>, name: &CStr, value: &Object) -> Result<(), Raised> {
        // SAFETY: S1, S3.
        match unsafe { ffi::PyModule_AddObjectRef(self.0.as_ptr(), name.as_ptr(), value.as_ptr()) }
        {
            0 => Ok(()),
            _ => Err(Raised::take(py)),
        }
    }
}

/// A table that the interpreter keeps, and changes under its lock.
struct Tables<T>(UnsafeCell<T>);

// SAFETY: S1: only the interpreter accesses the contents.
unsafe impl<T> Sync for Tables<T> {}

static FUNCTIONS: Tables<[ffi::PyMethodDef; 2]> = Tables(UnsafeCell::new([
    ffi::PyMethodDef {
        ml_name: c"copy_context".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunction: copy_context,
        },
        ml_flags: ffi::METH_NOARGS,
        // A signature without text, as in CPython.
        ml_doc: c"copy_context($module, /)\n--\n\n".as_ptr(),
    },
    ffi::PyMethodDef::zeroed(),
]));

/// The slots of a module that `execute` fills. A build for an interpreter without a global lock
/// declares that it needs none.
type Slots = Tables<[ffi::PyModuleDef_Slot; 2 + GIL_SLOTS.len()]>;

#[cfg(Py_GIL_DISABLED)]
const GIL_SLOTS: [(c_int, *mut c_void); 1] = [(ffi::Py_mod_gil, ffi::Py_MOD_GIL_NOT_USED)];
#[cfg(not(Py_GIL_DISABLED))]
const GIL_SLOTS: [(c_int, *mut c_void); 0] = [];

const fn slots(execute: unsafe extern "C" fn(*mut ffi::PyObject) -> c_int) -> Slots {
    const END: ffi::PyModuleDef_Slot = ffi::PyModuleDef_Slot {
        slot: 0,
        value: ptr::null_mut(),
    };
    let mut slots = [END; 2 + GIL_SLOTS.len()];
    slots[0] = ffi::PyModuleDef_Slot {
        slot: ffi::Py_mod_exec,
        value: execute as *mut c_void,
    };
    let mut index = 0;
    while index < GIL_SLOTS.len() {
        let (slot, value) = GIL_SLOTS[index];
        index += 1;
        slots[index] = ffi::PyModuleDef_Slot { slot, value };
    }
    Tables(UnsafeCell::new(slots))
}

const fn definition(
    name: &'static CStr,
    doc: &'static CStr,
    functions: *mut ffi::PyMethodDef,
    slots: &'static Slots,
) -> Tables<ffi::PyModuleDef> {
    Tables(UnsafeCell::new(ffi::PyModuleDef {
        m_base: ffi::PyModuleDef_HEAD_INIT,
        m_name: name.as_ptr(),
        m_doc: doc.as_ptr(),
        m_size: 0,
        m_methods: functions,
        m_slots: slots.0.get().cast(),
        m_traverse: None,
        m_clear: None,
        m_free: None,
    }))
}

static SLOTS: Slots = slots(execute);

static DEFINITION: Tables<ffi::PyModuleDef> = definition(
    c"_contextvars",
    c"Context Variables",
    FUNCTIONS.0.get().cast(),
    &SLOTS,
);

/// Returns the definition to the importer. The module gets the name under which it is imported, and
/// the messages of `copy_context` have that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInit__contextvars() -> *mut ffi::PyObject {
    // SAFETY: S1, S7.
    unsafe { ffi::PyModuleDef_Init(DEFINITION.0.get()) }
}

unsafe extern "C" fn execute(module: *mut ffi::PyObject) -> c_int {
    // SAFETY: S1, S2.
    unsafe { fill(module, crate::module::fill) }
}

/// Fills a module with `fill`. Returns 0, or −1 with an exception set.
///
/// # Safety
///
/// `module` is a module, and S1.
unsafe fn fill(
    module: *mut ffi::PyObject,
    fill: fn(Python<'_>, &Module) -> Result<(), Raised>,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        let py = Python::assume_attached();
        let module = Module(Borrowed::new(module).clone_ref(py));
        match fill(py, &module) {
            Ok(()) => 0,
            Err(error) => {
                error.restore(py);
                -1
            }
        }
    }
}

unsafe extern "C" fn copy_context(
    _: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: S1.
    let py = unsafe { Python::assume_attached() };
    returned_object(py, crate::module::copy_context(py))
}

/// The module `_contextvars_hamt`.
#[cfg(feature = "hamt")]
mod hamt {
    use super::*;

    static SLOTS: Slots = slots(execute);

    static DEFINITION: Tables<ffi::PyModuleDef> = definition(
        c"_contextvars_hamt",
        c"The trie of contexts",
        ptr::null_mut(),
        &SLOTS,
    );

    /// Returns the definition to the importer.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn PyInit__contextvars_hamt() -> *mut ffi::PyObject {
        // SAFETY: S1, S7.
        unsafe { ffi::PyModuleDef_Init(DEFINITION.0.get()) }
    }

    unsafe extern "C" fn execute(module: *mut ffi::PyObject) -> c_int {
        // SAFETY: S1, S2.
        unsafe { fill(module, crate::hamt::fill) }
    }
}
