//! Converts values between Python and the embedded host.

use crate::error::from_python;
use crate::foreign::Foreign;
use crate::proxy::Proxy;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyString, PyTuple};
use pyobj::std_host::{Result, Value};

/// Converts an object of Python to a value of the embedded host.
///
/// # Errors
///
/// The exception that Python raises, for example for an `int` of more than 64 bits.
pub fn to_host(object: &Bound<'_, PyAny>) -> Result {
    let items = |items: &mut dyn Iterator<Item = Bound<'_, PyAny>>| {
        let items: Result<Vec<Value>> = items.map(|item| to_host(&item)).collect();
        items
    };
    if object.is_none() {
        Ok(Value::None)
    } else if object.is(object.py().NotImplemented()) {
        Ok(Value::NotImplemented)
    } else if let Ok(proxy) = object.cast::<Proxy>() {
        Ok(proxy.get().value().clone())
    } else if let Ok(truth) = object.cast_exact::<PyBool>() {
        Ok(truth.is_true().into())
    } else if let Ok(number) = object.cast_exact::<PyInt>() {
        let number = number.extract::<i64>();
        Ok(number
            .map_err(|error| from_python(object.py(), error))?
            .into())
    } else if let Ok(number) = object.cast_exact::<PyFloat>() {
        Ok(number.value().into())
    } else if let Ok(text) = object.cast_exact::<PyString>() {
        Ok(text.to_string_lossy().as_ref().into())
    } else if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        Ok(Value::tuple(items(&mut tuple.iter())?))
    } else if let Ok(list) = object.cast_exact::<PyList>() {
        Ok(Value::list(items(&mut list.iter())?))
    } else {
        Ok(Foreign::of(object))
    }
}

/// Converts a value of the embedded host to an object of Python.
///
/// # Errors
///
/// `MemoryError`.
pub fn to_python(py: Python<'_>, value: &Value) -> PyResult<Py<PyAny>> {
    let items = |items: &mut dyn Iterator<Item = &Value>| {
        let items: PyResult<Vec<_>> = items.map(|item| to_python(py, item)).collect();
        items
    };
    match value {
        Value::None => Ok(py.None()),
        Value::NotImplemented => Ok(py.NotImplemented()),
        Value::Bool(truth) => truth.into_py_any(py),
        Value::Int(number) => number.into_py_any(py),
        Value::Float(number) => number.into_py_any(py),
        Value::Str(text) => text.into_py_any(py),
        Value::Tuple(tuple) => PyTuple::new(py, items(&mut tuple.iter())?)?.into_py_any(py),
        Value::List(list) => PyList::new(py, items(&mut list.to_vec().iter())?)?.into_py_any(py),
        Value::Type(_) => Proxy::of(py, value),
        Value::Object(object) => match object.downcast_ref::<Foreign>() {
            Some(foreign) => Ok(foreign.object(py)),
            None => Proxy::of(py, value),
        },
    }
}
