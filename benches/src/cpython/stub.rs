//! A module of the shape of `_contextvars` in which nothing happens.
//!
//! It shows what the way into an extension costs: the calls, by the same conventions, and the
//! objects that they give. It uses what the stable ABI has, and so a type that is made at run time
//! and objects that come from functions of the interpreter, as our extension does.
//!
//! One type does for variables, contexts and tokens.

use std::ffi::{CStr, c_int, c_uint, c_void};
use std::mem::offset_of;
use std::ptr::null_mut;

use pyo3_ffi as ffi;

use super::{Interpreter, Object, Raised};

/// What a stub gives where a context or a token is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// A new object with nothing in it: somebody has to make it and to free it. And `run` passes
    /// arguments on, in a tuple, which is the only way that the stable ABI had up to 3.11.
    New,
    /// The same object each time. And `run` takes nothing to pass on.
    Ready,
}

/// An object of the stub's.
#[repr(C)]
struct Empty {
    head: ffi::PyObject,
    /// Room for what would be in it, so that it is no smaller than others.
    room: [usize; 4],
}

impl Interpreter {
    /// Makes a module with `ContextVar`, `Context`, `Token` and `copy_context`, and with `nothing`,
    /// a function that gives always the same.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn stub(&self, gives: Gives) -> Result<Object<'_>, Raised> {
        // SAFETY: S1, S3.
        unsafe {
            let class = class(gives)?;
            let ready = class.call()?;
            let nothing = function(c"nothing", same, &ready)?;
            let copy = match gives {
                Gives::New => function(c"copy_context", instance, &class)?,
                Gives::Ready => function(c"copy_context", same, &ready)?,
            };
            let module = Object::taken(ffi::PyModule_New(c"stub".as_ptr()))?;
            for (name, object) in [
                (c"ContextVar", &class),
                (c"Context", &class),
                (c"Token", &class),
                (c"copy_context", &copy),
                (c"nothing", &nothing),
            ] {
                let (module, object) = (module.as_ptr(), object.as_ptr());
                if ffi::PyModule_AddObjectRef(module, name.as_ptr(), object) != 0 {
                    return Err(Raised::take());
                }
            }
            Ok(module)
        }
    }
}

/// Makes the type.
///
/// # Safety
///
/// S1.
unsafe fn class<'py>(gives: Gives) -> Result<Object<'py>, Raised> {
    let (set, run): (ffi::PyCFunction, ffi::PyCFunctionFastWithKeywords) = match gives {
        Gives::New => (another, pass_on),
        Gives::Ready => (same, call),
    };
    let methods = [
        method(c"get", fast(same_fast), ffi::METH_FASTCALL),
        method(c"set", plain(set), ffi::METH_O),
        method(
            c"run",
            ffi::PyMethodDefPointer {
                PyCFunctionFastWithKeywords: run,
            },
            ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ),
        method(c"__enter__", plain(same), ffi::METH_NOARGS),
        method(c"__exit__", fast(none), ffi::METH_FASTCALL),
        ffi::PyMethodDef::zeroed(),
    ];
    let slot = |slot, pfunc| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_new, new as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_dealloc, deallocate as *mut c_void),
        slot(
            ffi::Py_tp_methods,
            Box::leak(Box::new(methods)).as_mut_ptr().cast(),
        ),
        ffi::PyType_Slot::default(),
    ];
    let flags = ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_GC | ffi::Py_TPFLAGS_IMMUTABLETYPE;
    let mut specification = ffi::PyType_Spec {
        name: c"stub.Empty".as_ptr(),
        basicsize: size_of::<Empty>() as c_int,
        itemsize: 0,
        flags: flags as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: S1, S3. The specification may go when the type is made; the methods are leaked.
    unsafe { Object::taken(ffi::PyType_FromSpec(&raw mut specification)) }
}

fn plain(function: ffi::PyCFunction) -> ffi::PyMethodDefPointer {
    ffi::PyMethodDefPointer {
        PyCFunction: function,
    }
}

fn fast(function: ffi::PyCFunctionFast) -> ffi::PyMethodDefPointer {
    ffi::PyMethodDefPointer {
        PyCFunctionFast: function,
    }
}

fn method(
    name: &'static CStr,
    function: ffi::PyMethodDefPointer,
    flags: c_int,
) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: function,
        ml_flags: flags,
        ml_doc: c"".as_ptr(),
    }
}

