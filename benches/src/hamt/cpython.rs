//! CPython's own persistent map, called through the C API.

use std::ptr;
use std::time::Duration;

use instructions::fixture::Subject;
use instructions::workload::{Walk, done, hide};
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::entries::Data;
use super::fixture::exchange;
use crate::cpython::{Object, int, python, taken};

/// Where to find the map, as a type or a function that creates an empty one: in 3.13 and later, up
/// to 3.12, and in a package of the same code.
const PLACES: [(&str, &str); 3] = [
    ("_testinternalcapi", "hamt"),
    ("_testcapi", "hamt"),
    ("immutables", "Map"),
];

/// The lists of keys, as objects.
pub type Objects = Data<Object, Object>;

/// Creates the lists of keys and values. Keys are `int` objects of one digit: they are compared by
/// address first, hash in a few instructions, and take half a cache line. They cost CPython less than
/// `str` and `ContextVar`, which both store their hash.
pub fn objects(size: u64, counted: bool) -> Objects {
    // Digits have 30 bits. Multiplication by an odd number and the fold are bijective, so no key
    // comes twice.
    let mut number = 0_u32;
    let key = |_| {
        number += 1;
        let mut bits = number;
        for _ in 0..3 {
            bits = bits.wrapping_mul(0x2c1b_3c6d) & 0x3fff_ffff;
            bits ^= bits >> 15;
        }
        let object = bits.into_pyobject(python());
        object.expect("there is memory").into_any()
    };
    Data::made_by(size, key, |number| int(number, counted))
}

/// CPython's map, and cursors in the lists of keys.
pub struct Map<'a> {
    map: Object,
    set: Method,
    delete: Method,
    present: Walk<'a, (Object, Object)>,
    absent: Walk<'a, (Object, Object)>,
    size: usize,
}

impl<'a> Map<'a> {
    /// Creates a map with all entries.
    ///
    /// # Errors
    ///
    /// If the interpreter has no such map, or it lacks the methods that are called here.
    pub fn new(objects: &'a Objects) -> PyResult<Self> {
        let find = |(module, name)| python().import(module)?.getattr(name)?.call0();
        let mut found = PLACES.into_iter().map(find).filter_map(Result::ok);
        let mut map = found.next().ok_or_else(|| {
            PyTypeError::new_err("no module has one; `pip install immutables` adds one")
        })?;
        let set = Method::of(&map, "set", ffi::METH_VARARGS)?;
        let delete = Method::of(&map, "delete", ffi::METH_O)?;
        for (key, value) in &objects.entries {
            map = set.call_with_two(&map, key, value);
        }
        Ok(Map {
            map,
            set,
            delete,
            present: Walk::new(&objects.present),
            absent: Walk::new(&objects.absent),
            size: objects.entries.len(),
        })
    }
}

impl Subject for Map<'_> {
    fn run(&mut self, workload: &str, count: u64) -> Option<Duration> {
        let Map {
            map,
            set,
            delete,
            present,
            absent,
            size,
        } = self;
        Some(match workload {
            "get hit" => present.time(count, |(key, _)| {
                // SAFETY: the objects are alive, this is the interpreter's thread; a new reference.
                done(unsafe { taken(ffi::PyObject_GetItem(hide(map).as_ptr(), key.as_ptr())) })
            }),
            "get miss" => absent.time(count, |(key, _)| {
                // SAFETY: the objects are alive, this is the interpreter's thread.
                (unsafe { ffi::PySequence_Contains(hide(map).as_ptr(), key.as_ptr()) }) as u64
            }),
            "update, shared" => present.time(count, |(key, value)| {
                done(set.call_with_two(hide(map), key, value))
            }),
            "new key, shared" => absent.time(count, |(key, value)| {
                done(set.call_with_two(hide(map), key, value))
            }),
            "remove, shared" => present.time(count, |(key, _)| done(delete.call(hide(map), key))),
            "update, chain" => present.time(count, |(key, value)| {
                *map = set.call_with_two(map, key, value)
            }),
            "new key + remove, chain" => exchange(
                (map, *size),
                absent,
                count,
                |map, key, value| *map = set.call_with_two(map, key, value),
                |map, key| *map = delete.call(map, key),
            ),
            _ => return None,
        })
    }
}

/// The C function of a method of a C type, called directly: without a bound method or a lookup. If
/// the function takes a tuple, the same one is reused with other items, which is cheaper than any call
/// from Python.
struct Method {
    function: ffi::PyCFunction,
    /// The type of the method, kept alive so that no other type gets its address.
    class: Object,
    /// A tuple of two, empty between calls.
    tuple: Object,
}

impl Method {
    /// Finds a method whose flags are `flags`.
    ///
    /// # Errors
    ///
    /// If there is none, or it is no C function with these flags.
    fn of(receiver: &Object, name: &str, flags: i32) -> PyResult<Self> {
        let (bound, class) = (receiver.getattr(name)?, receiver.get_type().into_any());
        // SAFETY: the other functions need a C function, which is checked first; a new reference.
        let (function, tuple) = unsafe {
            let is = ffi::PyCFunction_CheckExact(bound.as_ptr()) != 0;
            let is = is && ffi::PyCFunction_GetFlags(bound.as_ptr()) == flags;
            let function = is.then(|| ffi::PyCFunction_GetFunction(bound.as_ptr()));
            (function.flatten(), taken(ffi::PyTuple_New(2)))
        };
        let function = function.ok_or_else(|| PyTypeError::new_err("no such C function"))?;
        Ok(Method {
            function,
            class,
            tuple,
        })
    }

    /// Calls a method of one argument.
    fn call(&self, receiver: &Object, argument: &Object) -> Object {
        self.check(receiver);
        // SAFETY: the function gets the arguments that it expects, and returns a new reference.
        unsafe { taken((self.function)(receiver.as_ptr(), argument.as_ptr())) }
    }

    /// Calls a method of two.
    fn call_with_two(&self, receiver: &Object, first: &Object, second: &Object) -> Object {
        self.check(receiver);
        let tuple = self.tuple.as_ptr();
        // SAFETY: the function gets the arguments that it expects, and returns a new reference. There
        // is no other reference to the tuple, so its items may change. They are borrowed for the call
        // and removed before anything can drop them. The assertion checks that the callee kept no
        // reference to the tuple.
        unsafe {
            ffi::PyTuple_SET_ITEM(tuple, 0, first.as_ptr());
            ffi::PyTuple_SET_ITEM(tuple, 1, second.as_ptr());
            let result = (self.function)(receiver.as_ptr(), tuple);
            ffi::PyTuple_SET_ITEM(tuple, 0, ptr::null_mut());
            ffi::PyTuple_SET_ITEM(tuple, 1, ptr::null_mut());
            assert!(ffi::Py_REFCNT(tuple) == 1, "the tuple was kept");
            taken(result)
        }
    }

    /// Panics if the receiver is not of the method's type, which the C function does not check.
    fn check(&self, receiver: &Object) {
        // SAFETY: a live object.
        let class = unsafe { ffi::Py_TYPE(receiver.as_ptr()) };
        assert!(
            ptr::eq(class.cast(), self.class.as_ptr()),
            "a receiver of another type"
        );
    }
}
