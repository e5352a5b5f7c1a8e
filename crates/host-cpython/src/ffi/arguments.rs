//! Arguments of calls, and the interpreter's own checks of them.

use super::object::Lent;
use super::{Object, Raised};
use pyo3::{Python, ffi};
use std::ffi::CStr;
use std::ptr;

/// The arguments of a call, as the interpreter passes them.
#[derive(Clone, Copy)]
pub struct Arguments<'a> {
    /// Those without a name.
    pub positional: &'a [Object],
    /// The values of those with a name.
    pub named: &'a [Object],
    /// A tuple of their names, where there are any.
    pub names: Option<&'a Object>,
}

impl Arguments<'_> {
    /// Calls `callable` with these arguments.
    ///
    /// # Errors
    ///
    /// Whatever the call raises.
    pub fn call(self, py: Python<'_>, callable: &Object) -> Result<Object, Raised> {
        let positional = Object::tuple(py, self.positional.iter())?;
        let keywords = match self.names {
            Some(names) => Some(Object::dict(py, names, self.named.iter())?),
            None => None,
        };
        callable.call(py, &positional, keywords.as_ref())
    }
}

/// Checks the number of positional arguments, in the interpreter's words.
///
/// # Errors
///
/// `TypeError` where there are fewer than `least` or more than `most`.
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
    let arguments = Object::tuple(py, arguments.iter())?;
    // SAFETY: S1, S3. The count is wrong, so nothing is stored and no place to
    // store it in is asked for.
    unsafe {
        let (least, most) = (least as ffi::Py_ssize_t, most as ffi::Py_ssize_t);
        ffi::PyArg_UnpackTuple(arguments.as_ptr(), name.as_ptr(), least, most);
    }
    Err(Raised::take(py))
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
