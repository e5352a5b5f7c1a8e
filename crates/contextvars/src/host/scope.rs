//! Setting for the length of a call.

use crate::engine;
use crate::host::{ContextCell, ContextHost, Error, Thread, TokenCell, VarCell};
use pyobj::Handle;
use threadstate::OnUnwind;

impl<H: ContextHost> VarCell<H> {
    /// Sets the variable for the length of `body`, and then gives it back the
    /// binding that it had, on every path, a panic included. O(log n); makes
    /// no token object.
    ///
    /// What `body` itself sets the variable to ends with it.
    ///
    /// # Errors
    ///
    /// [`Error::Host`], with `body` not run, where a context or a binding cannot be
    /// allocated; also after `body`, which leaves the binding as it is then.
    /// [`Error::ScopeLeft`] where `body` has left the current
    /// context or not left another: the binding stays in its context, and the
    /// result is dropped.
    pub fn scoped<R>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        var: &H::Var,
        value: H::Value,
        body: impl FnOnce() -> R,
    ) -> Result<R, Error<H>> {
        let make = |state| ContextCell::from_state(state).allocate(vm);
        match engine::scoped(vm, thread, var, value, make, body) {
            Ok((result, true)) => Ok(result),
            Ok((_, false)) => Err(Error::ScopeLeft(var.clone_in(vm))),
            Err(error) => Err(Error::Host(error)),
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
        let scope = OnUnwind::new(vm, thread, move || Self::exit(vm, thread, token).is_ok());
        let result = body();
        scope.disarm();
        Self::exit(vm, thread, token)?;
        Ok(result)
    }
}
