//! Handles to objects, which own a reference each.

use super::nesting::Nested;
use super::{Raised, count};
use pyo3::ffi::compat::PyDict_GetItemRef;
use pyo3::{Python, ffi};
use std::ffi::CStr;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// A handle to any object, which owns a reference to it.
///
/// Not PyO3's `Py<PyAny>`: where the interpreter calls a C function, PyO3 does not know that the
/// thread is attached, and dropping a `Py` only queues the decrement. Then finalizers would run
/// late or never. Dropping an `Object` decrements the count immediately.
///
/// Invariant: owns one reference to a live object (S3). It never leaves its thread: not `Send`.
#[repr(transparent)]
pub struct Object(NonNull<ffi::PyObject>);

impl Object {
    /// Takes over a new reference, or the exception that is set instead.
    ///
    /// # Safety
    ///
    /// `pointer` is a new reference, or NULL with an exception set.
    pub(super) unsafe fn from_new(
        py: Python<'_>,
        pointer: *mut ffi::PyObject,
    ) -> Result<Self, Raised> {
        NonNull::new(pointer)
            .map(Object)
            .ok_or_else(|| Raised::take(py))
    }

    /// Takes over a new reference that may be NULL without an exception.
    ///
    /// # Safety
    ///
    /// `pointer` is a new reference or NULL.
    pub(super) unsafe fn from_nullable(pointer: *mut ffi::PyObject) -> Option<Self> {
        NonNull::new(pointer).map(Object)
    }

    /// Takes over a new reference.
    ///
    /// # Safety
    ///
    /// `pointer` is a new reference.
    pub(super) unsafe fn from_nonnull(pointer: NonNull<ffi::PyObject>) -> Self {
        Object(pointer)
    }

    /// Creates a handle to a borrowed object: increments its count.
    ///
    /// # Safety
    ///
    /// `pointer` points to a live object, and the thread is attached.
    pub(super) unsafe fn from_borrowed(pointer: NonNull<ffi::PyObject>) -> Self {
        // SAFETY: the caller's promise.
        unsafe { count::increase(pointer.as_ptr()) };
        Object(pointer)
    }

    /// Returns the object's pointer, borrowed.
    pub(super) fn as_ptr(&self) -> *mut ffi::PyObject {
        self.0.as_ptr()
    }

    /// Returns the object's pointer, with the reference that the handle owned.
    pub(super) fn into_ptr(self) -> *mut ffi::PyObject {
        ManuallyDrop::new(self).0.as_ptr()
    }

    /// Returns another handle to the same object: increments its count.
    pub fn clone_ref(&self, _: Python<'_>) -> Self {
        // SAFETY: S1, S3.
        unsafe { Self::from_borrowed(self.0) }
    }

    /// Returns `true` if the object's type supports garbage collection, so that the object may be
    /// in a cycle.
    pub fn is_collected(&self, _: Python<'_>) -> bool {
        // SAFETY: S1.
        unsafe { ffi::PyType_GetFlags(ffi::Py_TYPE(self.as_ptr())) & ffi::Py_TPFLAGS_HAVE_GC != 0 }
    }

    /// Returns the object's address.
    pub fn address(&self) -> usize {
        self.0.addr().get()
    }

    /// Returns `true` if both are handles to the same object.
    pub fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Returns `None`.
    pub fn none(_: Python<'_>) -> Self {
        Self::singleton(ffi::Py_None)
    }

    /// Returns `NotImplemented`.
    pub fn not_implemented(_: Python<'_>) -> Self {
        Self::singleton(ffi::Py_NotImplemented)
    }

    /// Returns `True` or `False`.
    pub fn from_bool(_: Python<'_>, value: bool) -> Self {
        Self::singleton(if value { ffi::Py_True } else { ffi::Py_False })
    }

    fn singleton(get: unsafe fn() -> *mut ffi::PyObject) -> Self {
        // SAFETY: S1 of the callers; the interpreter's singletons are never
        // NULL and live as long as it does.
        unsafe { Self::from_borrowed(NonNull::new_unchecked(get())) }
    }

