//! The types of this crate as the engine sees them, and the calling thread's state.
//!
//! A thread has no base context: what is on its stack was entered by a closure or a poll.

use crate::meta::Meta;
use crate::no_context::NoContextError;
use crate::value::Value;
use contextvars::engine::{self, AtomicCounts, ContextNumber, ContextState, Domain, Local, VarKey};
use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use threadstate::{Event, Interpreter, Stack};

/// Names the family.
pub(crate) struct Ambient;

/// What a context is to the engine.
pub(crate) type State = ContextState<Ambient>;
/// A context's bindings.
pub(crate) type Bindings = engine::Bindings<Ambient>;
/// One of them, counted.
pub(crate) type Leaf = engine::Leaf<Ambient>;
/// How one of them differs from another context's.
pub(crate) type Differs<'a> = engine::Difference<'a, Ambient>;
/// The state of a thread.
pub(crate) type Thread = threadstate::Thread<Ambient>;
/// A handle of a context. Every context has one, and the engine counts no other:
/// contexts are left by closures only.
pub(crate) type Handle = Box<State>;

// SAFETY: a handle is a `Box`, in which the state stays where it is. A context has one
// handle, which is never cloned.
#[expect(unsafe_code, reason = "the promise of `Stack`")]
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

/// Returns the number of the thread's current context, or `None` where none is current:
/// nothing can be set there.
///
/// Each [`Context`](crate::Context) has a number from the beginning. What stands for no
/// context ([`without_context`](crate::without_context)) has none.
#[inline]
pub(crate) fn current(thread: &Thread) -> Option<ContextNumber> {
    thread.with_current(|current| current?.state().number())
}

/// What the engine calls to give a thread a base context. It is never called: every
/// change comes after a look at [`current`].
#[cold]
pub(crate) fn no_base(_: State) -> Result<Handle, NoContextError> {
    Err(NoContextError::new(""))
}
