//! The calling thread's state.
//!
//! RustPython has a virtual machine for each thread, and in it a place for the stack of
//! contexts. An object that owns our state is the one thing in that stack: so the state
//! is found by way of the machine that every function gets, it goes when the thread's
//! machine does, and there is no thread-local.
//!
//! 1. What is in the object is touched in [`with`] alone, by way of the machine in whose
//!    stack it is. A machine is used by one thread at a time: it is not `Sync`. Whoever
//!    else gets hold of the object (`gc.get_objects`, say) can do nothing with it.
#![allow(unsafe_code)]

use crate::host::RustPython;
use crate::interpreter;
use contextvars::host::Thread;
use rustpython_vm::class::PyClassImpl;
use rustpython_vm::{PyPayload, PyResult, VirtualMachine, pyclass};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// What owns a thread's state.
///
/// Not shown to the collector, which may run on another thread: contexts on a stack are
/// alive.
#[pyclass(module = "_contextvars", name = "_Thread")]
#[derive(PyPayload)]
struct ThreadState {
    thread: Thread<RustPython>,
    number: Number,
}

/// Tells threads apart. Nobody else ever gets a thread's.
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

/// Makes the type of what owns a thread's state.
pub fn make_type() {
    let _ = ThreadState::make_static_type();
}

/// Runs `f` with the calling thread's state, for which it is made when first asked for.
///
/// # Errors
///
/// `RuntimeError` where somebody else has put contexts into the machine's stack.
pub fn with<R>(vm: &VirtualMachine, f: impl FnOnce(&Thread<RustPython>) -> R) -> PyResult<R> {
    with_numbered(vm, |thread, _| f(thread))
}

/// As [`with`], with the thread's number.
///
/// # Errors
///
/// As `with` fails.
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
    // Borrowed, not counted: nobody changes the stack meanwhile, since it holds this
    // one object as long as it lives.
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
