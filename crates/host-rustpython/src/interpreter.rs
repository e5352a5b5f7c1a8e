//! The state that the threads of one interpreter share: the library's `Interpreter`, which has
//! the watchers. A list maps RustPython's interpreters to it.

use crate::cells::Watcher;
use crate::host::RustPython;
use contextvars::host::{Error, Interpreter, WatcherId};
use rustpython_vm::VirtualMachine;
use rustpython_vm::builtins::PyBaseExceptionRef;
use rustpython_vm::vm::PyGlobalState;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// One interpreter: RustPython's state, and the library's.
struct Known {
    /// Weak, so that it keeps no interpreter alive. It still reserves the address by which the
    /// interpreter is recognised: no other interpreter gets it.
    theirs: Weak<PyGlobalState>,
    ours: Arc<Interpreter<RustPython>>,
}

static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());

/// Returns the library's part of an interpreter, which the first call creates. Called once for
/// each thread.
pub fn of(vm: &VirtualMachine) -> Arc<Interpreter<RustPython>> {
    let (ours, gone) = {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let is_gone = |one: &mut Known| one.theirs.strong_count() == 0;
        let gone: Vec<Known> = known.extract_if(.., is_gone).collect();
        (find_or_make(&mut known, vm), gone)
    };
    // Not under the lock: this drops the watchers, and their drop may run any code.
    drop(gone);
    ours
}

fn find_or_make(known: &mut Vec<Known>, vm: &VirtualMachine) -> Arc<Interpreter<RustPython>> {
    let theirs = Arc::downgrade(&vm.state);
    let found = known.iter().find(|one| one.theirs.ptr_eq(&theirs));
    if let Some(found) = found {
        return Arc::clone(&found.ours);
    }
    let ours = Arc::new(Interpreter::new());
    known.push(Known {
        theirs,
        ours: Arc::clone(&ours),
    });
    ours
}

/// Adds a watcher to an interpreter, and returns its id. Ports CPython 3.14's
/// `PyContext_AddWatcher`.
///
/// # Errors
///
/// `RuntimeError` if there are eight watchers.
pub fn add_watcher(vm: &VirtualMachine, watcher: Watcher) -> Result<WatcherId, PyBaseExceptionRef> {
    let added = of(vm).add_watcher(watcher);
    added.map_err(|error| Error::<RustPython>::from(error).raise(vm))
}

/// Removes the watcher with this id. Ports CPython 3.14's `PyContext_ClearWatcher`.
///
/// # Errors
///
/// `ValueError` if no watcher has the id.
pub fn clear_watcher(vm: &VirtualMachine, id: WatcherId) -> Result<(), PyBaseExceptionRef> {
    let cleared = of(vm).clear_watcher(id);
    cleared
        .map(drop)
        .map_err(|error| Error::<RustPython>::from(error).raise(vm))
}
