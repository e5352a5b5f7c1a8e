//! Converts exceptions between Python and the embedded host.

use crate::convert::to_python;
use crate::foreign::Foreign;
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyobj::std_host::{Exception, Result, Type};

/// Converts an exception of Python to one of the embedded host: its type has the same name,
/// and its argument is Python's exception.
pub fn from_python(py: Python<'_>, error: PyErr) -> Exception {
    let name = error.get_type(py).name();
    let name = name.map_or_else(|_| "Exception".into(), |name| name.to_string());
    let error = error.into_value(py);
    Exception::new(
        Type::new(name).build(),
        [Foreign::of(error.bind(py).as_any())],
    )
}

/// Converts an exception of the embedded host to one of Python: the one that Python raised,
/// or else one of the same name, with the same arguments and context.
pub fn raise(py: Python<'_>, error: &Exception) -> PyErr {
    match translate(py, error) {
        Ok(exception) => PyErr::from_value(exception.into_any()),
        Err(error) => error,
    }
}

fn translate<'py>(py: Python<'py>, error: &Exception) -> PyResult<Bound<'py, PyBaseException>> {
    if let [only] = error.args()
        && let Some(foreign) = only.downcast_ref::<Foreign>()
        && let Ok(exception) = foreign
            .object(py)
            .into_bound(py)
            .cast_into::<PyBaseException>()
    {
        return Ok(exception);
    }
    let class = py.import("builtins")?.getattr(error.class().name())?;
    let args: PyResult<Vec<_>> = error.args().iter().map(|arg| to_python(py, arg)).collect();
    let exception = class.call1(PyTuple::new(py, args?)?)?;
    let exception = exception.cast_into::<PyBaseException>()?;
    // Otherwise the exception that Python is handling now, as for any raised exception.
    let context = match error.context() {
        Some(context) => translate(py, &context)?.into_any(),
        None => py.import("sys")?.call_method0("exception")?,
    };
    exception.setattr("__context__", context)?;
    Ok(exception)
}

/// Converts the result of an operation of the embedded host.
///
/// # Errors
///
/// The operation's exception, converted.
pub fn checked<T>(py: Python<'_>, result: Result<T>) -> PyResult<T> {
    result.map_err(|error| raise(py, &error))
}
