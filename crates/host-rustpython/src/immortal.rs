//! Makes module-level variables immortal once several threads use them.
//!
//! RustPython counts the references to an object in the object itself, and passes a new
//! reference to every call. So two threads that read one variable both write to it, before
//! and after the lookup, which itself writes nothing. Each waits for the other's cache, so
//! two threads together read no more than one does.
//!
//! Variables are meant to be created once, at the top of a module, and to stay (PEP 567). So
//! a module-level variable becomes immortal, as RustPython's types and small numbers are,
//! when a thread other than its creator uses it: its references are no longer counted. The
//! price: the variable and its default stay when the module is freed. A variable that was
//! created in a function, or that only its creator uses, is freed with its last reference.

use crate::thread::{self, Number};
use rustpython_vm::{PyObject, VirtualMachine};

/// The thread that created a variable, if it did so at the top of a module.
pub struct Creator(Option<Number>);

impl Creator {
    /// Returns the creator of a variable that is being created now.
    pub fn current(vm: &VirtualMachine) -> Self {
        let frame = vm.current_frame();
        let is_module = frame.is_some_and(|frame| frame.f_code().obj_name.as_str() == "<module>");
        let thread = || thread::with_numbered(vm, |_, number| number).ok();
        Creator(is_module.then(thread).flatten())
    }

    /// Makes the variable immortal if `thread` is not its creator. Called for every method call.
    #[inline]
    pub fn used_by(&self, thread: Number, variable: &PyObject) {
        if self.0.is_some_and(|creator| creator != thread) && !variable.is_immortal() {
            variable.make_immortal();
        }
    }
}
