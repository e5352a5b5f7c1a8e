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

#![forbid(unsafe_code)]

use crate::ffi::{
    Anchored, Instance, Payload, Raised, Recent, Watcher, WeakInstance, thread_dict,
    thread_state_id,
};
use crate::host::CPython;
use crate::types;
use contextvars::host::{Interpreter, Reference, Thread};
use pyo3::Python;
use pyobj::ExceptionKind::{RuntimeError, ValueError};
use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

/// What the object in a thread's dict owns: the thread's state.
pub struct ThreadCell(Thread<CPython>);

impl Payload for ThreadCell {
    type WeakList = Anchored;

    fn visit(&self, visit: &mut dyn FnMut(Reference<'_, CPython>)) {
        self.0
            .for_each_owned_context(|context| visit(Reference::Context(context)));
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
}

/// Adds a watcher, and gives its id.
///
/// # Errors
///
/// `RuntimeError` where there are eight.
pub fn add_watcher(py: Python<'_>, watcher: Watcher) -> Result<i32, Raised> {
    let added = INTERPRETER.add_watcher(watcher);
    added.map_err(|error| Raised::text(py, RuntimeError, &error.to_string()))
}

/// Removes the watcher of an id.
///
/// # Errors
///
/// `ValueError` where nobody has the id, or nobody can have it.
pub fn clear_watcher(py: Python<'_>, id: i32) -> Result<(), Raised> {
    let cleared = INTERPRETER.clear_watcher(id).map(drop);
    cleared.map_err(|error| Raised::text(py, ValueError, &error.to_string()))
}

/// Runs `f` with the calling thread's state, for which it is made when first
/// asked for.
///
/// While the interpreter takes a thread's dict apart, the drop of a value may
/// run code that asks again. It gets a fresh state without a context: the dict
/// would not be dropped a second time.
///
/// # Errors
///
/// `MemoryError`, with `f` not run.
#[inline]
pub fn with<R>(py: Python<'_>, f: impl FnOnce(&Thread<CPython>) -> R) -> Result<R, Raised> {
    let state = match state(py)? {
        Some(kept) => State::Kept(kept),
        None => afresh(),
    };
    // One call for both, so that it is compiled in line.
    Ok(f(match &state {
        State::Kept(kept) => &kept.payload().0,
        State::Afresh(state) => state,
    }))
}

/// A thread's state, alive for the length of a call.
enum State {
    Kept(Instance<ThreadCell>),
    /// For this call only, where the thread's own is gone.
    Afresh(Box<Thread<CPython>>),
}

#[cold]
fn afresh() -> State {
    State::Afresh(Box::new(fresh()))
}

fn fresh() -> Thread<CPython> {
    Thread::new(&INTERPRETER)
}

/// Gives the object that owns the thread's state, counted, so that `f` above
/// cannot lose it; or `None` where it is gone already.
#[inline]
fn state(py: Python<'_>) -> Result<Option<Instance<ThreadCell>>, Raised> {
    let id = thread_state_id(py);
    match RECENT.find(py, id) {
        Some(state) => Ok(state),
        None => remembered(py, id),
    }
}

#[cold]
fn remembered(py: Python<'_>, id: u64) -> Result<Option<Instance<ThreadCell>>, Raised> {
    let cached = LAST.try_with(|last| match &*last.borrow() {
        Some(last) if last.id == id => Some(last.state.upgrade(py)),
        _ => None,
    });
    if let Ok(Some(state)) = cached {
        if let Some(state) = &state {
            RECENT.put(py, id, state.downgrade());
        }
        return Ok(state);
    }
    let state = find_or_make(py)?;
    RECENT.put(py, id, state.downgrade());
    let last = Last {
        id,
        state: state.downgrade(),
    };
    // Where the thread's locals are gone, the dict is asked each time.
    let _ = LAST.try_with(|cached| cached.replace(Some(last)));
    Ok(Some(state))
}

fn find_or_make(py: Python<'_>) -> Result<Instance<ThreadCell>, Raised> {
    let class = &types::get(py)?.thread;
    let dict = thread_dict(py)?;
    // The type is a key that nobody else uses.
    let key = class.as_object(py);
    if let Some(found) = dict.dict_item(py, key)?
        && let Some(state) = class.cast(&found)
    {
        return Ok(state.clone_ref(py));
    }
    let state = Instance::allocate(py, class, ThreadCell(fresh()))?;
    dict.set_dict_item(py, key, state.as_object())?;
    Ok(state)
}
