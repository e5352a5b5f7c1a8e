//! [`Proxy`]: an object of the embedded host in Python.

use crate::convert::{to_host, to_python};
use crate::error::checked;
use pyo3::IntoPyObjectExt;
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyobj::std_host::{Arguments, Order, Value};

/// An object of the embedded host. All operations are forwarded to it.
#[pyclass(frozen)]
pub struct Proxy(Value);

impl Proxy {
    pub fn of(py: Python<'_>, value: &Value) -> PyResult<Py<PyAny>> {
        Proxy(value.clone()).into_py_any(py)
    }

    pub fn value(&self) -> &Value {
        &self.0
    }

    pub fn address(&self) -> usize {
        self.0.address()
    }
}

type Returned = PyResult<Py<PyAny>>;

#[pymethods]
impl Proxy {
    fn __getattr__(&self, py: Python<'_>, name: &str) -> Returned {
        to_python(py, &checked(py, self.0.get_attr(name))?)
    }

    fn __setattr__(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = value.py();
        checked(py, self.0.set_attr(name, checked(py, to_host(value))?))
    }

    fn __delattr__(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        checked(py, self.0.del_attr(name))
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__(&self, args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> Returned {
        let py = args.py();
        let mut arguments = Arguments::new();
        for arg in args {
            arguments = arguments.arg(checked(py, to_host(&arg))?);
        }
        for (name, value) in kwargs.into_iter().flatten() {
            arguments = arguments.keyword(name.extract()?, checked(py, to_host(&value))?);
        }
        to_python(py, &checked(py, self.0.call(arguments))?)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        checked(py, self.0.repr())
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        checked(py, self.0.str())
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        Ok(checked(py, self.0.hash())? as isize)
    }

    fn __richcmp__(&self, other: &Bound<'_, PyAny>, operator: CompareOp) -> Returned {
        let py = other.py();
        let other = checked(py, to_host(other))?;
        let order = match operator {
            CompareOp::Eq => return checked(py, self.0.equals(&other))?.into_py_any(py),
            CompareOp::Ne => return checked(py, self.0.differs(&other))?.into_py_any(py),
            CompareOp::Lt => Order::Less,
            CompareOp::Le => Order::LessEqual,
            CompareOp::Gt => Order::Greater,
            CompareOp::Ge => Order::GreaterEqual,
        };
        checked(py, self.0.compare(order, &other))?.into_py_any(py)
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        checked(py, self.0.length())
    }

    fn __contains__(&self, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = item.py();
        checked(py, self.0.contains(&checked(py, to_host(item))?))
    }

    fn __getitem__(&self, key: &Bound<'_, PyAny>) -> Returned {
        let py = key.py();
        let item = self.0.get_item(&checked(py, to_host(key))?);
        to_python(py, &checked(py, item)?)
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = key.py();
        let (key, value) = (checked(py, to_host(key))?, checked(py, to_host(value))?);
        checked(py, self.0.set_item(&key, value))
    }

    fn __delitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = key.py();
        checked(py, self.0.del_item(&checked(py, to_host(key))?))
    }

    fn __iter__(&self, py: Python<'_>) -> Returned {
        to_python(py, &checked(py, self.0.iter())?)
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let next = checked(py, self.0.next())?;
        next.map(|next| to_python(py, &next)).transpose()
    }

    fn __length_hint__(&self, py: Python<'_>) -> PyResult<usize> {
        checked(py, self.0.length_hint(0))
    }
}
