//! Arguments of calls, which the interpreter's own functions check.

use super::object::Borrowed;
use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::ffi::CStr;
use std::{ptr, slice};

/// The arguments of a call, as the interpreter passes them.
#[derive(Clone, Copy)]
pub struct Arguments<'a> {
    /// The positional arguments, followed by the values of the named ones.
    ///
    /// Invariant: there is one value for each name.
    all: &'a [Object],
    /// The number of positional arguments.
    positional: usize,
    /// A tuple of the names, if there are any.
    names: Option<&'a Object>,
}

impl<'a> Arguments<'a> {
    /// Borrows the arguments of a call.
    ///
    /// # Safety
    ///
    /// They are the arguments of a `METH_FASTCALL | METH_KEYWORDS` function, during its call.
    pub(super) unsafe fn new(
        all: *const *mut ffi::PyObject,
        positional: usize,
        names: Option<&'a Object>,
    ) -> Self {
        // SAFETY: the caller's promise. The values of named arguments follow the positional ones,
        // one for each name.
        unsafe {
            let named = match names {
                Some(names) => ffi::PyTuple_Size(names.as_ptr()) as usize,
                None => 0,
            };
            Arguments {
                all: borrowed(all, positional + named),
                positional,
                names,
            }
        }
    }

    /// Returns the first positional argument, and the rest.
    #[inline]
    pub fn split_first(self) -> Option<(&'a Object, Self)> {
        let positional = self.positional.checked_sub(1)?;
        let (first, all) = self.all.split_first()?;
        let rest = Arguments {
            all,
            positional,
            ..self
        };
        Some((first, rest))
    }

    /// Calls `callable` with these arguments.
    ///
    /// # Errors
    ///
    /// What the call raises.
    #[inline]
    #[cfg(not(all(windows, Py_LIMITED_API)))]
    pub fn call(self, py: Python<'_>, callable: &Object) -> Result<Object, Raised> {
        let names = self.names.map_or(ptr::null_mut(), Object::as_ptr);
        // SAFETY: S1, S3, and the invariant.
        unsafe {
            let (all, callable) = (self.all.as_ptr().cast(), callable.as_ptr());
            let result = PyObject_Vectorcall(callable, all, self.positional, names);
            Object::from_new(py, result)
        }
    }

    /// Calls `callable` with these arguments, in a tuple and a dict: on Windows the stable ABI has
    /// no vectorcall before 3.12.
    ///
    /// # Errors
    ///
    /// What the call raises.
    #[cfg(all(windows, Py_LIMITED_API))]
    pub fn call(self, py: Python<'_>, callable: &Object) -> Result<Object, Raised> {
        let (positional, named) = self.all.split_at(self.positional);
        let positional = Object::tuple(py, positional.iter())?;
        let keywords = match self.names {
            Some(names) => Some(Object::dict(py, names, named.iter())?),
            None => None,
        };
        callable.call(py, &positional, keywords.as_ref())
    }
}

#[cfg(not(all(windows, Py_LIMITED_API)))]
unsafe extern "C" {
    /// Calls an object. It is in the stable ABI from 3.12 on; 3.11 exports it with the same
    /// meaning.
    fn PyObject_Vectorcall(
        callable: *mut ffi::PyObject,
        arguments: *const *mut ffi::PyObject,
        positional: usize,
        names: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

/// Returns the arguments of a call as borrowed handles: their counts stay the same.
///
/// # Safety
///
/// There are `count` objects, which outlive the slice.
#[inline]
pub(super) unsafe fn borrowed<'a>(
    arguments: *const *mut ffi::PyObject,
    count: usize,
) -> &'a [Object] {
    if count == 0 {
        return &[];
    }
    // SAFETY: the caller's promise; an `Object` is a pointer that is not NULL, and a borrowed slice
    // does not drop it.
    unsafe { slice::from_raw_parts(arguments.cast(), count) }
}

