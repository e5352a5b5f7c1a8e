//! What each object owns, for a host with a cycle collector.
//!
//! A collector counts the references it is shown against an object's count, so
//! each must be shown once: one that is left out leaks, one that is shown by
//! two owners lets the collector clear what is alive. Bindings are shared
//! between contexts, their copies, iterators and tokens. So each shows only
//! what it alone owns and passes the rest by; a cycle through a shared binding
//! is collected once the sharing ends.
//!
//! Visiting clones and drops nothing. It waits for no context, and for a node of the map
//! at most for the few instructions in which another thread notes that a copy is gone.
//! Variables and tokens never change what they refer to, so every cycle leads through
//! something that does, and they have nothing to clear; a context has.

use crate::engine::Bound;
use crate::host::{ContextCell, ContextHost, IterCell, TokenCell, VarCell};

/// A reference that an object owns.
pub enum Reference<'a, H: ContextHost> {
    /// To any object.
    Value(&'a H::Value),
    /// To a variable.
    Var(&'a H::Var),
    /// To a context: what a thread has on its stack
    /// ([`for_each_owned_context`](threadstate::Thread::for_each_owned_context)).
    Context(&'a H::Context),
}

/// Shows a binding to `visit`.
fn binding<H: ContextHost>(
    visit: &mut dyn FnMut(Reference<'_, H>),
) -> impl FnMut(&Bound<H::Var>, &H::Value) {
    |bound, value| {
        visit(Reference::Var(bound.var()));
        visit(Reference::Value(value));
    }
}

impl<H: ContextHost> VarCell<H> {
    /// Shows the name and the default: CPython 3.14's
    /// `contextvar_tp_traverse`.
    pub fn visit(&self, visit: &mut dyn FnMut(Reference<'_, H>)) {
        visit(Reference::Value(self.name()));
        if let Some(default) = self.default() {
            visit(Reference::Value(default));
        }
    }
}

impl<H: ContextHost> ContextCell<H> {
    /// Shows the bindings that this context alone owns: CPython 3.14's
    /// `context_tp_traverse`. Shows none while another thread is changing
    /// them.
    pub fn visit(&self, visit: &mut dyn FnMut(Reference<'_, H>)) {
        self.state().visit(&mut binding(visit));
    }

    /// Drops the bindings of a context that the collector has found dead:
    /// CPython 3.14's `context_tp_clear`. Does nothing to one that a thread is
    /// in.
    pub fn clear(&self) {
        drop(self.state().clear());
    }
}

impl<H: ContextHost> TokenCell<H> {
    /// Shows the variable and the old value: CPython 3.14's
    /// `token_tp_traverse`, but for the context, which a token here does not keep
    /// alive. Variable and old value are one binding, which is passed by where
    /// others have it too.
    pub fn visit(&self, visit: &mut dyn FnMut(Reference<'_, H>)) {
        if let Some(var) = self.state().own_var() {
            visit(Reference::Var(var));
        }
        self.state().visit(&mut binding(visit));
    }
}

impl<H: ContextHost> IterCell<H> {
    /// Shows the bindings that this iterator alone owns.
    pub fn visit(&self, visit: &mut dyn FnMut(Reference<'_, H>)) {
        let mut visit = binding(visit);
        self.snapshot()
            .visit_exclusive(&mut |var, value| visit(var, value));
    }
}
