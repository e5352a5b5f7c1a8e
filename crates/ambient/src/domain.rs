//! This crate's types as the parameters of the engine, and the calling thread's state.
//!
//! A thread has no base context: every context on its stack was entered by a closure or a
//! poll.

use crate::meta::Meta;
use crate::no_context::NoContextError;
use crate::value::{AnyValue, Value};
use contextvars::engine::{self, AtomicCounts, ContextId, ContextState, Domain, Local, VarKey};
use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use threadstate::{Event, Interpreter, Stack};

/// The marker type by which the engine and `threadstate` know this crate.
pub(crate) struct Ambient;

/// The engine's state of a context.
pub(crate) type State = ContextState<Ambient>;
/// A context's bindings.
pub(crate) type Bindings = engine::Bindings<Ambient>;
/// One binding, reference-counted.
pub(crate) type Leaf = engine::Leaf<Ambient>;
/// One difference between the bindings of two contexts.
pub(crate) type Differs<'a> = engine::Difference<'a, Ambient>;
/// The state of a thread.
pub(crate) type Thread = threadstate::Thread<Ambient>;
/// A handle of a context. A context has exactly one: contexts are left by closures only, so
/// the engine never clones it.
pub(crate) type Handle = Box<State>;

// SAFETY: a handle is a `Box`, so the state does not move. A context has one handle, which
// is never cloned.
#[expect(unsafe_code, reason = "the contract of `Stack`")]
unsafe impl Stack for Ambient {
    type Vm<'a> = ();
    type Context = Handle;
    type State = State;
    type Local = Local<Self>;
    type Watcher = Infallible;

    #[inline]
    fn state(context: &Handle) -> &State {
        context
    }

    #[inline]
    fn state_mut(context: &mut Handle) -> Option<&mut State> {
        Some(context)
    }

    #[inline]
    fn clone_context((): (), _: &Handle) -> Handle {
        unreachable!("contexts are left by closures only")
    }

    fn call_watcher((): (), watcher: &Infallible, _: Event, _: Option<&Handle>) {
        match *watcher {}
    }
}

impl Domain for Ambient {
    type Var = &'static Meta;
    type Value = Value;
    type Kind = AtomicCounts;

    #[inline]
    fn key(var: &&'static Meta) -> VarKey {
        var.key_or_take()
    }

    #[inline]
    fn clone_var((): (), var: &&'static Meta) -> &'static Meta {
        var
    }
}

static THREADS: LazyLock<Arc<Interpreter<Ambient>>> = LazyLock::new(Default::default);

threadstate::current_thread! {
    /// Runs `f` with the calling thread's state.
    pub(crate) fn with_thread<Ambient> = Thread::new(&THREADS)
}

/// Returns the id of the thread's current context. Returns `None` if no context is
/// current: no variable can be set then.
///
/// A [`Context`](crate::Context) has an id from its creation. The placeholder that
/// [`without_context`](crate::without_context) enters has none.
#[inline]
pub(crate) fn current(thread: &Thread) -> Option<ContextId> {
    thread.with_current(|current| current?.state().id())
}

impl Meta {
    /// Calls `read` with the value in the current context, or with `None` if it is not set.
    pub(crate) fn read<R>(&self, read: impl FnOnce(Option<&AnyValue>) -> R) -> R {
        match self.key() {
            Some(key) => with_thread(|thread| {
                engine::lookup(thread, key, |value| read(value.map(Value::any)))
            }),
            None => read(None),
        }
    }
}

/// The callback by which the engine would install a thread's base context. It is never
/// called: every change checks [`current`] first.
#[cold]
pub(crate) fn no_base(_: State) -> Result<Handle, NoContextError> {
    Err(NoContextError::new(""))
}
