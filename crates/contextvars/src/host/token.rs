//! The cell of a token. The functions here are those of CPython's token objects.

use crate::engine::{ErrorOf, NotRestored, Refused, TokenState};
use crate::host::{ContextCell, ContextHost, Error, HostDomain, Thread};
use pyobj::Handle;
use std::fmt;

/// The cell that a host embeds in each token object: the variable of one set, the id of its
/// context, the displaced value, and whether the token has been used.
pub struct TokenCell<H: ContextHost>(TokenState<HostDomain<H>>);

impl<H: ContextHost> fmt::Debug for TokenCell<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenCell").field(&self.0).finish()
    }
}

impl<H: ContextHost> TokenCell<H> {
    pub(crate) fn new(state: TokenState<HostDomain<H>>) -> Self {
        TokenCell(state)
    }

    /// Returns the variable that was set, with exact identity.
    pub fn var(&self) -> &H::Var {
        self.0.var()
    }

    /// Returns the value that the set displaced, or the host's `Token.MISSING`
    /// if the variable was not set.
    pub fn old_value(&self, vm: H::Vm<'_>) -> H::Value {
        match self.0.old_value() {
            Some(value) => H::clone_value(vm, value),
            None => H::missing(vm),
        }
    }

    /// Returns `true` if the token has been used.
    pub fn is_used(&self) -> bool {
        self.0.is_used()
    }

    /// Returns `repr(token)`: CPython 3.14's `token_tp_repr`. `address` is that of
    /// the token object, as the host prints it.
    ///
    /// # Errors
    ///
    /// Fails if the `repr` of the variable fails.
    pub fn repr(&self, vm: H::Vm<'_>, address: usize) -> Result<String, H::Error> {
        let used = if self.is_used() { " used" } else { "" };
        let var = H::repr(vm, &self.var().to_value(vm))?;
        Ok(format!("<Token{used} var={var} at {address:#x}>"))
    }

    /// Resets the token's variable, as the end of a `with` block does: CPython
    /// 3.14's `token_exit`.
    ///
    /// # Errors
    ///
    /// Those of [`VarCell::reset`](crate::host::VarCell::reset).
    pub fn exit(vm: H::Vm<'_>, thread: &Thread<H>, token: &H::Token) -> Result<(), Error<H>> {
        token.with_payload(|cell| Self::restore(vm, thread, token, cell.var()))
    }

    #[inline]
    pub(crate) fn restore(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        token: &H::Token,
        var: &H::Var,
    ) -> Result<(), Error<H>> {
        // As in CPython, the first reset gives a thread a context.
        ContextCell::<H>::ensure_current(vm, thread).map_err(Error::Host)?;
        token
            .with_payload(|cell| cell.0.restore(thread, var))
            .map_err(|why| Self::not_restored(vm, token, var, why))
    }

    #[cold]
    fn not_restored(
        vm: H::Vm<'_>,
        token: &H::Token,
        var: &H::Var,
        why: NotRestored<Refused<HostDomain<H>>>,
    ) -> Error<H> {
        match why {
            NotRestored::Used => Error::TokenUsed(token.clone_in(vm)),
            NotRestored::OtherVariable => Error::TokenOfOtherVariable(token.clone_in(vm)),
            NotRestored::OtherContext => Error::TokenOfOtherContext(token.clone_in(vm)),
            NotRestored::Unbound => Error::Unset(var.clone_in(vm)),
            NotRestored::Refused(refused) => Error::Host(H::Error::refused(refused)),
        }
    }

    /// Returns the engine's part.
    pub(crate) fn state(&self) -> &TokenState<HostDomain<H>> {
        &self.0
    }
}
