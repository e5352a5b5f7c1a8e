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
//! Finalizers that run after that have a late state, which is dropped as soon as
//! no call uses it.

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
use std::cell::{Cell, RefCell};
use std::mem::{self, ManuallyDrop};
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// What the object in a thread's dict owns: the thread's state.
pub struct ThreadCell {
    thread: Thread<CPython>,
    /// Dropped after `thread`, whose drop may run finalizers.
    _finalizers: EndOfLateCall,
}

impl ThreadCell {
    fn new() -> Self {
        ThreadCell {
            thread: fresh(),
            _finalizers: EndOfLateCall,
        }
    }
}

impl Drop for ThreadCell {
    /// Begins a late call: all finalizers that the drop of the state runs have one
    /// late state.
    fn drop(&mut self) {
        mem::forget(late_call());
    }
}

impl Payload for ThreadCell {
    type WeakList = Anchored;

    fn visit(&self, visit: &mut dyn FnMut(Reference<'_, CPython>)) {
        self.thread
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

    // Needs no destructor, so it is there as long as the thread.
    static LATE: Late = const {
        Late {
            calls: Cell::new(0),
            state: Cell::new(ManuallyDrop::new(None)),
        }
    };
}

/// The state of a thread whose own has been dropped, for the finalizers that still
/// run on it.
struct Late {
    /// The number of calls under way that use the state, or may come to.
    calls: Cell<usize>,
    /// `None` before the first use in these calls.
    state: Cell<ManuallyDrop<Option<Rc<Thread<CPython>>>>>,
}

/// So many late states are dropped after each other, each with the finalizers that
/// bind anew, before the last one is leaked: there may be a finalizer that always does.
const MOST_LATE: usize = 100;

impl Late {
    /// Replaces the state and returns the one before.
    fn replace(&self, state: Option<Rc<Thread<CPython>>>) -> Option<Rc<Thread<CPython>>> {
        ManuallyDrop::into_inner(self.state.replace(ManuallyDrop::new(state)))
    }

    /// Returns the state, which is made by the first call that needs it.
    fn state(&self) -> Rc<Thread<CPython>> {
        let state = self.replace(None).unwrap_or_else(|| Rc::new(fresh()));
        self.replace(Some(Rc::clone(&state)));
        state
    }
}

/// Begins a call that may use the late state.
fn late_call() -> EndOfLateCall {
    LATE.with(|late| late.calls.set(late.calls.get() + 1));
    EndOfLateCall
}

/// The end of a call that may use the late state. The last one drops the state.
struct EndOfLateCall;

impl Drop for EndOfLateCall {
    fn drop(&mut self) {
        LATE.with(|late| {
            if late.calls.get() == 1 {
                // The drop of a value may run finalizers, which have the next one.
                for _ in 0..MOST_LATE {
                    let Some(state) = late.replace(None) else {
                        break;
                    };
                    drop(state);
                }
                mem::forget(late.replace(None));
            }
            late.calls.set(late.calls.get() - 1);
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
/// run code that asks again. It gets the thread's late state.
///
/// # Errors
///
/// `MemoryError`, with `f` not run.
#[inline]
pub fn with<R>(py: Python<'_>, f: impl FnOnce(&Thread<CPython>) -> R) -> Result<R, Raised> {
    let state = match state(py)? {
        Some(kept) => State::Kept(kept),
        None => late(),
    };
    // One call for both, so that it is compiled in line.
    Ok(f(match &state {
        State::Kept(kept) => &kept.payload().thread,
        State::Late(state, _) => state,
    }))
}

/// A thread's state, alive for the length of a call.
enum State {
    Kept(Instance<ThreadCell>),
    /// Where the thread's own is gone.
    Late(Rc<Thread<CPython>>, EndOfLateCall),
}

#[cold]
fn late() -> State {
    let call = late_call();
    State::Late(LATE.with(Late::state), call)
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
    let state = Instance::allocate(py, class, ThreadCell::new())?;
    dict.set_dict_item(py, key, state.as_object())?;
    Ok(state)
}
