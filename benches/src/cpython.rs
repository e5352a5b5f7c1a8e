//! The CPython that has loaded this extension, whose C code is then a peer: context variables as C
//! code uses them.
//!
//! What the `unsafe` of this file rests on:
//!
//! * **S1.** [`python`] is called on the thread that Python called `main` on, which stays attached to
//!   the interpreter: nothing here detaches it, and other threads of a workload do not come here. No
//!   [`Object`] leaves the thread, since it is neither `Send` nor `Sync`.
//! * **S2.** What the C API returns as a new reference, or null with an exception raised, goes through
//!   [`taken`] at once. An [`Object`] is a live one for every call that it is passed to.

use std::ffi::{CStr, c_int};
use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;

/// A counted handle to an object.
pub type Object = Bound<'static, PyAny>;

const RAISES: &str = "what is measured raises nothing";

/// The interpreter.
pub fn python() -> Python<'static> {
    // SAFETY: S1.
    unsafe { Python::assume_attached() }
}

/// The interpreter's version, as `3.13.0`, or `3.14.0t` where it has no global lock.
pub fn version() -> String {
    let version = python().version_info();
    let flags = python()
        .import("sys")
        .and_then(|sys| sys.getattr("abiflags"));
    let flags = flags.map_or(String::new(), |flags| flags.to_string());
    format!(
        "{}.{}.{}{flags}",
        version.major, version.minor, version.patch
    )
}

/// Switches the cycle collector off: it would run in the middle of a turn, and not in everybody's.
pub fn stop_collecting() {
    // SAFETY: S1.
    unsafe { ffi::PyGC_Disable() };
}

/// Makes an `int`. Small numbers are there for ever, and from 3.12 on are not counted.
pub fn int(number: u64, counted: bool) -> Object {
    let number = if counted {
        1_000_000 + number
    } else {
        number % 256
    };
    number.into_pyobject(python()).expect(RAISES).into_any()
}

/// Takes over a new reference.
///
/// # Safety
///
/// S2.
pub unsafe fn taken(pointer: *mut ffi::PyObject) -> Object {
    // SAFETY: the caller's promise.
    unsafe { Bound::from_owned_ptr_or_err(python(), pointer) }.expect(RAISES)
}

fn succeeded(result: c_int) {
    assert!(result >= 0, "{RAISES}");
}

/// Makes a variable without a default.
pub fn variable(name: &CStr) -> Object {
    // SAFETY: S1, S2; null says that there is no default.
    unsafe { taken(ffi::PyContextVar_New(name.as_ptr(), ptr::null_mut())) }
}

/// Makes an empty context.
pub fn context() -> Object {
    // SAFETY: S1, S2.
    unsafe { taken(ffi::PyContext_New()) }
}

/// Copies the current context.
pub fn copy_current() -> Object {
    // SAFETY: S1, S2.
    unsafe { taken(ffi::PyContext_CopyCurrent()) }
}

/// Returns the value of a variable in the current context, else `default`, else none.
pub fn get(var: &Object, default: Option<&Object>) -> Option<Object> {
    let default = default.map_or(ptr::null_mut(), Bound::as_ptr);
    let mut value = ptr::null_mut();
    // SAFETY: S1, S2. What is found is a new reference; null is no failure here, since the call says
    // by its result whether it raised.
    unsafe {
        succeeded(ffi::PyContextVar_Get(var.as_ptr(), default, &raw mut value));
        (!value.is_null()).then(|| taken(value))
    }
}

/// Sets a variable in the current context and returns the token.
pub fn set(var: &Object, value: &Object) -> Object {
    // SAFETY: S1, S2.
    unsafe { taken(ffi::PyContextVar_Set(var.as_ptr(), value.as_ptr())) }
}

/// Resets a variable by a token.
pub fn reset(var: &Object, token: &Object) {
    // SAFETY: S1, S2.
    succeeded(unsafe { ffi::PyContextVar_Reset(var.as_ptr(), token.as_ptr()) });
}

/// Enters a context.
pub fn enter(context: &Object) {
    // SAFETY: S1, S2.
    succeeded(unsafe { ffi::PyContext_Enter(context.as_ptr()) });
}

/// Leaves a context.
pub fn exit(context: &Object) {
    // SAFETY: S1, S2.
    succeeded(unsafe { ffi::PyContext_Exit(context.as_ptr()) });
}

/// Returns the bytes that CPython's allocators were asked for during `work` and that are not freed, as
/// `tracemalloc` counts. What is freed of before counts for nothing.
pub fn bytes(work: &mut dyn FnMut()) -> i64 {
    let tracer = python().import("tracemalloc").expect(RAISES);
    let traced = || -> i64 {
        let now = tracer
            .call_method0("get_traced_memory")
            .and_then(|found| found.get_item(0));
        now.and_then(|bytes| bytes.extract()).expect(RAISES)
    };
    tracer.call_method0("start").expect(RAISES);
    let before = traced();
    work();
    let bytes = traced() - before;
    tracer.call_method0("stop").expect(RAISES);
    bytes
}
