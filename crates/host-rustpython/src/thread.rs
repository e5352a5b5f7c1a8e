//! The calling thread's state.
//!
//! RustPython has a virtual machine for each thread, with a stack of contexts in it. The only
//! entry of that stack is an object that owns this crate's state of the thread. So the state is
//! reached through the machine that every function gets, it is freed with the machine, and
//! there is no thread-local.
//!
//! 1. Only [`with_numbered`] accesses the state in the object, through the machine whose stack
//!    holds the object. A machine is used by one thread at a time: it is not `Sync`. Other code
//!    that gets a reference to the object (by `gc.get_objects`, say) cannot access the state.
#![allow(unsafe_code)]

use crate::host::RustPython;
use crate::interpreter;
use contextvars::host::Thread;
use rustpython_vm::class::PyClassImpl;
use rustpython_vm::{PyPayload, PyResult, VirtualMachine, pyclass};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The object that owns a thread's state.
///
/// The collector does not traverse it, since it may run on another thread: contexts on a stack
/// are alive.
#[pyclass(module = "_contextvars", name = "_Thread")]
#[derive(PyPayload)]
struct ThreadState {
    thread: Thread<RustPython>,
    number: Number,
}

/// The number of a thread. It is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(u64);

// SAFETY: 1.
unsafe impl Sync for ThreadState {}

#[pyclass(flags(DISALLOW_INSTANTIATION))]
impl ThreadState {}

impl fmt::Debug for ThreadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ThreadState")
    }
}

/// Creates the type of the object that owns a thread's state.
pub fn make_type() {
    let _ = ThreadState::make_static_type();
}

/// Calls `f` with the calling thread's state, which the first call creates.
///
/// # Errors
///
/// `RuntimeError` if another module has put contexts into the machine's stack.
pub fn with<R>(vm: &VirtualMachine, f: impl FnOnce(&Thread<RustPython>) -> R) -> PyResult<R> {
    with_numbered(vm, |thread, _| f(thread))
}

/// As [`with`], but also passes the thread's number.
///
/// # Errors
///
/// As [`with`].
pub fn with_numbered<R>(
    vm: &VirtualMachine,
    f: impl FnOnce(&Thread<RustPython>, Number) -> R,
) -> PyResult<R> {
    let mut stack = vm.context_stack.borrow();
    if stack.is_empty() {
        drop(stack);
        make(vm);
        stack = vm.context_stack.borrow();
    }
    // Borrowed, without a reference count: the stack does not change again, since this object
    // stays in it as long as the machine lives.
    let state = stack.first().and_then(|state| state.downcast_ref());
    let Some(ThreadState { thread, number }) = state.map(|state| &**state) else {
        let text = "the stack of contexts is in use by another _contextvars; install this one \
                    before the interpreter is built";
        return Err(vm.new_runtime_error(text));
    };
    Ok(f(thread, *number))
}

#[cold]
fn make(vm: &VirtualMachine) {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let state = ThreadState {
        thread: Thread::new(&interpreter::of(vm)),
        number: Number(MADE.fetch_add(1, Ordering::Relaxed)),
    };
    let state = state.into_ref(&vm.ctx);
    vm.context_stack.borrow_mut().push(state.into());
}
