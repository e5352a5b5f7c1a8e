//! The state of a Boa context for `AsyncContext`: its stack of mappings and the two prototypes.
//!
//! It is stored in the context's host-defined data. The collector does not visit the stack: its
//! references count as held by native code, so the values in it stay alive.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use boa_engine::object::ObjectInitializer;
use boa_engine::property::Attribute;
use boa_engine::{Context, JsObject, JsResult, JsSymbol, JsValue, js_error, js_string};
use contextvars::engine::collect::VisitedCounts;
use contextvars::engine::{
    self, Bindings, ContextState, Domain, Event, Interpreter, Local, RunError, Stack, Thread,
    VarKey,
};

use crate::{snapshot, variable};

/// The domain of the engine: a variable is a key, its value any JavaScript value.
pub(crate) struct Js;

/// An immutable mapping from variables to values. A clone shares it.
pub(crate) type Mapping = Bindings<Js>;

type Entered = Rc<ContextState<Js>>;

// SAFETY: an `Rc` is a counted pointer, and the state in it does not move. Contexts are created in
// this file only and have no weak handles, so a handle that `Rc::get_mut` finds unique stays
// unique.
unsafe impl Stack for Js {
    type Vm<'a> = ();
    type Context = Entered;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = Infallible;

    fn state(context: &Entered) -> &ContextState<Self> {
        context
    }

    fn state_mut(context: &mut Entered) -> Option<&mut ContextState<Self>> {
        Rc::get_mut(context)
    }

    fn clone_context((): (), context: &Entered) -> Entered {
        Rc::clone(context)
    }

    fn call_watcher((): (), watcher: &Infallible, _: Event, _: Option<&Entered>) {
        match *watcher {}
    }
}

impl Domain for Js {
    type Var = VarKey;
    type Value = JsValue;
    type Kind = VisitedCounts;

    fn key(var: &VarKey) -> VarKey {
        *var
    }

    fn clone_var((): (), var: &VarKey) -> VarKey {
        *var
    }
}

/// The state of the current promise job.
#[derive(Default)]
enum Job {
    /// No job runs, or the executor is not wrapped by `Jobs`. A callback then runs in its mapping,
    /// and nothing else does.
    #[default]
    None,
    /// A job has begun but has not called its callback yet.
    Begun,
    /// A job has called its callback; the rest of the job runs in the same mapping.
    In(Entered),
}

/// The state of a Boa context for `AsyncContext`.
pub(crate) struct Agent {
    thread: Thread<Js>,
    job: Cell<Job>,
    pub(crate) variable: JsObject,
    pub(crate) snapshot: JsObject,
}

impl Agent {
    /// Returns the agent of a context. Returns `None` if `AsyncContext` is not installed in it.
    #[inline]
    pub(crate) fn of(context: &Context) -> Option<&Rc<Agent>> {
        context.get_data::<Rc<Agent>>()
    }

    /// As [`of`](Self::of), but returns the error that a function of `AsyncContext` throws.
    #[inline]
    pub(crate) fn expect(context: &Context) -> JsResult<&Rc<Agent>> {
        let agent = Self::of(context);
        agent.ok_or_else(|| js_error!(TypeError: "AsyncContext is not installed in this context"))
    }

    /// Returns the current mapping.
    #[inline]
    pub(crate) fn mapping(&self) -> Mapping {
        engine::bindings(&self.thread)
    }

    /// Returns the value of a variable in the current mapping.
    pub(crate) fn get(&self, key: VarKey) -> Option<JsValue> {
        engine::lookup(&self.thread, key, |value| value.cloned())
    }

    /// Calls `body` with `mapping` as the current one. The old one is restored on every path.
    pub(crate) fn run_in<R>(
        &self,
        mapping: Mapping,
        body: impl FnOnce() -> JsResult<R>,
    ) -> JsResult<R> {
        let make = |state| Ok::<_, RunError>(Rc::new(state));
        engine::with_bindings((), &self.thread, mapping, make, body)
            .unwrap_or_else(|error| Err(js_error!(Error: "{}", error)))
    }

