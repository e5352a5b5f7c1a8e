//! The CPython that has loaded this extension, whose C code is then a peer.
//!
//! What the `unsafe` of this file rests on:
//!
//! * **S1.** [`python`] is called on the thread that Python called `main` on, which stays attached to
//!   the interpreter: nothing here detaches it, and other threads of a workload do not come here. No
//!   [`Object`] leaves the thread, since it is neither `Send` nor `Sync`.
//! * **S2.** What the C API returns as a new reference, or null with an exception raised, goes through
//!   [`taken`] at once. An [`Object`] is a live one for every call that it is passed to.

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
