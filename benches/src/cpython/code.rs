//! Code in Python: run, looked into, called.

use std::ffi::CStr;

use pyo3_ffi as ffi;

use super::{Interpreter, Object, Raised};

impl Interpreter {
    /// Runs a program and gives its names, a `dict`. Run again, it makes other functions: what the
    /// interpreter learns of one it does not take for granted in the other.
    ///
    /// # Errors
    ///
    /// `SyntaxError`, or what the program raises.
    pub fn names(&self, file: &CStr, program: &CStr) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3. The names are a new dict.
        unsafe {
            let code = Object::taken(ffi::Py_CompileString(
                program.as_ptr(),
                file.as_ptr(),
                ffi::Py_file_input,
            ))?;
            let names = Object::taken(ffi::PyDict_New())?;
            let pointer = names.as_ptr();
            Object::taken(ffi::PyEval_EvalCode(code.as_ptr(), pointer, pointer))?;
            Ok(names)
        }
    }

    /// Makes a `str`.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn text(&self, text: &str) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3; the text is UTF-8 of this length.
        unsafe {
            let length = text.len() as ffi::Py_ssize_t;
            Object::taken(ffi::PyUnicode_FromStringAndSize(
                text.as_ptr().cast(),
                length,
            ))
        }
    }
}

impl<'py> Object<'py> {
    /// Calls it with these arguments.
    ///
    /// # Errors
    ///
    /// What it raises.
    pub fn call_with(&self, arguments: &[&Object<'py>]) -> Result<Object<'py>, Raised> {
        // SAFETY: S1, S2, S3. The tuple is new, so its places can be filled, each with a count
        // that the tuple takes over.
        unsafe {
            let tuple = Object::taken(ffi::PyTuple_New(arguments.len() as ffi::Py_ssize_t))?;
            for (index, argument) in arguments.iter().enumerate() {
                let argument = argument.as_ptr();
                ffi::Py_INCREF(argument);
                ffi::PyTuple_SetItem(tuple.as_ptr(), index as ffi::Py_ssize_t, argument);
            }
            Object::taken(ffi::PyObject_CallObject(self.as_ptr(), tuple.as_ptr()))
        }
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        // SAFETY: S1.
        self.as_ptr() == unsafe { ffi::Py_None() }
    }
}