    /// Calls a promise job's callback in `mapping`. The rest of the job runs in it, too.
    pub(crate) fn run_in_job<R>(
        &self,
        mapping: Mapping,
        body: impl FnOnce() -> JsResult<R>,
    ) -> JsResult<R> {
        match self.job.take() {
            Job::Begun => {
                let entered = Rc::new(ContextState::new(mapping));
                let is_new = self.thread.enter((), Rc::clone(&entered)).is_ok();
                debug_assert!(is_new, "no thread is in a new context");
                self.job.set(Job::In(entered));
                body()
            }
            other => {
                self.job.set(other);
                self.run_in(mapping, body)
            }
        }
    }
}

/// A running promise job. Its drop restores the mapping from before the job.
pub(crate) struct JobScope<'a> {
    agent: &'a Agent,
    outer: Job,
}

impl<'a> JobScope<'a> {
    /// Begins a job.
    pub(crate) fn begin(agent: &'a Agent) -> Self {
        let outer = agent.job.replace(Job::Begun);
        JobScope { agent, outer }
    }
}

impl Drop for JobScope<'_> {
    fn drop(&mut self) {
        let outer = std::mem::take(&mut self.outer);
        if let Job::In(entered) = self.agent.job.replace(outer) {
            let left = self.agent.thread.exit((), &entered);
            debug_assert!(left.is_ok(), "the job's mapping was entered");
        }
    }
}

/// Adds the global `AsyncContext` to the current realm of a context.
///
/// Promises preserve variables only if the context is built with [`Hooks`](crate::Hooks) and
/// [`Jobs`](crate::Jobs). All realms of a context share its current mapping.
///
/// # Errors
///
/// If the global object refuses the property.
pub fn install(context: &mut Context) -> JsResult<()> {
    let variable = variable::class(context);
    let snapshot = snapshot::class(context);
    let member = Attribute::WRITABLE | Attribute::CONFIGURABLE;
    let namespace = ObjectInitializer::new(context)
        .property(js_string!("Variable"), variable.constructor(), member)
        .property(js_string!("Snapshot"), snapshot.constructor(), member)
        .property(
            JsSymbol::to_string_tag(),
            js_string!("AsyncContext"),
            Attribute::CONFIGURABLE,
        )
        .build();
    context.register_global_property(js_string!("AsyncContext"), namespace, member)?;
    if Agent::of(context).is_none() {
        context.insert_data(Rc::new(Agent {
            thread: Thread::new(&Arc::new(Interpreter::new())),
            job: Cell::default(),
            variable: variable.prototype(),
            snapshot: snapshot.prototype(),
        }));
    }
    Ok(())
}

/// A captured mapping, owned by native code: for a timer or an event's listener.
///
/// Its values stay alive while it exists. Do not store it in objects of the heap: those should
/// hold an `AsyncContext.Snapshot`, which the collector traverses.
#[derive(Clone, Default)]
pub struct Captured(Mapping);

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Captured(..)")
    }
}

/// Captures the current mapping. O(1).
///
/// Returns an empty mapping if `AsyncContext` is not installed.
#[inline]
pub fn capture(context: &Context) -> Captured {
    Captured(Agent::of(context).map_or_else(Mapping::default, |agent| agent.mapping()))
}

impl Captured {
    /// Returns a copy of this mapping in which an `AsyncContext.Variable` has a new value.
    /// O(log n).
    ///
    /// # Errors
    ///
    /// `TypeError` if `variable` is not an `AsyncContext.Variable`.
    pub fn with_value(&self, variable: &JsValue, value: JsValue) -> JsResult<Captured> {
        let mut mapping = self.0.clone();
        variable::bind(&mut mapping, variable, value)?;
        Ok(Captured(mapping))
    }

    /// Calls `body` with the captured mapping as the current one. O(1), any number of times.
    ///
    /// # Errors
    ///
    /// The error of `body`; a `TypeError` if `AsyncContext` is not installed.
    pub fn run<R>(
        &self,
        context: &mut Context,
        body: impl FnOnce(&mut Context) -> JsResult<R>,
    ) -> JsResult<R> {
        let agent = Rc::clone(Agent::expect(context)?);
        agent.run_in(self.0.clone(), || body(context))
    }
}
