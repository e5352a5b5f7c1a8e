//! Undoing one change of a binding, once.

use crate::engine::binding::{is_in, restore_binding};
use crate::engine::number::ContextNumber;
use crate::engine::{Domain, Leaf, Refused, TraceBindings};
use std::convert::Infallible;
use threadstate::Thread;
use threadstate::sync::{AtomicBool, Ordering};

/// What a host embeds in each token: which context one set was in, its variable,
/// the binding that it displaced, and whether it has been undone.
///
/// It does not keep the context alive: a context that is gone is never current.
pub struct TokenState<D: Domain> {
    context: ContextNumber,
    old: Old<D>,
    /// Set once, by a thread that is in the context.
    used: AtomicBool,
}

/// What a set has displaced. Either way it has a handle of the variable.
pub(super) enum Old<D: Domain> {
    Bound(Leaf<D>),
    Unbound(D::Var),
}

/// Why a token did not restore anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRestored<R = Infallible> {
    /// It has been used before.
    Used,
    /// It belongs to another variable.
    OtherVariable,
    /// It belongs to another context than the thread's current one.
    OtherContext,
    /// The variable was not bound when the token was made, and is not bound
    /// now. The token is spent.
    Unbound,
    /// Memory was refused.
    Refused(R),
}

impl<D: Domain> TokenState<D> {
    /// Remembers what a binding in `context` was.
    #[inline]
    pub(super) fn new(context: ContextNumber, old: Old<D>) -> Self {
        TokenState {
            context,
            old,
            used: AtomicBool::new(false),
        }
    }

    /// Returns the variable that was set.
    pub fn var(&self) -> &D::Var {
        match &self.old {
            Old::Bound(entry) => entry.key().var(),
            Old::Unbound(var) => var,
        }
    }

    /// Returns the number of the context that the set was in.
    pub fn context(&self) -> ContextNumber {
        self.context
    }

    /// Returns the value that the set displaced, or `None` where the variable
    /// was not bound.
    pub fn old_value(&self) -> Option<&D::Value> {
        match &self.old {
            Old::Bound(entry) => Some(entry.value()),
            Old::Unbound(_) => None,
        }
    }

    /// Shows a collector the binding that the set displaced, if there is one. As
    /// [`ContextState::trace`](crate::engine::ContextState::trace).
    pub fn trace(&self, trace: &mut TraceBindings<'_, D>) {
        if let Old::Bound(entry) = &self.old {
            entry.trace(trace);
        }
    }

    /// Returns the handle of the variable that this token has for itself: where the
    /// variable was not bound.
    pub fn own_var(&self) -> Option<&D::Var> {
        match &self.old {
            Old::Bound(_) => None,
            Old::Unbound(var) => Some(var),
        }
    }

    /// Returns `true` if the token has been used.
    pub fn is_used(&self) -> bool {
        // Acquire pairs with the Release in `restore`, for those who look from
        // outside the context.
        self.used.load(Ordering::Acquire)
    }

    /// Restores the binding that `var` had in the thread's current context before the
    /// set: CPython 3.14's `PyContextVar_Reset`. O(log n).
    ///
    /// The token is spent first. Of two threads that use one token at the same
    /// time exactly one restores.
    ///
    /// # Errors
    ///
    /// The first of [`NotRestored`]'s that holds, in the order they are listed
    /// there. [`NotRestored::Refused`] where memory is refused: nothing is changed then, and
    /// the token can be used again.
    pub fn restore(&self, thread: &Thread<D>, var: &D::Var) -> Result<(), NotRestored<Refused<D>>> {
        if self.is_used() {
            return Err(NotRestored::Used);
        }
        let key = D::key(var);
        if key != D::key(self.var()) {
            return Err(NotRestored::OtherVariable);
        }
        if !is_in(thread, self.context) {
            return Err(NotRestored::OtherContext);
        }
        // Not in one step with the look above, and yet of two threads one is
        // refused: this one has had the claim of the context all the while, and
        // whoever used the token in it before gave up the claim with release.
        self.used.store(true, Ordering::Release);
        let old = match &self.old {
            Old::Bound(entry) => Some(entry.clone()),
            Old::Unbound(_) => None,
        };
        let restores_nothing = old.is_none();
        match restore_binding(thread, key, old) {
            Ok(None) if restores_nothing => Err(NotRestored::Unbound),
            Ok(displaced) => {
                drop(displaced);
                Ok(())
            }
            Err(refused) => {
                self.used.store(false, Ordering::Release);
                Err(NotRestored::Refused(refused))
            }
        }
    }
}
