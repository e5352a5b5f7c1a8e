//! Setting a variable for the length of a call.

use crate::engine;
use crate::host::{ContextCell, ContextHost, Error, Thread, TokenCell, VarCell};
use pyobj::Handle;
use threadstate::internals::OnUnwind;

impl<H: ContextHost> VarCell<H> {
    /// Sets the variable for the length of `body`, and then restores its previous
    /// binding on every path, also on a panic. O(log n); creates no token object.
    ///
    /// This also undoes what `body` itself sets the variable to.
    ///
    /// # Errors
    ///
    /// [`Error::Host`], with `body` not run, if a context or a binding cannot be
    /// allocated. The same if restoring fails to allocate after `body`: the variable
    /// keeps its binding. [`Error::ScopeLeft`] if `body` has left the current
    /// context, or has not left another: the binding stays in its context. In both
    /// of these cases the result is dropped.
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
    /// Runs `body` and then resets the token's variable, on every path, also on
    /// a panic: a `with` block over a token, CPython 3.14's `token_exit`.
    ///
    /// # Errors
    ///
    /// Those of [`VarCell::reset`]; the result of `body` is dropped then.
    pub fn run_with<R>(
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
