//! The types that a thread's stack is generic over.
#![allow(unsafe_code)]

use crate::{Activation, Claimed};

/// A family of types: contexts, the data of each thread, and watchers.
///
/// The implementing type is only a name. This crate calls these functions
/// under no lock and no borrow, with the exceptions noted.
///
/// # Safety
///
/// A [`Context`](Self::Context) is a counted or unique pointer, such as `Arc`, `Rc`,
/// `Box`, or an interpreter's own:
///
/// * [`state`](Self::state) and [`state_mut`](Self::state_mut) return the state at the
///   same address for all handles of a context, wherever the handles are moved, as long
///   as there is one. Both call only the host's own code, which does not use this crate.
/// * [`clone_context`](Self::clone_context) returns a handle of the same context.
/// * A bitwise copy of a handle can be used in place of the original, by shared
///   reference, while the original lives and is not borrowed exclusively.
pub unsafe trait Stack: Sized + 'static {
    /// What a host needs to access its objects, such as a reference to its
    /// interpreter; `()` if nothing.
    type Vm<'a>: Copy;

    /// A counted handle to a context.
    type Context;

    /// The part of a context that a thread uses while it is in the context.
    type State: Claimed;

    /// The data of each thread, such as a cache.
    type Local: Default + Leave<Self::State>;

    /// A callback that is notified of switches. It is cloned under a lock, so cloning
    /// must only increment a count. With a type that has no values, such as
    /// [`Infallible`](std::convert::Infallible), switches do not look for watchers.
    type Watcher: Clone;

    /// Whether [`Thread::run`](crate::Thread::run) clones the handle for the length of
    /// the call. For hosts that count without atomic operations, and whose native stacks
    /// may vanish with the caller's handle in them.
    const RUN_COUNTS: bool = false;

    /// Returns the state inside the context.
    fn state(context: &Self::Context) -> &Self::State;

    /// Returns the state by exclusive reference, if this is the only handle of the
    /// context and no other can be made meanwhile. Then
    /// [`Thread::run_mut`](crate::Thread::run_mut) enters without an atomic
    /// read-modify-write.
    fn state_mut(context: &mut Self::Context) -> Option<&mut Self::State> {
        let _ = context;
        None
    }

    /// Returns another handle of the same context. Must only increment a count: it is
    /// called while code looks at the thread's stack.
    fn clone_context(vm: Self::Vm<'_>, context: &Self::Context) -> Self::Context;

    /// Notifies `watcher` that `current` is now the thread's context (`None`: the
    /// stack is empty). Reports a watcher that fails; the switch is not undone.
    fn call_watcher(
        vm: Self::Vm<'_>,
        watcher: &Self::Watcher,
        event: Event,
        current: Option<&Self::Context>,
    );
}

/// An event that watchers are notified of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// Another context is now current on the thread.
    Switched,
}

impl Event {
    /// Returns the event's name in CPython's C API.
    pub fn name(self) -> &'static str {
        match self {
            Event::Switched => "Py_CONTEXT_SWITCHED",
        }
    }
}

/// The data of a thread, which is notified when the thread leaves a context, and when it ends.
pub trait Leave<State> {
    /// Called when an activation in the context of `state` has ended or is
    /// [suspended](crate::Thread::suspend), before another thread may change the context. If this
    /// thread resumes it, the activation continues under the same number.
    fn leave(&self, activation: Activation, state: &State);

    /// Called when the native thread ends, after it has left its contexts: drops the content.
    /// (The value itself is never dropped where [`current_thread!`](crate::current_thread) holds
    /// it.) It may be used again afterwards.
    fn end(&self) {}
}

impl<State> Leave<State> for () {
    #[inline]
    fn leave(&self, _: Activation, _: &State) {}
}
