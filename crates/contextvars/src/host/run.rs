//! Entering a context, leaving it, and running in it.

use crate::host::{ContextCell, ContextHost, Error, Thread};
use pyobj::Handle;

impl<H: ContextHost> ContextCell<H> {
    /// Makes `context` current on the thread until it is left: CPython 3.14's
    /// `PyContext_Enter`.
    ///
    /// [`run`](ContextCell::run) leaves the context itself, also on a panic.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyEntered`], with nothing changed, if any thread has
    /// entered the context or has it as its base.
    #[inline]
    pub fn enter(vm: H::Vm<'_>, thread: &Thread<H>, context: &H::Context) -> Result<(), Error<H>> {
        thread
            .enter(vm, context.clone_in(vm))
            .map_err(|refused| Error::AlreadyEntered(refused.0))
    }

    /// Leaves `context`, which must be current on the thread: CPython 3.14's
    /// `PyContext_Exit`.
    ///
    /// # Errors
    ///
    /// [`Error::NotEntered`] or [`Error::NotCurrent`], with nothing changed.
    #[inline]
    pub fn exit(vm: H::Vm<'_>, thread: &Thread<H>, context: &H::Context) -> Result<(), Error<H>> {
        thread
            .exit(vm, context)
            .map_err(|error| Error::from_exit(error, vm, context))
    }

    /// Runs `body` in `context` and leaves it on every path. On a panic, the
    /// contexts that `body` has entered and not left are left, too.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyEntered`], with `body` not run. [`Error::NotEntered`] or
    /// [`Error::NotCurrent`] if `body` itself has left the context, or has
    /// not left another that it entered; its result is dropped then.
    #[inline]
    pub fn run<R>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        context: &H::Context,
        body: impl FnOnce() -> R,
    ) -> Result<R, Error<H>> {
        thread
            .run(vm, context, body)
            .map_err(|error| Error::from_run(error, vm, context))
    }

    /// As [`run`](ContextCell::run), but cheaper if the handle is the only one
    /// ([`DirectHandle::payload_mut`](pyobj::DirectHandle::payload_mut)).
    ///
    /// # Errors
    ///
    /// Those of [`run`](ContextCell::run).
    #[inline]
    pub fn run_mut<R>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        context: &mut H::Context,
        body: impl FnOnce() -> R,
    ) -> Result<R, Error<H>> {
        thread
            .run_mut(vm, context, body)
            .map_err(|error| Error::from_run(error, vm, context))
    }

    /// Calls a callable of the host in `context`: CPython 3.14's
    /// `context_run`.
    ///
    /// # Errors
    ///
    /// Those of [`run`](ContextCell::run); [`Error::Host`] if the call fails.
    pub fn call(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        context: &H::Context,
        callable: &H::Value,
        args: H::Args<'_>,
    ) -> Result<H::Value, Error<H>> {
        Self::run(vm, thread, context, || H::call(vm, callable, args))?.map_err(Error::Host)
    }
}
