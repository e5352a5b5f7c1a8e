//! Setting a variable with a token, which undoes the set, once.

use crate::engine::binding::{bind_in_current, ensure_context, is_in, restore_binding};
use crate::engine::context;
use crate::engine::id::ContextId;
use crate::engine::{ContextState, Domain, ErrorOf, Leaf, Refused, TraceBindings};
use crate::primitive::{AtomicBool, Ordering};
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use threadstate::Thread;

/// The state that a host embeds in each token: the context and variable of one set,
/// the displaced binding, and whether the token has been used.
///
/// It does not keep the context alive: a dropped context is never current.
pub struct TokenState<D: Domain> {
    context: ContextId,
    old: Old<D>,
    /// Changed only by a thread that has the context's claim.
    used: AtomicBool,
}

impl<D: Domain> fmt::Debug for TokenState<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenState")
            .field("context", &self.context)
            .field("used", &self.is_used())
            .finish_non_exhaustive()
    }
}

/// What a set has displaced. Both variants hold a handle of the variable.
enum Old<D: Domain> {
    Bound(Leaf<D>),
    Unbound(D::Var),
}

/// Binds a variable in the thread's current context. Returns the token that undoes it.
/// O(log n).
///
/// A thread without a context first gets one, which `make` creates.
///
/// # Errors
///
/// Fails if `make` fails, or if memory is refused. Nothing is set then.
#[inline]
pub fn set<D: Domain, E: ErrorOf<D::Kind>>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    var: &D::Var,
    value: D::Value,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<TokenState<D>, E> {
    ensure_context(thread, make)?;
    let entry = context::leaf::<D>(vm, var, value).map_err(E::refused)?;
    let (context, old) = bind_in_current(thread, entry).map_err(E::refused)?;
    let old = match old {
        Some(old) => Old::Bound(old),
        None => Old::Unbound(D::clone_var(vm, var)),
    };
    Ok(TokenState::new(context, old))
}

/// Why a token did not restore anything.
///
/// Exhaustive: a host translates each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRestored<R = Infallible> {
    /// It has been used before.
    Used,
    /// It belongs to another variable.
    OtherVariable,
    /// It belongs to another context than the thread's current one.
    OtherContext,
    /// The variable was not bound when the token was created, and is not bound
    /// now. The token has been used up. CPython raises `LookupError`.
    Unbound,
    /// Memory was refused.
    Refused(R),
}

impl<R> fmt::Display for NotRestored<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotRestored::Used => "the token has already been used",
            NotRestored::OtherVariable => "the token belongs to another variable",
            NotRestored::OtherContext => "the token belongs to another context",
            NotRestored::Unbound => "the variable was not bound before the set, nor is it now",
            NotRestored::Refused(_) => "memory was refused",
        })
    }
}

impl<R: fmt::Debug> Error for NotRestored<R> {}

impl<D: Domain> TokenState<D> {
    /// Creates the token of a set in `context` that displaced `old`.
    #[inline]
    fn new(context: ContextId, old: Old<D>) -> Self {
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

    /// Returns the id of the context in which the variable was set.
    pub fn context(&self) -> ContextId {
        self.context
    }

    /// Returns the value that the set displaced, or `None` if the variable
    /// was not bound.
    pub fn old_value(&self) -> Option<&D::Value> {
        match &self.old {
            Old::Bound(entry) => Some(entry.value()),
            Old::Unbound(_) => None,
        }
    }

    /// Traces the displaced binding for a collector, if there is one, as
    /// [`ContextState::trace`](crate::engine::ContextState::trace) does.
    pub fn trace(&self, trace: &mut TraceBindings<'_, D>) {
        if let Old::Bound(entry) = &self.old {
            entry.trace(trace);
        }
    }

    /// Returns the handle of the variable that this token itself owns: there is one only if the
    /// variable was not bound. Otherwise the displaced binding holds the handle.
    pub fn own_var(&self) -> Option<&D::Var> {
        match &self.old {
            Old::Bound(_) => None,
            Old::Unbound(var) => Some(var),
        }
    }

    /// Returns `true` if the token has been used.
    pub fn is_used(&self) -> bool {
        // Acquire pairs with the Release in `restore`, for threads that have not entered the
        // context.
        self.used.load(Ordering::Acquire)
    }

    /// Restores the binding that `var` had in the thread's current context before the
    /// set: CPython 3.14's `PyContextVar_Reset`. O(log n).
    ///
    /// The token is marked as used first. If two threads use one token at the same
    /// time, exactly one of them restores the binding.
    ///
    /// # Errors
    ///
    /// Returns the first variant of [`NotRestored`] that applies, in the order of their
    /// declaration. After [`NotRestored::Refused`] nothing is changed, and
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
        // The check of `used` above and this store are not one atomic operation. Yet of two
        // threads only one gets here: this thread has had the claim of the context since before
        // the check, and a thread that used the token before has released the claim.
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