/// Makes a function without arguments, which gets `receiver`.
///
/// # Safety
///
/// S1; the function takes what `receiver` is.
unsafe fn function<'py>(
    name: &'static CStr,
    function: ffi::PyCFunction,
    receiver: &Object<'py>,
) -> Result<Object<'py>, Raised> {
    let definition = Box::leak(Box::new(method(name, plain(function), ffi::METH_NOARGS)));
    // SAFETY: S1, S2, S3; the definition is leaked.
    unsafe {
        let (receiver, module) = (receiver.as_ptr(), null_mut());
        Object::taken(ffi::PyCFunction_NewEx(definition, receiver, module))
    }
}

/// Makes an object of a type.
unsafe extern "C" fn instance(
    class: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: S1; the interpreter passes on the type that the function was made with, or a method
    // the type of its receiver. The object has no fields that the collector would see.
    unsafe {
        let object = ffi::PyObject_GC_New::<ffi::PyObject>(class.cast());
        if !object.is_null() {
            ffi::PyObject_GC_Track(object.cast());
        }
        object
    }
}

unsafe extern "C" fn new(
    class: *mut ffi::PyTypeObject,
    _: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: S1; a type is asked for an object of its own.
    unsafe { instance(class.cast(), null_mut()) }
}

/// Makes an object of the receiver's type.
unsafe extern "C" fn another(
    this: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: S1; the receiver lives.
    unsafe { instance(ffi::Py_TYPE(this).cast(), null_mut()) }
}

/// Gives the receiver.
unsafe extern "C" fn same(this: *mut ffi::PyObject, _: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: S1; the receiver lives.
    unsafe { ffi::Py_INCREF(this) };
    this
}

unsafe extern "C" fn same_fast(
    this: *mut ffi::PyObject,
    _: *mut *mut ffi::PyObject,
    _: ffi::Py_ssize_t,
) -> *mut ffi::PyObject {
    // SAFETY: S1; the receiver lives.
    unsafe { same(this, null_mut()) }
}

unsafe extern "C" fn none(
    _: *mut ffi::PyObject,
    _: *mut *mut ffi::PyObject,
    _: ffi::Py_ssize_t,
) -> *mut ffi::PyObject {
    // SAFETY: S1; `None` lives as long as the interpreter.
    unsafe { same(ffi::Py_None(), null_mut()) }
}

/// Calls its first argument with the others, of which none has a name.
unsafe extern "C" fn pass_on(
    _: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: S1; there are as many arguments, which live, and the tuple, which is new, gets a
    // count of each.
    unsafe {
        if count < 1 || !names.is_null() {
            ffi::PyErr_BadArgument();
            return null_mut();
        }
        let others = ffi::PyTuple_New(count - 1);
        if others.is_null() {
            return null_mut();
        }
        for place in 0..count - 1 {
            let argument = *arguments.add(place as usize + 1);
            ffi::Py_INCREF(argument);
            ffi::PyTuple_SetItem(others, place, argument);
        }
        let result = ffi::PyObject_Call(*arguments, others, null_mut());
        ffi::Py_DECREF(others);
        result
    }
}

/// Calls its only argument.
unsafe extern "C" fn call(
    _: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: S1; there are as many arguments, which live.
    unsafe {
        if count != 1 {
            ffi::PyErr_BadArgument();
            return null_mut();
        }
        ffi::PyObject_CallNoArgs(*arguments)
    }
}

/// Every object of a type made at run time owns its type, and these own nothing else.
unsafe extern "C" fn traverse(
    this: *mut ffi::PyObject,
    visit: ffi::visitproc,
    argument: *mut c_void,
) -> c_int {
    const { assert!(offset_of!(Empty, room) >= size_of::<ffi::PyObject>()) };
    // SAFETY: `visit` takes live objects, as the type of one is.
    unsafe { visit(ffi::Py_TYPE(this).cast(), argument) }
}

unsafe extern "C" fn deallocate(this: *mut ffi::PyObject) {
    // SAFETY: S1; the last count of the object is gone, and with it goes its count of its type.
    unsafe {
        let class = ffi::Py_TYPE(this);
        ffi::PyObject_GC_UnTrack(this.cast());
        ffi::PyObject_GC_Del(this.cast());
        ffi::Py_DECREF(class.cast());
    }
}
