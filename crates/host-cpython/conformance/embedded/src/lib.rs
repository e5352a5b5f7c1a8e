//! The embedded host as a Python module, so that Python code can compare it with CPython's
//! own module.
//!
//! * [`proxy`] is an object of the host in Python, which forwards every operation to it.
//! * [`foreign`] is an object of Python in the host.
//! * [`convert`] converts values, and [`error`] exceptions, in both directions.
//! * [`c_watcher`] is a watcher with C's calling convention, for modules with a C API.

mod c_watcher;
mod convert;
mod error;
mod foreign;
mod proxy;

use contextvars::{Context, Std, c_api, with_thread};
use convert::{to_host, to_python};
use error::{checked, from_python, raise};
use proxy::Proxy;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyobj::std_host::Value;
use std::sync::Arc;

/// Imports a module of the embedded host.
#[pyfunction]
fn import_module(py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
    let module = module::import(name).map_err(|error| raise(py, &error))?;
    to_python(py, &module)
}

/// `weakref.ref` of the embedded host.
#[pyfunction]
fn weak_reference(object: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = object.py();
    let object = checked(py, to_host(object))?;
    let reference = checked(py, pyobj::std_host::weakref(&object))?;
    to_python(py, &reference)
}

/// `type("C", (base,), {})` of the embedded host.
#[pyfunction]
fn derive(base: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = base.py();
    match checked(py, to_host(base))? {
        Value::Type(base) => to_python(py, &checked(py, base.subclass("C"))?.into()),
        other => Err(PyTypeError::new_err(format!("{other:?} is no type"))),
    }
}

/// Returns the address in the `repr` of an object: the host's, if it is an object of the host.
#[pyfunction]
fn address(object: &Bound<'_, PyAny>) -> usize {
    match object.cast::<Proxy>() {
        Ok(proxy) => proxy.get().address(),
        Err(_) => object.as_ptr().addr(),
    }
}

/// Removes the calling thread's base context, as the end of a thread does. The host's thread
/// ends later than Python's, when its finalizers can no longer be observed.
#[pyfunction]
fn end_thread() {
    // Finalizers may set variables, in a new base context.
    while let Ok(Some(context)) = with_thread(|thread| thread.replace_context(Std, None)) {
        drop(context);
    }
}

/// Adds a watcher that calls `callback` with the context that is now current, or `None`.
/// Returns its id.
#[pyfunction]
fn add_watcher(callback: Py<PyAny>) -> PyResult<i32> {
    let watcher = move |_, current: Option<&Context>| {
        Python::attach(|py| {
            let current = match current {
                Some(context) => to_python(py, &context.clone().into()),
                None => Ok(py.None()),
            };
            let called = current.and_then(|current| callback.call1(py, (current,)));
            called.map(drop).map_err(|error| from_python(py, error))
        })
    };
    let added = c_api::context_add_watcher(Arc::new(watcher));
    Python::attach(|py| checked(py, added))
}

/// Removes the watcher with this id.
#[pyfunction]
fn clear_watcher(py: Python<'_>, id: i32) -> PyResult<()> {
    checked(py, c_api::context_clear_watcher(id))
}

/// The embedded host as a module.
#[pymodule]
fn _contextvars_embedded(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(import_module, module)?)?;
    module.add_function(wrap_pyfunction!(weak_reference, module)?)?;
    module.add_function(wrap_pyfunction!(end_thread, module)?)?;
    module.add_function(wrap_pyfunction!(add_watcher, module)?)?;
    module.add_function(wrap_pyfunction!(clear_watcher, module)?)?;
    module.add_function(wrap_pyfunction!(c_watcher::watcher_that_calls, module)?)?;
    module.add_function(wrap_pyfunction!(derive, module)?)?;
    module.add_function(wrap_pyfunction!(address, module)?)
}
