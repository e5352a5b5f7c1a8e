//! [`Foreign`]: an object of Python in the embedded host.

use crate::convert::{to_host, to_python};
use crate::error::from_python;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use pyobj::std_host::{Arguments, Object, ObjectRef, Result, Type, Value, WeakShared};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// An object of Python. All operations are forwarded to it.
pub struct Foreign {
    object: Py<PyAny>,
    class: Type,
    /// The text, if it is an instance of a subclass of `str`.
    text: Option<String>,
}

/// The existing handles, by the address of their object. A handle keeps its object alive, so no
/// other object has its address. So an object has at most one handle.
static HANDLES: Mutex<Option<HashMap<usize, WeakShared<dyn Object>>>> = Mutex::new(None);

/// Calls `f` with the table. `f` must not run other code.
fn with_handles<R>(f: impl FnOnce(&mut HashMap<usize, WeakShared<dyn Object>>) -> R) -> R {
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    f(handles.get_or_insert_default())
}

impl Foreign {
    /// Returns the handle of an object.
    pub fn of(object: &Bound<'_, PyAny>) -> Value {
        let address = object.as_ptr().addr();
        let known = with_handles(|handles| handles.get(&address).and_then(WeakShared::upgrade));
        if let Some(handle) = known {
            return Value::Object(handle);
        }
        let name = object.get_type().name();
        let name = name.map_or_else(|_| "object".into(), |name| name.to_string());
        let text = object.cast::<PyString>().ok();
        let made = Value::object(Foreign {
            object: object.clone().unbind(),
            class: Type::new(name).build(),
            text: text.map(|text| text.to_string_lossy().into_owned()),
        });
        if let Value::Object(handle) = &made {
            with_handles(|handles| handles.insert(address, handle.downgrade()));
        }
        made
    }

    /// Returns the object.
    pub fn object(&self, py: Python<'_>) -> Py<PyAny> {
        self.object.clone_ref(py)
    }

    /// Performs an operation of the object, and converts its exception.
    fn perform<R>(&self, operation: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<R>) -> Result<R> {
        Python::attach(|py| {
            let result = operation(self.object.bind(py));
            result.map_err(|error| from_python(py, error))
        })
    }

    /// Calls the object's own method only: the host does the reflected comparison.
    fn compare(&self, method: &str, other: &Value) -> Result {
        let result = self.perform(|object| {
            let other = to_python(object.py(), other)?;
            let method = object.get_type().getattr(method)?;
            Ok(method.call1((object, other))?.unbind())
        })?;
        Python::attach(|py| to_host(result.bind(py)))
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // Before the object can be freed and its address reused.
        with_handles(|handles| handles.remove(&self.object.as_ptr().addr()));
    }
}

impl Object for Foreign {
    fn class(&self) -> &Type {
        &self.class
    }

    fn repr(&self, _: &ObjectRef) -> Result<String> {
        self.perform(|object| Ok(object.repr()?.to_string_lossy().into_owned()))
    }

    fn hash(&self, _: &ObjectRef) -> Result<i64> {
        self.perform(|object| Ok(object.hash()? as i64))
    }

    fn eq(&self, _: &ObjectRef, other: &Value) -> Result {
        self.compare("__eq__", other)
    }

    fn ne(&self, _: &ObjectRef, other: &Value) -> Result {
        self.compare("__ne__", other)
    }

    fn call(&self, _: &ObjectRef, arguments: Arguments) -> Result {
        let result = self.perform(|object| {
            let py = object.py();
            let positional = arguments.positional.iter();
            let positional: PyResult<Vec<_>> = positional.map(|one| to_python(py, one)).collect();
            let named = PyDict::new(py);
            for (name, value) in arguments.keywords.iter() {
                named.set_item(name, to_python(py, value)?)?;
            }
            let result = object.call(PyTuple::new(py, positional?)?, Some(&named))?;
            Ok(result.unbind())
        })?;
        Python::attach(|py| to_host(result.bind(py)))
    }

    fn as_str(&self) -> Option<&str> {
        self.text.as_deref()
    }
}
