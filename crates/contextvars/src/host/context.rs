//! The cell of a context: creating and copying. Its mapping protocol is in `mapping`, entering in
//! `run`.

use crate::engine::{self, Bindings, ContextState};
use crate::host::{ContextHost, HostDomain, Thread};
use pyobj::Handle;
use std::fmt;

/// The cell that a host embeds in each context object: its claim, and its
/// bindings.
///
/// Any thread may read it at any time; every read sees one whole version of
/// the bindings.
pub struct ContextCell<H: ContextHost>(ContextState<HostDomain<H>>);

impl<H: ContextHost> fmt::Debug for ContextCell<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextCell").field(&self.0).finish()
    }
}

impl<H: ContextHost> ContextCell<H> {
    /// Creates the cell of an empty context: CPython 3.14's `PyContext_New`.
    pub fn new() -> Self {
        Self::with_bindings(Bindings::<HostDomain<H>>::default())
    }

    fn with_bindings(bindings: Bindings<HostDomain<H>>) -> Self {
        ContextCell(ContextState::new(bindings))
    }

    /// Allocates a context object around this cell.
    pub(crate) fn allocate(self, vm: H::Vm<'_>) -> Result<H::Context, H::Error> {
        H::Context::allocate(vm, self).map_err(|refused| refused.error)
    }

    /// Creates the cell of a context from the engine's state.
    pub(crate) fn from_state(state: ContextState<HostDomain<H>>) -> Self {
        ContextCell(state)
    }

    /// Creates the cell of another context with the same bindings, not entered:
    /// CPython 3.14's `PyContext_Copy`. O(1).
    pub fn copy(&self) -> Self {
        Self::with_bindings(self.snapshot())
    }

    /// Copies the thread's current context: CPython 3.14's
    /// `PyContext_CopyCurrent`. O(1).
    ///
    /// A thread without a context first gets an empty one.
    ///
    /// # Errors
    ///
    /// Fails if allocating a context fails.
    #[inline]
    pub fn copy_current(vm: H::Vm<'_>, thread: &Thread<H>) -> Result<H::Context, H::Error> {
        Self::ensure_current(vm, thread)?;
        Self::of_current(thread).allocate(vm)
    }

    /// Creates the cell of a copy of the context of a thread that has one.
    // `always`, so that the cell is built in its final place, without a move.
    #[inline(always)]
    pub(crate) fn of_current(thread: &Thread<H>) -> Self {
        ContextCell(engine::copy_current(thread))
    }

    /// Ensures that the thread has a context. A thread without one gets an
    /// empty one as its base.
    #[inline]
    pub(crate) fn ensure_current(vm: H::Vm<'_>, thread: &Thread<H>) -> Result<(), H::Error> {
        engine::ensure_context(thread, |state| Self::from_state(state).allocate(vm))
    }

    /// Returns the bindings as they are at this moment. O(1).
    pub(crate) fn snapshot(&self) -> Bindings<HostDomain<H>> {
        self.0.snapshot()
    }

    /// Returns `true` if a thread has entered the context.
    pub fn is_entered(&self) -> bool {
        threadstate::Claimed::claim(&self.0).is_entered()
    }

    /// Returns the engine's part, borrowed exclusively.
    pub(crate) fn state_mut(&mut self) -> &mut ContextState<HostDomain<H>> {
        &mut self.0
    }

    /// Returns the engine's part.
    #[inline]
    pub(crate) fn state(&self) -> &ContextState<HostDomain<H>> {
        &self.0
    }
}

impl<H: ContextHost> Default for ContextCell<H> {
    fn default() -> Self {
        Self::new()
    }
}
