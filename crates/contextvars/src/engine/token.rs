//! Undoing one change of a binding, once.

use crate::engine::binding::{bind, unbind};
use crate::engine::{Domain, Entry};
use std::ptr;
use threadstate::Thread;
use threadstate::sync::{AtomicBool, Ordering};

/// What a host embeds in each token: the context and the variable of one set,
/// the binding that it displaced, and whether it has been undone.
pub struct TokenState<D: Domain> {
    context: D::Context,
    var: D::Var,
    /// `None`: the variable was not bound.
    old: Option<Entry<D>>,
    used: AtomicBool,
}

/// Why a token did not restore anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRestored {
    /// It has been used before.
    Used,
    /// It belongs to another variable.
    OtherVariable,
    /// It belongs to another context than the thread's current one.
    OtherContext,
    /// The variable was not bound when the token was made, and is not bound
    /// now. The token is spent.
    Unbound,
}

impl<D: Domain> TokenState<D> {
    /// Remembers that in `context` the binding of `var` was `old`.
    pub(crate) fn new(context: D::Context, var: D::Var, old: Option<Entry<D>>) -> Self {
        TokenState {
            context,
            var,
            old,
            used: AtomicBool::new(false),
        }
    }

    /// Gives the context that the variable was set in.
    pub fn context(&self) -> &D::Context {
        &self.context
    }

    /// Gives the variable that was set.
    pub fn var(&self) -> &D::Var {
        &self.var
    }

    /// Gives the value that the set displaced, or `None` where the variable
    /// was not bound.
    pub fn old_value(&self) -> Option<&D::Value> {
        self.old.as_ref().map(Entry::<D>::value)
    }

    /// Gives the binding that the set displaced.
    pub(crate) fn old_entry(&self) -> Option<&Entry<D>> {
        self.old.as_ref()
    }

    /// Tells whether the token has been used.
    pub fn is_used(&self) -> bool {
        self.used.load(Ordering::Acquire)
    }

    /// Gives `var` in the thread's current context the binding back that it
    /// had before the set: CPython 3.14's `PyContextVar_Reset`. O(log n).
    ///
    /// The token is spent first. Of two threads that use one token at the same
    /// time exactly one restores.
    ///
    /// # Errors
    ///
    /// The first of [`NotRestored`]'s that holds, in the order they are listed
    /// there.
    pub fn restore(&self, thread: &Thread<D>, var: &D::Var) -> Result<(), NotRestored> {
        if self.is_used() {
            return Err(NotRestored::Used);
        }
        let key = D::key(&self.var);
        if D::key(var) != key {
            return Err(NotRestored::OtherVariable);
        }
        // Both contexts are alive, so equal addresses mean the same one.
        let here = thread.with_current(|current| {
            current.is_some_and(|current| ptr::eq(current.state(), D::state(&self.context)))
        });
        if !here {
            return Err(NotRestored::OtherContext);
        }
        // One step: the loser of a race finds the token used after all.
        if self.used.swap(true, Ordering::AcqRel) {
            return Err(NotRestored::Used);
        }
        match &self.old {
            Some(entry) => drop(bind(thread, entry.clone())),
            None => drop(unbind(thread, key).ok_or(NotRestored::Unbound)?),
        }
        Ok(())
    }
}
