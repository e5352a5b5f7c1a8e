//! The calling thread's state.
//!
//! The state belongs to an object in the dict that the interpreter has for each of its threads.
//! The interpreter drops that dict when the thread ends, while Python code can still run. The
//! destructor of a thread-local would run too late for that.
//!
//! A thread-local caches the object, under the id of the interpreter's thread state: a thread of
//! the system may have several of these, one after the other. It remembers also that the object
//! has died, so that a dict that is being cleared is not searched again. With a global lock, a
//! table for all threads ([`Recent`]) is searched before it, because that is faster.
//!
//! Finalizers that run after the state is dropped get a late state: an object that is in no dict,
//! and that the calls which use it keep alive.

#![deny(unsafe_code)]

use crate::cells::Error;
use crate::ffi::{
    Anchored, FreeList, Instance, Payload, Raised, Recent, Visit, Watcher, WeakInstance,
    thread_dict, thread_state_id,
};
use crate::host::CPython;
use crate::types;
use contextvars::host::{Interpreter, Thread, WatcherId};
use pyo3::Python;
use std::cell::{Cell, RefCell};
use std::mem::{self, ManuallyDrop};
use std::sync::{Arc, LazyLock};

/// The payload of the object in a thread's dict: the thread's state.
pub struct ThreadCell {
    thread: Thread<CPython>,
    /// Dropped after `thread`, whose drop may run finalizers.
    _finalizers: EndOfDrop,
}

impl ThreadCell {
    fn new() -> Self {
        FreeList::begin_thread();
        ThreadCell {
            thread: Thread::new(&INTERPRETER),
            _finalizers: EndOfDrop,
        }
    }
}

impl Drop for ThreadCell {
    /// Counts the drop that begins here. [`EndOfDrop`] ends it.
    fn drop(&mut self) {
        ENDING.with(|ending| ending.drops.set(ending.drops.get() + 1));
    }
}

impl Payload for ThreadCell {
    type WeakList = Anchored;

    fn visit(&self, visit: &mut Visit<'_>) {
        self.thread
            .for_each_owned_context(|context| visit.object(context.as_object()));
    }
}

static INTERPRETER: LazyLock<Arc<Interpreter<CPython>>> = LazyLock::new(Default::default);

/// The state that this thread used last.
struct Last {
    id: u64,
    state: WeakInstance<ThreadCell>,
}

static RECENT: Recent<ThreadCell> = Recent::new();

thread_local! {
    // Without a destructor, whose state each use would check. `END_OF_LAST` drops the contents.
    static LAST: ManuallyDrop<RefCell<Option<Last>>> =
        const { ManuallyDrop::new(RefCell::new(None)) };

    static END_OF_LAST: EndOfLast = const { EndOfLast };

    // Without a destructor, so that it exists until the thread ends.
    static ENDING: Ending = const {
        Ending {
            drops: Cell::new(0),
            late: Cell::new(ManuallyDrop::new(None)),
        }
    };
}

/// Drops the contents of `LAST` at the end of the thread.
struct EndOfLast;

impl Drop for EndOfLast {
    fn drop(&mut self) {
        LAST.with(|last| last.replace(None));
    }
}

/// The drops of this thread's states that are in progress. Their finalizers may use a late state.
struct Ending {
    /// How many states are being dropped, each inside the drop of another.
    drops: Cell<usize>,
    /// The late state that the finalizers share.
    late: Cell<ManuallyDrop<Option<Instance<ThreadCell>>>>,
}

impl Ending {
    fn replace(&self, late: Option<Instance<ThreadCell>>) -> Option<Instance<ThreadCell>> {
        ManuallyDrop::into_inner(self.late.replace(ManuallyDrop::new(late)))
    }
}

/// How many late states are dropped one after the other, if the finalizers of each set a variable
/// again. Then one is leaked, since a finalizer may do that each time.
const MOST_LATE: usize = 100;

/// Ends the drop of a state when it is dropped itself.
struct EndOfDrop;

impl Drop for EndOfDrop {
    fn drop(&mut self) {
        FreeList::end_thread();
        ENDING.with(|ending| {
            if ending.drops.get() == 1 {
                for _ in 0..MOST_LATE {
                    let Some(late) = ending.replace(None) else {
                        break;
                    };
                    drop(late);
                }
                mem::forget(ending.replace(None));
            }
            ending.drops.set(ending.drops.get() - 1);
        });
    }
}

/// Adds a watcher and returns its id.
///
/// # Errors
///
/// `RuntimeError` if there are eight already.
pub fn add_watcher(py: Python<'_>, watcher: Watcher) -> Result<i32, Raised> {
    let added = INTERPRETER.add_watcher(watcher);
    added
        .map(i32::from)
        .map_err(|error| Error::from(error).raise(py))
}

