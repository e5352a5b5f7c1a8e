//! The CPython that has loaded this extension. Its C code is a peer.
//!
//! The `unsafe` code in this file relies on two rules:
//!
//! * **S1.** [`python`] is called on the thread on which Python called `main`, which stays attached
//!   to the interpreter. Nothing here detaches it, and other threads of a workload do not call it. An
//!   [`Object`] is neither `Send` nor `Sync`, so none leaves the thread.
//! * **S2.** A new reference from the C API, or null with an exception raised, is passed to [`taken`]
//!   at once. An [`Object`] is alive during every call that it is passed to.

use pyo3::ffi;
use pyo3::prelude::*;

/// A counted handle to an object.
pub type Object = Bound<'static, PyAny>;

const RAISES: &str = "the call raises nothing";

/// Returns the interpreter.
pub fn python() -> Python<'static> {
    // SAFETY: S1.
    unsafe { Python::assume_attached() }
}

/// Returns the interpreter's version, as `3.13.0`, or `3.14.0t` for a free-threaded build.
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

/// Switches the cycle collector off. It would run during some turns and not during others.
pub fn stop_collecting() {
    // SAFETY: S1.
    unsafe { ffi::PyGC_Disable() };
}

/// Creates an `int`. If it is not `counted`, a small one, which from 3.12 on is immortal.
pub fn int(number: u64, counted: bool) -> Object {
    let number = if counted {
        1_000_000 + number
    } else {
        number % 256
    };
    number.into_pyobject(python()).expect(RAISES).into_any()
}

/// Takes ownership of a new reference.
///
/// # Safety
///
/// S2.
pub unsafe fn taken(pointer: *mut ffi::PyObject) -> Object {
    // SAFETY: guaranteed by the caller.
    unsafe { Bound::from_owned_ptr_or_err(python(), pointer) }.expect(RAISES)
}

/// Returns the bytes that `work` allocated from CPython and did not free, as counted by `tracemalloc`.
/// Frees of older memory do not count.
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
