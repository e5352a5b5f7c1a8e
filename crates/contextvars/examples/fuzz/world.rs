//! The state of a program: the engine's objects, and the model.
//!
//! It is never borrowed while the engine runs: callbacks from the engine perform steps, too.

use crate::domain::{Bindings, Fuzzed, Handle, State, Thread, Token};
use crate::fail::{fail, last_panic};
use crate::model::{Bound, ContextId, Model, Root, ValueId};
use crate::program::{CONTEXTS, Program, SNAPSHOTS, THREADS, TOKENS, VARS};
use contextvars::engine::VarKey;
use std::cell::RefCell;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;
use threadstate::{Claimed, Holder, Interpreter, ThreadId, WatcherId};

pub struct World {
    pub model: Model,
    pub program: &'static Program,
    /// Whether each thread has its own native thread.
    pub native: bool,
    pub values_panic: bool,
    pub watchers_panic: bool,
    pub interpreter: Arc<Interpreter<Fuzzed>>,
    pub vars: [VarKey; VARS],
    pub ids: [Option<ThreadId>; THREADS],
    pub contexts: [Option<(Handle, ContextId)>; CONTEXTS],
    pub tokens: [Option<KeptToken>; TOKENS],
    pub snapshots: [Option<(Bindings, Bound)>; SNAPSHOTS],
    pub watchers: Vec<WatcherId>,
    /// Whether values no longer call back or panic.
    pub quiet: bool,
    pub fuel: usize,
    pub depth: usize,
    pub callbacks: usize,
}

pub struct KeptToken {
    pub state: Token,
    pub context: ContextId,
    pub var: usize,
    pub old: Option<ValueId>,
    pub used: bool,
}

pub static WORLD: Mutex<Option<World>> = Mutex::new(None);

pub fn world<R>(f: impl FnOnce(&mut World) -> R) -> R {
    let mut world = WORLD.lock().expect("findings end the process");
    f(world.as_mut().expect("a program is played"))
}

pub fn model<R>(f: impl FnOnce(&mut Model) -> R) -> R {
    world(|world| f(&mut world.model))
}

thread_local! {
    pub static STATES: RefCell<[Option<Rc<Thread>>; THREADS]> = RefCell::default();
}

/// Compares the stacks of all threads on this native thread with the model's.
pub fn observe() {
    for number in 0..THREADS {
        let Some(thread) = state(number) else {
            continue;
        };
        let mut seen = Vec::new();
        thread.for_each_context(|context| seen.push((address(context), context.claim().holder())));
        seen.reverse();
        if thread.has_context() == seen.is_empty() {
            fail("depth", "has_context");
        }
        model(|model| model.observe(number, thread.id(), &seen, thread.depth()));
    }
}

impl World {
    pub fn check(&self) {
        let contexts = self.contexts.iter().flatten();
        let tokens = self.tokens.iter().flatten().filter_map(|token| token.old);
        let bound = self
            .snapshots
            .iter()
            .flatten()
            .flat_map(|(_, bound)| bound.iter().flatten().copied());
        let values = tokens.chain(bound).map(Root::Value);
        let roots = contexts
            .clone()
            .map(|(_, context)| Root::Context(*context))
            .chain(values);
        self.model.check(roots, self.callbacks > 0);
        if self.callbacks > 0 || self.model.unsure > 0 {
            return;
        }
        for (handle, context) in contexts {
            let expected = match self.model.holder(*context) {
                None => Holder::Free,
                Some((thread, frame)) => {
                    let id = self.ids[thread].expect("it has a stack");
                    if frame.is_base {
                        Holder::BaseOf(id)
                    } else {
                        Holder::EnteredBy(id)
                    }
                }
            };
            let holder = handle.claim().holder();
            if holder != expected {
                fail(
                    "claim",
                    format!("context {context} is held by {holder:?}, not by {expected:?}"),
                );
            }
        }
    }

    pub fn bound(&self, thread: usize) -> Bound {
        self.model
            .current(thread)
            .map_or_else(Bound::default, |frame| *self.model.bound(frame.context))
    }
}

pub fn address(context: &Handle) -> usize {
    Arc::as_ptr(context).addr()
}

/// Returns the state of a thread, unless it is being dropped.
pub fn state(thread: usize) -> Option<Rc<Thread>> {
    STATES.with_borrow(|states| states[thread].clone())
}

/// Calls `f` with the context in a place, if there is one.
pub fn with_context(place: usize, f: impl FnOnce(&Handle, ContextId)) {
    if let Some((handle, context)) = world(|world| world.contexts[place].clone()) {
        with_handle(handle, context, |handle| f(handle, context));
    }
}

/// Calls `f` with a handle, which the model holds meanwhile.
pub fn with_handle(mut handle: Handle, context: ContextId, f: impl FnOnce(&mut Handle)) {
    model(|model| model.hold(Root::Context(context)));
    f(&mut handle);
    model(|model| model.release(Root::Context(context)));
    let_drop(handle);
}

/// Puts a new context into a place.
pub fn put(place: usize, state: State, bound: Bound) {
    let handle = Arc::new(state);
    let context = model(|model| model.add_context(address(&handle), bound));
    let old = world(|world| world.contexts[place].replace((handle, context)));
    let_drop(old);
}

/// Fails if the outcome of an operation differs from that of the model, and the model is sure.
pub fn compare<T: PartialEq + Debug>(what: &str, outcome: Option<T>, expected: T) {
    if let Some(outcome) = outcome
        && outcome != expected
        && model(|model| model.unsure) == 0
    {
        fail("outcome", format!("{what}: {outcome:?}, not {expected:?}"));
    }
}

/// The payload of panics on purpose.
pub struct Purpose;

/// Panics, unless the thread is already panicking: a second panic would end the process.
///
/// The model does not follow the contexts that the engine leaves while this unwinds. It becomes
/// unsure, until the step that catches the panic.
pub fn panic_once() {
    if !thread::panicking() {
        model(|model| model.unsure += 1);
        resume_unwind(Box::new(Purpose));
    }
}

/// Returns the result of `f`, or `None` if it panics on purpose.
pub fn attempt<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f))
        .map_err(|payload| {
            if !payload.is::<Purpose>() {
                fail("panic", last_panic());
            }
        })
        .ok()
}

pub fn let_drop<T>(value: T) {
    attempt(|| drop(value));
}
