//! Arguments of calls, and the interpreter's own checks of them.

use super::object::Lent;
use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::ffi::CStr;
use std::{ptr, slice};

/// The arguments of a call, as the interpreter passes them.
#[derive(Clone, Copy)]
pub struct Arguments<'a> {
    /// Those without a name, and then the values of those with a name.
    ///
    /// Invariant: of the latter there are as many as names.
    all: &'a [Object],
    /// How many have no name.
    positional: usize,
    /// A tuple of the others' names, where there are any.
    names: Option<&'a Object>,
}

impl<'a> Arguments<'a> {
    /// Takes the arguments of a call.
    ///
    /// # Safety
    ///
    /// What a `METH_FASTCALL | METH_KEYWORDS` gets, for the length of its call.
    pub(super) unsafe fn new(
        all: *const *mut ffi::PyObject,
        positional: usize,
        names: Option<&'a Object>,
    ) -> Self {
        // SAFETY: the caller's promise. The values of named arguments follow
        // the others, one for each name.
        unsafe {
            let named = match names {
                Some(names) => ffi::PyTuple_Size(names.as_ptr()) as usize,
                None => 0,
            };
            Arguments {
                all: lent(all, positional + named),
                positional,
                names,
            }
        }
    }

    /// Gives the first without a name, and the rest.
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
    /// Whatever the call raises.
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

    /// Calls `callable` with these arguments. The library of the stable ABI has no
    /// vectorcall on Windows before 3.12, so they go into a tuple and a dict.
    ///
    /// # Errors
    ///
    /// Whatever the call raises.
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
    /// Calls an object: in the stable ABI from 3.12 on, and exported by 3.11 with the
    /// same meaning.
    fn PyObject_Vectorcall(
        callable: *mut ffi::PyObject,
        arguments: *const *mut ffi::PyObject,
        positional: usize,
        names: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

/// Gives the arguments of a call as handles, without counting them.
///
/// # Safety
///
/// There are `count` borrowed objects that outlive the slice.
#[inline]
pub(super) unsafe fn lent<'a>(arguments: *const *mut ffi::PyObject, count: usize) -> &'a [Object] {
    if count == 0 {
        return &[];
    }
    // SAFETY: the caller's promise; an `Object` is a pointer that is not NULL,
    // and behind a shared slice it is not dropped.
    unsafe { slice::from_raw_parts(arguments.cast(), count) }
}

/// Checks the number of positional arguments, in the interpreter's words.
///
/// # Errors
///
/// `TypeError` where there are fewer than `least` or more than `most`.
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
    // SAFETY: S1, S3. The count is wrong, so nothing is stored and no place to
    // store it in is asked for.
    unsafe {
        let (least, most) = (least as ffi::Py_ssize_t, most as ffi::Py_ssize_t);
        ffi::PyArg_UnpackTuple(arguments.as_ptr(), name.as_ptr(), least, most);
    }
    Raised::take(py)
}

/// The arguments of a constructor.
pub struct Constructor {
    positional: Lent,
    keywords: Option<Lent>,
}

impl Constructor {
    /// # Safety
    ///
    /// What a `tp_new` gets, for the length of its call.
    pub(super) unsafe fn new(positional: *mut ffi::PyObject, keywords: *mut ffi::PyObject) -> Self {
        // SAFETY: the caller's promise; a tuple, and a dict or NULL.
        unsafe {
            Constructor {
                positional: Lent::new(positional),
                keywords: (!keywords.is_null()).then(|| Lent::new(keywords)),
            }
        }
    }

    /// Tells whether there are no arguments at all.
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

    /// Gives one positional argument and perhaps one that is named `name`.
    /// `format` is the interpreter's description of them, which its refusals
    /// name the constructor by.
    ///
    /// # Errors
    ///
    /// The interpreter's `TypeError` for any other arguments.
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
        // SAFETY: S1, S2. The format asks for two objects, the second after a
        // `|`, with a name each; what is stored is borrowed from the arguments.
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
            let count = |object: *mut ffi::PyObject| ptr::NonNull::new(object);
            let named = count(named).map(|named| Object::from_borrowed(named));
            match count(first) {
                Some(first) => Ok((Object::from_borrowed(first), named)),
                None => Err(Raised::take(py)),
            }
        }
    }
}

/// How the interpreter is told of a constructor's arguments: one positional
/// object and one optional object that has a name.
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
