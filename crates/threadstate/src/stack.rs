//! What a thread stacks.

use crate::{Claimed, Event, Stay};

/// A family of types: contexts, what a thread keeps beside its stack, and
/// watchers.
///
/// The implementing type is a name only. Nothing here is called while this
/// crate holds a lock or a borrow, with the exceptions noted.
pub trait Stack: Sized + 'static {
    /// What a host needs at hand to touch its objects; `()` where that is
    /// nothing.
    type Vm<'a>: Copy;

    /// A counted handle to a context.
    type Context;

    /// The part of a context that a thread works with while it is in it.
    type State: Claimed;

    /// What each thread keeps for itself, such as a cache.
    type Local: Default + Leave<Self::State>;

    /// A callback that is told of switches. Cloned under a lock: cloning does
    /// nothing but count.
    type Watcher: Clone;

    /// Whether there can be watchers. For families whose type of watchers has no
    /// values: with `false` no switch asks after any, so that one that was added all
    /// the same would be told of none.
    const WATCHED: bool = true;

    /// Gives the state inside the context, the same one each time.
    fn state(context: &Self::Context) -> &Self::State;

    /// Gives the same state exclusively, if nobody else has a handle to the
    /// context, nor can get one: [`Thread::run_mut`](crate::Thread::run_mut) then
    /// enters without an atomic step.
    fn state_mut(context: &mut Self::Context) -> Option<&mut Self::State> {
        let _ = context;
        None
    }

    /// Counts one more handle to the same context. Called while the thread's
    /// stack is looked at: does nothing else.
    fn clone_context(vm: Self::Vm<'_>, context: &Self::Context) -> Self::Context;

    /// Tells `watcher` that `current` is now the thread's context (`None`: the
    /// stack is empty). A watcher that fails is reported here; the switch
    /// stands.
    fn call_watcher(
        vm: Self::Vm<'_>,
        watcher: &Self::Watcher,
        event: Event,
        current: Option<&Self::Context>,
    );
}

/// What a thread keeps for itself, and is told when it leaves a context.
pub trait Leave<State> {
    /// Is told that a stay of this thread in the context of `state` has ended: just
    /// before the claim is given up, and others may enter.
    fn leave(&self, stay: Stay, state: &State);
}

impl<State> Leave<State> for () {
    #[inline]
    fn leave(&self, _: Stay, _: &State) {}
}