/// Checks the number of positional arguments.
///
/// # Errors
///
/// The interpreter's `TypeError` if there are fewer than `least` or more than `most`.
#[inline]
pub fn check_count(
    py: Python<'_>,
    name: &CStr,
    arguments: &[Object],
    least: usize,
    most: usize,
) -> Result<(), Raised> {
    if (least..=most).contains(&arguments.len()) {
        return Ok(());
    }
    Err(wrong_count(py, name, arguments, least, most))
}

#[cold]
fn wrong_count(
    py: Python<'_>,
    name: &CStr,
    arguments: &[Object],
    least: usize,
    most: usize,
) -> Raised {
    let arguments = match Object::tuple(py, arguments.iter()) {
        Ok(arguments) => arguments,
        Err(error) => return error,
    };
    // SAFETY: S1, S3. The number is wrong, so the call stores no argument, and reads no pointer to
    // store one.
    unsafe {
        let (least, most) = (least as ffi::Py_ssize_t, most as ffi::Py_ssize_t);
        ffi::PyArg_UnpackTuple(arguments.as_ptr(), name.as_ptr(), least, most);
    }
    Raised::take(py)
}

/// The arguments of a constructor.
pub struct Constructor {
    positional: Borrowed,
    keywords: Option<Borrowed>,
}

impl Constructor {
    /// # Safety
    ///
    /// They are the arguments of a `tp_new`, during its call.
    pub(super) unsafe fn new(positional: *mut ffi::PyObject, keywords: *mut ffi::PyObject) -> Self {
        // SAFETY: the caller's promise; a tuple, and a dict or NULL.
        unsafe {
            Constructor {
                positional: Borrowed::new(positional),
                keywords: (!keywords.is_null()).then(|| Borrowed::new(keywords)),
            }
        }
    }

    /// Returns `true` if there are no arguments.
    pub fn is_empty(&self, _: Python<'_>) -> bool {
        // SAFETY: S1, S2.
        unsafe {
            ffi::PyTuple_Size(self.positional.as_ptr()) == 0
                && self
                    .keywords
                    .as_ref()
                    .is_none_or(|keywords| ffi::PyDict_Size(keywords.as_ptr()) == 0)
        }
    }

    /// Returns the positional argument, and the named one if it is there.
    ///
    /// # Errors
    ///
    /// The interpreter's `TypeError` for any other arguments, with the name of the constructor in
    /// `format`.
    pub fn one_and_named(
        &self,
        py: Python<'_>,
        format: OneAndNamed,
    ) -> Result<(Object, Option<Object>), Raised> {
        let keywords = self
            .keywords
            .as_ref()
            .map_or(ptr::null_mut(), |k| k.as_ptr());
        let names = [c"".as_ptr(), format.name.as_ptr(), ptr::null()];
        let (mut first, mut named) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: S1, S2. The format has two objects, the second after a `|`, and there are two
        // names. The stored pointers are borrowed from the arguments.
        unsafe {
            let parsed = ffi::PyArg_ParseTupleAndKeywords(
                self.positional.as_ptr(),
                keywords,
                format.format.as_ptr(),
                names.as_ptr().cast_mut().cast(),
                &raw mut first,
                &raw mut named,
            );
            if parsed == 0 {
                return Err(Raised::take(py));
            }
            let non_null = |object: *mut ffi::PyObject| ptr::NonNull::new(object);
            let named = non_null(named).map(|named| Object::from_borrowed(named));
            match non_null(first) {
                Some(first) => Ok((Object::from_borrowed(first), named)),
                None => Err(Raised::take(py)),
            }
        }
    }
}

/// The format of a constructor's arguments for the interpreter's parser: one positional object and
/// one optional named object.
#[derive(Clone, Copy)]
pub struct OneAndNamed {
    format: &'static CStr,
    name: &'static CStr,
}

impl OneAndNamed {
    /// The arguments of `ContextVar`.
    pub const CONTEXT_VAR: Self = OneAndNamed {
        format: c"O|$O:ContextVar",
        name: c"default",
    };
}
