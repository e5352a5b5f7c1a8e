//! Running in a context, and setting for the length of a call.

use crate::engine::NotRestored;
use crate::host::{ContextCell, ContextHost, Error, Thread, TokenCell, VarCell};
use pyobj::Handle;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl<H: ContextHost> ContextCell<H> {
    /// Makes `context` current on the thread until it is left: CPython 3.14's
    /// `PyContext_Enter`.
    ///
    /// [`run`](ContextCell::run) leaves by itself, also on a panic.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyEntered`], with nothing changed, where any thread has
    /// entered the context or has it as its base.
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
    pub fn exit(vm: H::Vm<'_>, thread: &Thread<H>, context: &H::Context) -> Result<(), Error<H>> {
        thread
            .exit(vm, context)
            .map_err(|error| Error::from_exit(error, vm, context))
    }

    /// Runs `body` in `context` and leaves it on every path, a panic included.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyEntered`], with `body` not run. [`Error::NotEntered`] or
    /// [`Error::NotCurrent`] where `body` has left the context by itself or has
    /// not left another that it entered; its result is dropped then.
    pub fn run<R>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        context: &H::Context,
        body: impl FnOnce() -> R,
    ) -> Result<R, Error<H>> {
        Self::enter(vm, thread, context)?;
        let leave = OnUnwind(|| {
            let _ = thread.exit(vm, context);
        });
        let result = body();
        leave.disarm();
        Self::exit(vm, thread, context)?;
        Ok(result)
    }

    /// Calls a callable of the host in `context`: CPython 3.14's
    /// `context_run`.
    ///
    /// # Errors
    ///
    /// Those of [`run`](ContextCell::run), and whatever the call raises.
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

impl<H: ContextHost> VarCell<H> {
    /// Sets the variable for the length of `body`, and then gives it back the
    /// binding that it had, on every path, a panic included. O(log n); makes
    /// no token object.
    ///
    /// What `body` itself sets the variable to ends with it.
    ///
    /// # Errors
    ///
    /// [`Error::Host`], with `body` not run, where a context cannot be
    /// allocated. [`Error::ScopeLeft`] where `body` has left the current
    /// context or not left another: the binding stays in its context, and the
    /// result is dropped.
    pub fn scoped<R>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        var: &H::Var,
        value: H::Value,
        body: impl FnOnce() -> R,
    ) -> Result<R, Error<H>> {
        let token = Self::bind(vm, thread, var, value)?;
        let restore = || token.state().restore(thread, var);
        let undo = OnUnwind(|| {
            let _ = restore();
        });
        let result = body();
        undo.disarm();
        match restore() {
            // Unbound: there is nothing to take away any more.
            Ok(()) | Err(NotRestored::Unbound) => Ok(result),
            Err(_) => Err(Error::ScopeLeft(var.clone_in(vm))),
        }
    }
}

impl<H: ContextHost> TokenCell<H> {
    /// Runs `body` and then resets the token's variable, on every path, a
    /// panic included: a `with` block over a token, CPython 3.14's
    /// `token_exit`.
    ///
    /// # Errors
    ///
    /// Those of [`VarCell::reset`]; the result of `body` is dropped then.
    pub fn with<R>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        token: &H::Token,
        body: impl FnOnce() -> R,
    ) -> Result<R, Error<H>> {
        let undo = OnUnwind(|| {
            let _ = Self::exit(vm, thread, token);
        });
        let result = body();
        undo.disarm();
        Self::exit(vm, thread, token)?;
        Ok(result)
    }
}

/// Calls a closure when it is dropped, unless it has been disarmed. A panic in
/// the closure ends there: it must not meet the one that is under way.
struct OnUnwind<F: FnMut()>(F);

impl<F: FnMut()> OnUnwind<F> {
    fn disarm(self) {
        mem::forget(self);
    }
}

impl<F: FnMut()> Drop for OnUnwind<F> {
    fn drop(&mut self) {
        // The payload of a panic may panic in its own drop; it is leaked.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(&mut self.0)) {
            mem::forget(payload);
        }
    }
}
