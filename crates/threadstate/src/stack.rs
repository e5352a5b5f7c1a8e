//! What a thread stacks.

use crate::{Claim, Event};

/// A family of types: contexts, what a thread keeps beside a context while it
/// is current, and watchers.
///
/// The implementing type is a name only. Nothing here is called while this
/// crate holds a lock or a borrow, with the exceptions noted.
pub trait Stack: Sized + 'static {
    /// What a host needs at hand to touch its objects; `()` where that is
    /// nothing.
    type Vm<'a>: Copy;

    /// A counted handle to a context.
    type Context;

    /// What belongs to one stay in a context, such as a cache: made before the
    /// context is put on the stack, dropped after it was taken off or refused.
    type Local: Default;

    /// A callback that is told of switches. Cloned under a lock: cloning does
    /// nothing but count.
    type Watcher: Clone;

    /// Gives the claim inside the context, the same one each time. Called under
    /// a borrow of the thread's stack: does nothing else.
    fn claim(context: &Self::Context) -> &Claim;

    /// Counts one more handle to the same context. Called under a borrow of
    /// the thread's stack: does nothing else.
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
