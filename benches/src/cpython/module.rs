//! The extension module `benches`, with the function `run`.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

use pyo3_ffi as ffi;

use super::Interpreter;
use crate::command;

/// Tables that the interpreter keeps, and changes under its lock.
struct Tables<T>(UnsafeCell<T>);

// SAFETY: only the interpreter touches what is inside.
unsafe impl<T> Sync for Tables<T> {}

static FUNCTIONS: Tables<[ffi::PyMethodDef; 2]> = Tables(UnsafeCell::new([
    ffi::PyMethodDef {
        ml_name: c"run".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: run },
        ml_flags: ffi::METH_O,
        ml_doc: c"Does what the arguments say: a str, one argument a line. Returns a status."
            .as_ptr(),
    },
    ffi::PyMethodDef::zeroed(),
]));

static SLOTS: Tables<[ffi::PyModuleDef_Slot; 1]> =
    Tables(UnsafeCell::new([ffi::PyModuleDef_Slot {
        slot: 0,
        value: ptr::null_mut::<c_void>(),
    }]));

static DEFINITION: Tables<ffi::PyModuleDef> = Tables(UnsafeCell::new(ffi::PyModuleDef {
    m_base: ffi::PyModuleDef_HEAD_INIT,
    m_name: c"benches".as_ptr(),
    m_doc: c"The runner of the benchmarks.".as_ptr(),
    m_size: 0,
    m_methods: FUNCTIONS.0.get().cast(),
    m_slots: SLOTS.0.get().cast(),
    m_traverse: None,
    m_clear: None,
    m_free: None,
}));

/// What the importer calls.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInit_benches() -> *mut ffi::PyObject {
    // SAFETY: the importer holds the lock, and the definition lasts as long as the process.
    unsafe { ffi::PyModuleDef_Init(DEFINITION.0.get()) }
}

/// A panic in here ends the process, with its message.
unsafe extern "C" fn run(_: *mut ffi::PyObject, text: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // The call is this thread's, so S1 holds.
    let interpreter = Interpreter(PhantomData);
    let mut length = 0;
    // SAFETY: S1; the bytes are copied before anything else runs.
    let arguments = unsafe {
        let bytes = ffi::PyUnicode_AsUTF8AndSize(text, &mut length);
        if bytes.is_null() {
            return ptr::null_mut();
        }
        let bytes = std::slice::from_raw_parts(bytes.cast(), length as usize);
        String::from_utf8_lossy(bytes).into_owned()
    };
    let status = match command::run(arguments.lines().map(String::from), Some(&interpreter)) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("error: {error}");
            1
        }
    };
    // SAFETY: S1; a new reference is what the caller gets.
    unsafe { ffi::PyLong_FromLong(status) }
}
