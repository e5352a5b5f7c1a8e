//! The calling thread's state.
//!
//! An object in the dict that the interpreter keeps for each of its threads
//! owns the state. The interpreter drops that dict when the thread ends, while
//! Python code can still run; the destructor of a thread-local would come too
//! late for that. A thread-local remembers where the object is, under the number
//! of the interpreter's thread state: a thread of the system may have had
//! several of these. It remembers that also when the object has died, so that a
//! dict that is being taken apart is not asked again. In front of it, a few
//! places for all threads are faster to look at.
//!
//! Finalizers that run after that have a late state. It is an object, too, which is
//! in no dict: the calls that use it keep it.

#![deny(unsafe_code)]

use crate::ffi::{
    Anchored, Instance, Payload, Raised, Recent, Spares, Visit, Watcher, WeakInstance, thread_dict,
    thread_state_id,
};
use crate::host::CPython;
use crate::types;
use contextvars::host::{Interpreter, Thread, WatcherId};
use pyo3::Python;
use pyobj::ExceptionKind::{RuntimeError, ValueError};
use std::cell::{Cell, RefCell};
use std::mem::{self, ManuallyDrop};
use std::sync::{Arc, LazyLock};

/// What the object in a thread's dict owns: the thread's state.
pub struct ThreadCell {
    thread: Thread<CPython>,
    /// Dropped after `thread`, whose drop may run finalizers.
    _finalizers: EndOfDrop,
}

impl ThreadCell {
    fn new() -> Self {
        Spares::begin_thread();
        ThreadCell {
            thread: Thread::new(&INTERPRETER),
            _finalizers: EndOfDrop,
        }
    }
}

impl Drop for ThreadCell {
    /// Begins the drop of the state.
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
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };

    // Needs no destructor, so it is there as long as the thread.
    static ENDING: Ending = const {
        Ending {
            drops: Cell::new(0),
            late: Cell::new(ManuallyDrop::new(None)),
        }
    };
}

/// The drop of a state of this thread, while finalizers run that may use the next.
struct Ending {
    /// The number of states that are being dropped, each inside the drop of another.
    drops: Cell<usize>,
    /// The late state that the finalizers share.
    late: Cell<ManuallyDrop<Option<Instance<ThreadCell>>>>,
}

impl Ending {
    fn replace(&self, late: Option<Instance<ThreadCell>>) -> Option<Instance<ThreadCell>> {
        ManuallyDrop::into_inner(self.late.replace(ManuallyDrop::new(late)))
    }
}

/// So many late states are dropped one after the other, each with finalizers that bind
/// anew, before the last is leaked: there may be a finalizer that always does.
const MOST_LATE: usize = 100;

/// The end of the drop of a state.
struct EndOfDrop;

impl Drop for EndOfDrop {
    fn drop(&mut self) {
        Spares::end_thread();
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

/// Adds a watcher, and gives its id.
///
/// # Errors
///
/// `RuntimeError` where there are eight.
pub fn add_watcher(py: Python<'_>, watcher: Watcher) -> Result<i32, Raised> {
    let added = INTERPRETER.add_watcher(watcher);
    added
        .map(i32::from)
        .map_err(|error| Raised::text(py, RuntimeError, &error.to_string()))
}

/// Removes the watcher of an id.
///
/// # Errors
///
/// `ValueError` where nobody has the id, or nobody can have it.
pub fn clear_watcher(py: Python<'_>, id: i32) -> Result<(), Raised> {
    let cleared = WatcherId::try_from(id).and_then(|id| INTERPRETER.clear_watcher(id));
    cleared
        .map(drop)
        .map_err(|error| Raised::text(py, ValueError, &error.to_string()))
}

/// Calls `f` with the calling thread's state, which is made by the first call.
///
/// While the interpreter takes a thread's dict apart, the drop of a value may
/// run code that asks again. It gets a late state.
///
/// # Errors
///
/// `MemoryError`, with `f` not called.
#[inline]
pub fn with<R>(py: Python<'_>, f: impl FnOnce(&Thread<CPython>) -> R) -> Result<R, Raised> {
    // Counted, so that `f` cannot lose it.
    let state = state(py)?;
    Ok(f(&state.payload().thread))
}

/// As [`with`]. With a global lock, does not count the reference to the state.
///
/// # Errors
///
/// `MemoryError`, with `f` not called.
///
/// # Safety
///
/// `f` runs no Python code, and drops no last reference to an object.
#[inline]
#[expect(unsafe_code, reason = "the caller's promise is about Python code")]
pub unsafe fn with_uncounted<R>(
    py: Python<'_>,
    f: impl FnOnce(&Thread<CPython>) -> R,
) -> Result<R, Raised> {
    // SAFETY: the caller's promise: `f` alone uses the result.
    #[cfg(not(Py_GIL_DISABLED))]
    if let Some(state) = unsafe { RECENT.payload(py, thread_state_id(py)) } {
        return Ok(f(&state.thread));
    }
    with(py, f)
}

#[inline(always)]
fn state(py: Python<'_>) -> Result<Instance<ThreadCell>, Raised> {
    let id = thread_state_id(py);
    // Without a global lock nothing is among the recent ones.
    let found = match cfg!(Py_GIL_DISABLED) {
        true => last(py, id),
        false => RECENT.find(py, id),
    };
    match found {
        Some(Some(state)) => Ok(state),
        found => find_again(py, id, found.is_some()),
    }
}

/// Returns the state that this thread used last, if it is of this number; `None` inside where it
/// has died.
#[inline]
fn last(py: Python<'_>, id: u64) -> Option<Option<Instance<ThreadCell>>> {
    let last = LAST.try_with(|last| match &*last.borrow() {
        Some(last) if last.id == id => Some(last.state.upgrade(py)),
        _ => None,
    });
    // Where the thread's locals are gone, the dict is asked each time.
    last.ok().flatten()
}

/// Returns the state where it is not among the recent ones, or has died there.
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
    let _ = LAST.try_with(|cached| cached.replace(Some(last)));
    Ok(state)
}

fn make(py: Python<'_>) -> Result<Instance<ThreadCell>, Raised> {
    let class = &types::get(py)?.thread;
    Ok(Instance::allocate(py, class, ThreadCell::new())?)
}

/// Makes the state of a thread whose own is gone. All finalizers that the drop of a
/// state runs share it.
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
