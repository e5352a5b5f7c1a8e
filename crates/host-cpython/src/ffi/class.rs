//! Types, which are created from specifications at run time.

use super::collector::{clear, deallocate, traverse};
use super::layout::{Instance, Layout, Payload, WeakList};
use super::method::Method;
use super::{Immortal, Module, Object, Raised};
use pyo3::{Python, ffi};
use std::ffi::{CStr, c_int, c_uint, c_ulong, c_void};
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ptr;

/// A type whose instances have a payload of type `P`. Never freed.
///
/// Invariant: [`Class::build`] created it for this `P` (S4), and its reference is never dropped
/// (S6).
pub struct Type<P: Payload> {
    object: Immortal,
    payload: PhantomData<fn() -> P>,
}

impl<P: Payload> Type<P> {
    pub(super) fn as_ptr(&self) -> *mut ffi::PyTypeObject {
        self.object.as_ptr().cast()
    }

    /// Returns the type as an object.
    pub fn as_object(&self, py: Python<'_>) -> &Object {
        self.object.get(py)
    }

    /// Returns `object` as an instance of this type, if it is one.
    pub fn cast<'a>(&self, object: &'a Object) -> Option<&'a Instance<P>> {
        // SAFETY: S3. There are no subclasses, so comparing the type suffices; then S4 applies.
        unsafe {
            (ffi::Py_TYPE(object.as_ptr()) == self.as_ptr()).then(|| Instance::from_ref(object))
        }
    }

    /// Sets an attribute of the type in its namespace, as CPython itself sets `Token.MISSING`: an
    /// assignment to an attribute of an immutable type fails.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn define(&self, py: Python<'_>, name: &CStr, value: &Object) -> Result<(), Raised> {
        // SAFETY: S1, S3. The namespace of a type is its `__dict__` as an object, and this function
        // returns the dict itself, not a proxy. The type is new, so no code uses it.
        // `PyType_Modified` invalidates the interpreter's caches.
        unsafe {
            let type_object = self.as_ptr().cast();
            let namespace = ffi::PyObject_GenericGetDict(type_object, ptr::null_mut());
            let namespace = Object::from_new(py, namespace)?;
            if ffi::PyDict_SetItemString(namespace.as_ptr(), name.as_ptr(), value.as_ptr()) != 0 {
                return Err(Raised::take(py));
            }
            ffi::PyType_Modified(self.as_ptr());
        }
        Ok(())
    }
}

/// The definition of a type: its name, slots, methods and attributes.
pub struct Class<P: Payload> {
    name: &'static CStr,
    flags: c_ulong,
    pub(super) slots: Vec<ffi::PyType_Slot>,
    methods: Vec<ffi::PyMethodDef>,
    pub(super) attributes: Vec<ffi::PyGetSetDef>,
    members: Vec<ffi::PyMemberDef>,
    payload: PhantomData<fn() -> P>,
}

impl<P: Payload> Class<P> {
    /// Creates the definition of a type that cannot be changed, subclassed or instantiated. In a
    /// dotted name, the part before the last dot is the module.
    pub fn new(name: &'static CStr) -> Self {
        Class {
            name,
            flags: ffi::Py_TPFLAGS_DEFAULT
                | ffi::Py_TPFLAGS_HAVE_GC
                | ffi::Py_TPFLAGS_IMMUTABLETYPE
                | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION,
            slots: Vec::new(),
            methods: Vec::new(),
            attributes: Vec::new(),
            members: Vec::new(),
            payload: PhantomData,
        }
    }

    pub(super) fn slot(&mut self, slot: c_int, function: *mut c_void) {
        self.slots.push(ffi::PyType_Slot {
            slot,
            pfunc: function,
        });
    }

    pub(super) fn instantiable(&mut self) {
        self.flags &= !ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION;
    }

    /// Adds a method.
    pub fn method(mut self, method: Method<P>) -> Self {
        self.methods.push(method.into_definition());
        self
    }

    /// Adds a read-only attribute that the interpreter reads from the payload itself.
    ///
    /// # Safety
    ///
    /// At `offset` bytes from its beginning, the payload has an [`Object`] that never changes.
    pub unsafe fn member(mut self, name: &'static CStr, offset: usize) -> Self {
        self.members.push(read_only(
            name,
            ffi::Py_T_OBJECT_EX,
            offset_of!(Layout<P>, payload) + offset,
        ));
        self
    }

    /// Adds a placeholder for an attribute that [`Type::define`] sets: the interpreter warns about
    /// a type without a `__module__`.
    pub fn reserve(mut self, name: &'static CStr) -> Self {
        self.attributes.push(ffi::PyGetSetDef {
            name: name.as_ptr(),
            ..Default::default()
        });
        self
    }

    /// Creates the type.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn build(mut self, py: Python<'_>, module: &Module) -> Result<Type<P>, Raised> {
        self.slot(ffi::Py_tp_traverse, traverse::<P> as *mut c_void);
        self.slot(ffi::Py_tp_dealloc, deallocate::<P> as *mut c_void);
        if P::CLEAR.is_some() {
            self.slot(ffi::Py_tp_clear, clear::<P> as *mut c_void);
        }
        self.methods.push(ffi::PyMethodDef::zeroed());
        let methods = Box::leak(self.methods.into_boxed_slice()).as_mut_ptr();
        self.slots.push(ffi::PyType_Slot {
            slot: ffi::Py_tp_methods,
            pfunc: methods.cast(),
        });
        self.attributes.push(ffi::PyGetSetDef::default());
        let attributes = Box::leak(self.attributes.into_boxed_slice()).as_mut_ptr();
        self.slots.push(ffi::PyType_Slot {
            slot: ffi::Py_tp_getset,
            pfunc: attributes.cast(),
        });
        if P::WeakList::PYTHON {
            self.members.push(read_only(
                c"__weaklistoffset__",
                ffi::Py_T_PYSSIZET,
                offset_of!(Layout<P>, weak),
            ));
        }
        self.members.push(ffi::PyMemberDef::default());
        let members = Box::leak(self.members.into_boxed_slice()).as_mut_ptr();
        self.slots.push(ffi::PyType_Slot {
            slot: ffi::Py_tp_members,
            pfunc: members.cast(),
        });
        self.slots.push(ffi::PyType_Slot::default());
        let mut specification = ffi::PyType_Spec {
            name: self.name.as_ptr(),
            basicsize: size_of::<Layout<P>>() as c_int,
            itemsize: 0,
            flags: self.flags as c_uint,
            slots: self.slots.as_mut_ptr(),
        };
        // SAFETY: S1, S3, S7: the tables are leaked and the name is static. The specification and
        // the slots are not used after the type is created.
        let object = unsafe {
            let module = module.as_object().as_ptr();
            let object = ffi::PyType_FromModuleAndSpec(module, &mut specification, ptr::null_mut());
            Object::from_new(py, object)?
        };
        Ok(Type {
            object: Immortal::new(object),
            payload: PhantomData,
        })
    }
}

/// Returns the definition of a read-only member.
fn read_only(name: &'static CStr, type_code: c_int, offset: usize) -> ffi::PyMemberDef {
    ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code,
        offset: offset as ffi::Py_ssize_t,
        flags: ffi::Py_READONLY,
        doc: ptr::null(),
    }
}
