//! What a thread stacks.
#![allow(unsafe_code)]

use crate::{Activation, Claimed, Event};

/// A family of types: contexts, what a thread keeps beside its stack, and
/// watchers.
///
/// The implementing type is a name only. Nothing here is called while this
/// crate holds a lock or a borrow, with the exceptions noted.
///
/// # Safety
///
/// A [`Context`](Self::Context) is a counted or unique pointer, such as `Arc`, `Rc`,
/// `Box`, or an interpreter's own:
///
/// * [`state`](Self::state) returns the state at one and the same address for all
///   handles of a context, for as long as there is one, wherever the handles are moved;
///   so does [`state_mut`](Self::state_mut). Both call no code but the host's own, which
///   does not use this crate.
/// * [`clone_context`](Self::clone_context) returns a handle of the same context.
/// * A bitwise copy of a handle can be used in place of the original, by shared
///   reference, while the original lives and is not borrowed exclusively.
pub unsafe trait Stack: Sized + 'static {
    /// What a host needs at hand to touch its objects; `()` where that is
    /// nothing.
    type Vm<'a>: Copy;

    /// A counted handle to a context.
    type Context;

    /// The part of a context that a thread works with while it is in it.
    type State: Claimed;

    /// What each thread keeps for itself, such as a cache.
    type Local: Default + Leave<Self::State>;

    /// A callback that is notified of switches. Cloned under a lock: cloning does
    /// nothing but count. With a type that has no values, such as
    /// [`Infallible`](std::convert::Infallible), no switch looks for watchers.
    type Watcher: Clone;

    /// Whether [`Thread::run`](crate::Thread::run) counts a handle of its own for the
    /// length of the call. For hosts that count without atomic operations, and whose
    /// native stacks may vanish with the caller's handle in them.
    const RUN_COUNTS: bool = false;

    /// Returns the state inside the context.
    fn state(context: &Self::Context) -> &Self::State;

    /// Returns the state by exclusive reference, if this is the only handle of the
    /// context and no other can be made meanwhile:
    /// [`Thread::run_mut`](crate::Thread::run_mut) then enters without an atomic
    /// read-modify-write.
    fn state_mut(context: &mut Self::Context) -> Option<&mut Self::State> {
        let _ = context;
        None
    }

    /// Counts one more handle of the same context, and does nothing else: it is called
    /// while code looks at the thread's stack.
    fn clone_context(vm: Self::Vm<'_>, context: &Self::Context) -> Self::Context;

    /// Notifies `watcher` that `current` is now the thread's context (`None`: the
    /// stack is empty). A watcher that fails is reported here; the switch
    /// stands.
    fn call_watcher(
        vm: Self::Vm<'_>,
        watcher: &Self::Watcher,
        event: Event,
        current: Option<&Self::Context>,
    );
}

/// What a thread keeps for itself, which is notified when the thread leaves a context, and when
/// it ends.
pub trait Leave<State> {
    /// Called when an activation, in the context of `state`, has ended, or is
    /// [suspended](crate::Thread::suspend): before another thread may change the context. One that
    /// this thread resumes goes on, under the same number.
    fn leave(&self, activation: Activation, state: &State);

    /// Called when the native thread ends, and has left its contexts: drops what it keeps. (It
    /// is never dropped itself where [`current_thread!`](crate::current_thread) holds it.) It
    /// may be used again after.
    fn end(&self) {}
}

impl<State> Leave<State> for () {
    #[inline]
    fn leave(&self, _: Activation, _: &State) {}
}
