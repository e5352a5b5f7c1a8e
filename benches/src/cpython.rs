//! A CPython in this process, whose C code can then be a peer.
//!
//! The runner is linked with the interpreter's shared library and starts it. Nothing here lets go
//! of the interpreter's lock.
//!
//! This module is made for `unsafe`. What its blocks rest on:
//!
//! * **S1.** There is one [`Interpreter`], on the thread that started it, which it cannot leave,
//!   since it is neither `Send` nor `Sync`. The interpreter runs until the process ends. Whatever
//!   this module hands out borrows it. So the lock is held wherever one of these is at hand.
//! * **S2.** An [`Object`] owns one count of its object.
//! * **S3.** What the C API returns as a new reference, or null with an exception raised, goes
//!   through `Object::taken` at once.

mod code;
mod context;
mod count;
mod method;
mod object;
mod stub;

use std::ffi::CStr;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use pyo3_ffi as ffi;

pub use method::Method;
pub use object::Object;
pub use stub::Gives;

/// Proof that this thread holds an interpreter.
pub struct Interpreter(PhantomData<*mut ()>);

/// The name of an exception's type, or why there would have been one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised(pub String);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Interpreter {
    /// Starts the interpreter, which takes no signals; none where it was started before. One that
    /// does not find its library ends the process and says so.
    pub fn start() -> Option<Interpreter> {
        static STARTED: AtomicBool = AtomicBool::new(false);
        if STARTED.swap(true, Relaxed) {
            return None;
        }
        // SAFETY: the first time. This thread holds the lock from here on.
        unsafe { ffi::Py_InitializeEx(0) };
        Some(Interpreter(PhantomData))
    }

    /// The interpreter's version, as `3.13.0`.
    pub fn version(&self) -> String {
        // SAFETY: a string that lasts as long as the process.
        let text = unsafe { CStr::from_ptr(ffi::Py_GetVersion()) }.to_string_lossy();
        text.split(' ').next().unwrap_or_default().to_string()
    }

    /// Switches the cycle collector off: it would run in the middle of a turn, and not in
    /// everybody's.
    pub fn stop_collecting(&self) {
        // SAFETY: S1.
        unsafe { ffi::PyGC_Disable() };
    }

    /// Imports `name` from `module`.
    ///
    /// # Errors
    ///
    /// `ImportError` and `AttributeError`, or what else the module raises.
    pub fn import(&self, module: &CStr, name: &CStr) -> Result<Object<'_>, Raised> {
        self.module(module)?.attribute(name)
    }

    /// Imports a module.
    ///
    /// # Errors
    ///
    /// `ImportError`, or what else the module raises.
    pub fn module(&self, name: &CStr) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3.
        unsafe { Object::taken(ffi::PyImport_ImportModule(name.as_ptr())) }
    }

    /// Makes an `int`.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn int(&self, value: u32) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3.
        unsafe { Object::taken(ffi::PyLong_FromUnsignedLongLong(value.into())) }
    }

    /// Makes a tuple of two.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn pair(&self, first: &Object<'_>, second: &Object<'_>) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3; the tuple counts what it gets for itself.
        unsafe { Object::taken(ffi::PyTuple_Pack(2, first.as_ptr(), second.as_ptr())) }
    }
}