    /// Creates a `str`.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn from_text(py: Python<'_>, text: &str) -> Result<Self, Raised> {
        let length = text.len() as ffi::Py_ssize_t;
        // SAFETY: S1, S3; the text is UTF-8 of this length.
        unsafe {
            let text = ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), length);
            Self::from_new(py, text)
        }
    }

    /// Creates a `tuple`.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn tuple<'a>(
        py: Python<'_>,
        items: impl ExactSizeIterator<Item = &'a Object>,
    ) -> Result<Self, Raised> {
        // SAFETY: S1, S3. The tuple is new, so its items can be set. Each takes over a reference.
        unsafe {
            let tuple = ffi::PyTuple_New(items.len() as ffi::Py_ssize_t);
            let tuple = Self::from_new(py, tuple)?;
            for (index, item) in items.enumerate() {
                let index = index as ffi::Py_ssize_t;
                ffi::PyTuple_SetItem(tuple.as_ptr(), index, item.clone_ref(py).into_ptr());
            }
            Ok(tuple)
        }
    }

    /// Imports a module.
    ///
    /// # Errors
    ///
    /// `ImportError`, and what the module raises.
    pub fn import(py: Python<'_>, name: &CStr) -> Result<Self, Raised> {
        // SAFETY: S1, S3.
        unsafe { Self::from_new(py, ffi::PyImport_ImportModule(name.as_ptr())) }
    }

    /// Returns an attribute.
    ///
    /// # Errors
    ///
    /// What the lookup raises.
    pub fn attribute(&self, py: Python<'_>, name: &CStr) -> Result<Self, Raised> {
        // SAFETY: S1, S3.
        unsafe {
            let attribute = ffi::PyObject_GetAttrString(self.as_ptr(), name.as_ptr());
            Self::from_new(py, attribute)
        }
    }

    /// Calls the object with a tuple of arguments and an optional dict of named ones.
    ///
    /// # Errors
    ///
    /// What the call raises.
    pub fn call(
        &self,
        py: Python<'_>,
        positional: &Object,
        keywords: Option<&Object>,
    ) -> Result<Self, Raised> {
        let keywords = keywords.map_or(ptr::null_mut(), Object::as_ptr);
        // SAFETY: S1, S3; a tuple and a dict or NULL, as documented.
        unsafe {
            let result = ffi::PyObject_Call(self.as_ptr(), positional.as_ptr(), keywords);
            Self::from_new(py, result)
        }
    }

    /// Returns `true` if the object is a `str` or an instance of a subclass.
    pub fn is_text(&self, _: Python<'_>) -> bool {
        // SAFETY: S1, S3.
        unsafe { ffi::PyUnicode_Check(self.as_ptr()) != 0 }
    }

    /// Returns the text of a `str`. A lone surrogate, which UTF-8 cannot encode, is escaped, as in
    /// `'\udc80'`.
    ///
    /// # Errors
    ///
    /// `TypeError` if the object is not a `str`, or `MemoryError`.
    pub fn text(&self, py: Python<'_>) -> Result<String, Raised> {
        let mut length = 0;
        // SAFETY: S1, S3. The bytes belong to the `str` and are UTF-8.
        unsafe {
            let bytes = ffi::PyUnicode_AsUTF8AndSize(self.as_ptr(), &mut length);
            if !bytes.is_null() {
                return Ok(utf8(bytes.cast(), length));
            }
        }
        // A surrogate is no error. Any other error occurs again below.
        drop(Raised::take(py));
        // SAFETY: S1, S3. The bytes belong to the `bytes` object.
        unsafe {
            let escaped = ffi::PyUnicode_AsEncodedString(
                self.as_ptr(),
                c"utf-8".as_ptr(),
                c"backslashreplace".as_ptr(),
            );
            let escaped = Self::from_new(py, escaped)?;
            let bytes = ffi::PyBytes_AsString(escaped.as_ptr());
            Ok(utf8(bytes.cast(), ffi::PyBytes_Size(escaped.as_ptr())))
        }
    }

    /// Returns `repr(object)`.
    ///
    /// # Errors
    ///
    /// What `__repr__` raises, or `RecursionError` if calls are nested too deeply.
    pub fn repr(&self, py: Python<'_>) -> Result<Self, Raised> {
        let _nested = Nested::begin(py, c" while getting the repr of an object")?;
        // SAFETY: S1, S3.
        unsafe { Self::from_new(py, ffi::PyObject_Repr(self.as_ptr())) }
    }

    /// Returns `hash(object)`.
    ///
    /// # Errors
    ///
    /// What `__hash__` raises.
    pub fn hash(&self, py: Python<'_>) -> Result<isize, Raised> {
        // SAFETY: S1, S3.
        match unsafe { ffi::PyObject_Hash(self.as_ptr()) } {
            -1 => Err(Raised::take(py)),
            hash => Ok(hash),
        }
    }

    /// Returns the truth value of `self == other`.
    ///
    /// # Errors
    ///
    /// What either `__eq__` or the truth value of its result raises, or `RecursionError` if calls
    /// are nested too deeply.
    pub fn equals(&self, py: Python<'_>, other: &Self) -> Result<bool, Raised> {
        let _nested = Nested::begin(py, c" in comparison")?;
        // SAFETY: S1, S3.
        let truth = unsafe {
            let result = ffi::PyObject_RichCompare(self.as_ptr(), other.as_ptr(), ffi::Py_EQ);
            let result = Self::from_new(py, result)?;
            ffi::PyObject_IsTrue(result.as_ptr())
        };
        match truth {
            -1 => Err(Raised::take(py)),
            truth => Ok(truth != 0),
        }
    }

    /// Creates a `dict` of names and values.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    #[cfg(all(windows, Py_LIMITED_API))]
    pub fn dict<'a>(
        py: Python<'_>,
        names: &Object,
        values: impl Iterator<Item = &'a Object>,
    ) -> Result<Self, Raised> {
        // SAFETY: S1, S3; the interpreter passes a tuple with one `str` for each value, so the
        // borrowed item exists.
        unsafe {
            let dict = Self::from_new(py, ffi::PyDict_New())?;
            for (index, value) in values.enumerate() {
                let name = ffi::PyTuple_GetItem(names.as_ptr(), index as ffi::Py_ssize_t);
                if name.is_null() || ffi::PyDict_SetItem(dict.as_ptr(), name, value.as_ptr()) < 0 {
                    return Err(Raised::take(py));
                }
            }
            Ok(dict)
        }
    }

    /// Returns the value of `key` in a `dict`, if it has one.
    ///
    /// # Errors
    ///
    /// What the lookup raises.
    pub fn dict_item(&self, py: Python<'_>, key: &Self) -> Result<Option<Self>, Raised> {
        let mut item = ptr::null_mut();
        // SAFETY: S1, S3.
        unsafe {
            match PyDict_GetItemRef(self.as_ptr(), key.as_ptr(), &mut item) {
                0.. => Ok(Self::from_nullable(item)),
                _ => Err(Raised::take(py)),
            }
        }
    }

    /// Sets the value of `key` in a `dict`.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn set_dict_item(&self, py: Python<'_>, key: &Self, value: &Self) -> Result<(), Raised> {
        // SAFETY: S1, S3.
        match unsafe { ffi::PyDict_SetItem(self.as_ptr(), key.as_ptr(), value.as_ptr()) } {
            0 => Ok(()),
            _ => Err(Raised::take(py)),
        }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        // SAFETY: S1, S3: the handle owns this reference.
        unsafe { count::decrease(self.0.as_ptr()) }
    }
}