/// Removes the watcher with this id.
///
/// # Errors
///
/// `ValueError` if no watcher has this id, or the id is out of range.
pub fn clear_watcher(py: Python<'_>, id: i32) -> Result<(), Raised> {
    let cleared = WatcherId::try_from(id).and_then(|id| INTERPRETER.clear_watcher(id));
    cleared
        .map(drop)
        .map_err(|error| Error::from(error).raise(py))
}

/// Calls `f` with the calling thread's state. The first call on a thread creates the state.
///
/// While the interpreter clears a thread's dict, dropping a value may run code that calls this
/// again. `f` then gets a late state.
///
/// # Errors
///
/// `MemoryError`. Then `f` is not called.
#[inline]
pub fn with<R>(py: Python<'_>, f: impl FnOnce(&Thread<CPython>) -> R) -> Result<R, Raised> {
    // Owns a reference, so that the state is alive until `f` returns.
    let state = state(py)?;
    Ok(f(&state.payload().thread))
}

/// Like [`with`], but borrows the state, without counting a reference, if there is a global lock.
///
/// # Errors
///
/// `MemoryError`. Then `f` is not called.
///
/// # Safety
///
/// `f` must not run Python code, nor drop the last reference to an object.
#[inline]
#[expect(unsafe_code, reason = "the caller's promise is about Python code")]
pub unsafe fn with_uncounted<R>(
    py: Python<'_>,
    f: impl FnOnce(&Thread<CPython>) -> R,
) -> Result<R, Raised> {
    // SAFETY: only `f` uses the result, and it runs no Python code, by the caller's promise.
    #[cfg(not(Py_GIL_DISABLED))]
    if let Some(state) = unsafe { RECENT.payload(py, thread_state_id(py)) } {
        return Ok(f(&state.thread));
    }
    with(py, f)
}

#[inline(always)]
fn state(py: Python<'_>) -> Result<Instance<ThreadCell>, Raised> {
    let id = thread_state_id(py);
    // Without a global lock `RECENT` is empty.
    let found = match cfg!(Py_GIL_DISABLED) {
        true => last(py, id),
        false => RECENT.find(py, id),
    };
    match found {
        Some(Some(state)) => Ok(state),
        found => find_again(py, id, found.is_some()),
    }
}

/// Returns the state that this thread used last, if it has this id, or `Some(None)` if it has
/// died.
#[inline(always)]
fn last(py: Python<'_>, id: u64) -> Option<Option<Instance<ThreadCell>>> {
    LAST.with(|last| match &*last.borrow() {
        Some(last) if last.id == id => Some(last.state.upgrade(py)),
        _ => None,
    })
}

/// Returns the state if it is not in `RECENT`, or has died.
#[cold]
fn find_again(py: Python<'_>, id: u64, has_died: bool) -> Result<Instance<ThreadCell>, Raised> {
    let state = match last(py, id) {
        Some(Some(state)) => return Ok(state),
        None if !has_died => find_or_make(py)?,
        _ => make_late(py)?,
    };
    RECENT.put(py, id, state.downgrade());
    let last = Last {
        id,
        state: state.downgrade(),
    };
    // If the thread's locals are destroyed, the dict is searched each time.
    if END_OF_LAST.try_with(|_| ()).is_ok() {
        LAST.with(|cached| cached.replace(Some(last)));
    }
    Ok(state)
}

fn make(py: Python<'_>) -> Result<Instance<ThreadCell>, Raised> {
    let class = &types::get(py)?.thread;
    Ok(Instance::allocate(py, class, ThreadCell::new())?)
}

/// Creates a late state, for a thread whose state has died. All finalizers that run in the drop
/// of a state share it.
fn make_late(py: Python<'_>) -> Result<Instance<ThreadCell>, Raised> {
    let state = make(py)?;
    let before = ENDING.with(|ending| match ending.drops.get() {
        0 => None,
        _ => ending.replace(Some(state.clone_ref(py))),
    });
    drop(before);
    Ok(state)
}

fn find_or_make(py: Python<'_>) -> Result<Instance<ThreadCell>, Raised> {
    let class = &types::get(py)?.thread;
    let dict = thread_dict(py)?;
    // The type is a key that no other code uses.
    let key = class.as_object(py);
    if let Some(found) = dict.dict_item(py, key)?
        && let Some(state) = class.cast(&found)
    {
        return Ok(state.clone_ref(py));
    }
    let state = make(py)?;
    dict.set_dict_item(py, key, state.as_object())?;
    Ok(state)
}
