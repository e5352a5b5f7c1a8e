//! What programs work on, on both sides: the engine's objects, and the ledger.
//!
//! It is never borrowed while the engine runs, whose callbacks are steps as well.

use crate::domain::{Bindings, Fuzzed, Handle, State, Thread, Token};
use crate::fail::{fail, last_panic};
use crate::ledger::{Bound, ContextId, Ledger, Root, ValueId};
use crate::program::{CONTEXTS, Program, SNAPSHOTS, THREADS, TOKENS, VARS};
use contextvars::engine::VarKey;
use std::cell::RefCell;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;
use threadstate::{Claimed, Holder, Interpreter, ThreadId};

pub struct World {
    pub ledger: Ledger,
    pub program: &'static Program,
    /// Whether each thread is on a native thread of its own.
    pub native: bool,
    pub values_panic: bool,
    pub watchers_panic: bool,
    pub interpreter: Arc<Interpreter<Fuzzed>>,
    pub vars: [VarKey; VARS],
    pub ids: [Option<ThreadId>; THREADS],
    pub contexts: [Option<(Handle, ContextId)>; CONTEXTS],
    pub tokens: [Option<KeptToken>; TOKENS],
    pub snapshots: [Option<(Bindings, Bound)>; SNAPSHOTS],
    pub watchers: Vec<i32>,
    /// Whether values call nothing and do not panic any more.
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

pub fn ledger<R>(f: impl FnOnce(&mut Ledger) -> R) -> R {
    world(|world| f(&mut world.ledger))
}

thread_local! {
    pub static STATES: RefCell<[Option<Rc<Thread>>; THREADS]> = RefCell::default();
}

/// Compares the stacks of all threads that are here with the model's.
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
        ledger(|ledger| ledger.observe(number, thread.id(), &seen, thread.depth()));
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
        self.ledger.check(roots, self.callbacks > 0);
        if self.callbacks > 0 || self.ledger.unsure > 0 {
            return;
        }
        for (handle, context) in contexts {
            let expected = match self.ledger.holder(*context) {
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
        self.ledger
            .current(thread)
            .map_or_else(Bound::default, |frame| *self.ledger.bound(frame.context))
    }
}

pub fn address(context: &Handle) -> usize {
    Arc::as_ptr(context).addr()
}

/// The state of a thread, unless it is just being dropped.
pub fn state(thread: usize) -> Option<Rc<Thread>> {
    STATES.with_borrow(|states| states[thread].clone())
}

/// Calls `f` with the context in a place, if there is one.
pub fn with_context(place: usize, f: impl FnOnce(&Handle, ContextId)) {
    if let Some((handle, context)) = world(|world| world.contexts[place].clone()) {
        with_handle(handle, context, |handle| f(handle, context));
    }
}

/// Calls `f` with a handle, which the ledger knows of meanwhile.
pub fn with_handle(mut handle: Handle, context: ContextId, f: impl FnOnce(&mut Handle)) {
    ledger(|ledger| ledger.hold(Root::Context(context)));
    f(&mut handle);
    ledger(|ledger| ledger.let_go(Root::Context(context)));
    let_drop(handle);
}

/// Puts a new context into a place.
pub fn put(place: usize, state: State, bound: Bound) {
    let handle = Arc::new(state);
    let context = ledger(|ledger| ledger.add_context(address(&handle), bound));
    let old = world(|world| world.contexts[place].replace((handle, context)));
    let_drop(old);
}

/// Fails where the outcome of an operation is not as in the model, if that is sure.
pub fn compare<T: PartialEq + Debug>(what: &str, outcome: Option<T>, expected: T) {
    if let Some(outcome) = outcome
        && outcome != expected
        && ledger(|ledger| ledger.unsure) == 0
    {
        fail("outcome", format!("{what}: {outcome:?}, not {expected:?}"));
    }
}

/// What a panic on purpose carries.
pub struct Purpose;

/// Panics, unless a panic is under way, which would end the process.
///
/// What the engine leaves while this unwinds is not in the model. The step that catches it
/// makes the ledger sure again.
pub fn panic_once() {
    if !thread::panicking() {
        ledger(|ledger| ledger.unsure += 1);
        resume_unwind(Box::new(Purpose));
    }
}

/// Returns what `f` returns, or `None` where it panics on purpose.
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