/// Copies UTF-8 bytes.
///
/// # Safety
///
/// `bytes` points to `length` bytes of UTF-8.
unsafe fn utf8(bytes: *const u8, length: ffi::Py_ssize_t) -> String {
    // SAFETY: the caller's promise.
    unsafe {
        let bytes = std::slice::from_raw_parts(bytes, length as usize);
        String::from_utf8_unchecked(bytes.to_vec())
    }
}

/// An object that is borrowed from the interpreter during a call.
pub(super) struct Borrowed(ManuallyDrop<Object>);

impl Borrowed {
    /// # Safety
    ///
    /// `pointer` points to an object that outlives this.
    pub(super) unsafe fn new(pointer: *mut ffi::PyObject) -> Self {
        // SAFETY: the caller's promise, so it is not NULL.
        let pointer = unsafe { NonNull::new_unchecked(pointer) };
        Borrowed(ManuallyDrop::new(Object(pointer)))
    }
}

impl Deref for Borrowed {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.0
    }
}

/// An object that is never freed, so that a static can have it.
pub struct Immortal(ManuallyDrop<Object>);

// SAFETY: S6, and S1: each use needs the token.
unsafe impl Send for Immortal {}
// SAFETY: as above.
unsafe impl Sync for Immortal {}

impl Immortal {
    /// Takes over the handle, and never drops its reference.
    pub fn new(object: Object) -> Self {
        Immortal(ManuallyDrop::new(object))
    }

    /// Returns the object's pointer, borrowed.
    pub(super) fn as_ptr(&self) -> *mut ffi::PyObject {
        self.0.as_ptr()
    }

    /// Returns the object.
    pub fn get(&self, _: Python<'_>) -> &Object {
        &self.0
    }
}
