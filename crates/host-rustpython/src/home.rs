//! Where a variable was made, and what that is worth to the threads that read it.
//!
//! RustPython counts the handles of an object in the object itself, and passes one to
//! every call. So two threads that read one variable both write to it, before our
//! lookup, which writes nothing, and after: each waits for the other's cache, and two
//! read no more than one does.
//!
//! Variables are meant to be made once, at the top of a module, and to stay
//! (PEP 567). So one that was, and that another thread uses than the one that made it,
//! is from then on an object that RustPython does not count: an immortal one, as its
//! types and small numbers are. What that costs: such a variable, and its default, stay
//! when their module goes. One that was made in a function, or that only the thread uses
//! that made it, goes when nobody has it.

use crate::thread::{self, Number};
use rustpython_vm::{PyObject, VirtualMachine};

/// The thread that made a variable, if it did so at the top of a module.
pub struct Home(Option<Number>);

impl Home {
    /// Of a variable that is being made now.
    pub fn here(vm: &VirtualMachine) -> Self {
        let frame = vm.current_frame();
        let is_module = frame.is_some_and(|frame| frame.f_code().obj_name.as_str() == "<module>");
        let thread = || thread::with_numbered(vm, |_, number| number).ok();
        Home(is_module.then(thread).flatten())
    }

    /// Notes that a thread calls a method of the variable.
    #[inline]
    pub fn used_by(&self, thread: Number, variable: &PyObject) {
        if self.0.is_some_and(|home| home != thread) && !variable.is_immortal() {
            variable.make_immortal();
        }
    }
}
