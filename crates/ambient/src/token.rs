//! [`Token`]: restores the value that a `set` replaced. [`ContextId`], the id of a context.

use crate::domain::{self, Ambient, with_thread};
use crate::meta::Meta;
use contextvars::engine::{NotRestored, TokenState};

pub use contextvars::engine::ContextId;
use std::fmt;
use std::marker::PhantomData;

/// Restores the value that a [`Var::set`](crate::Var::set) replaced. Dropping a token
/// restores nothing.
///
/// A token is consumed by its use and knows its variable. So [`reset`](Self::reset) fails in
/// one case only: another context is current.
pub struct Token<T> {
    state: TokenState<Ambient>,
    of: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Token<T> {
    #[inline]
    pub(crate) fn new(state: TokenState<Ambient>) -> Self {
        Token {
            state,
            of: PhantomData,
        }
    }

    /// Restores the value that the variable had before the set, or unsets it if it had none.
    /// O(log n).
    ///
    /// ```
    /// use ambient::{Context, Var};
    ///
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// Context::new().run(|| {
    ///     let outer = USER.set("ada");
    ///     let inner = USER.set("grace");
    ///     inner.reset()?;
    ///     assert_eq!(USER.get(), Some("ada"));
    ///     outer.reset()?;
    ///     assert_eq!(USER.get(), None);
    ///     # Ok::<(), ambient::ResetError<&str>>(())
    /// })?;
    /// # Ok::<(), ambient::ResetError<&str>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ResetError`] if the current context is not the one that the variable was set in.
    /// Nothing is changed then; the error holds the token.
    pub fn reset(self) -> Result<(), ResetError<T>> {
        let current = with_thread(
            |thread| match self.state.restore(thread, self.state.var()) {
                // The variable was not set before, and is not set now.
                Ok(()) | Err(NotRestored::Unbound) => Ok(()),
                Err(NotRestored::Used | NotRestored::OtherVariable) => Ok(()),
                Err(NotRestored::Refused(never)) => match never {},
                Err(NotRestored::OtherContext) => Err(domain::current(thread)),
            },
        );
        current.map_err(|current| ResetError {
            current,
            token: self,
        })
    }

    /// As [`reset`](Self::reset), but does nothing if another context is current. Returns
    /// `true` if the value was restored.
    ///
    /// Use it in code that may run in any context: a drop, or the end of a cancelled stream.
    /// A context that is not current needs no cleanup: its values are dropped with it.
    pub fn reset_if_current(self) -> bool {
        self.reset().is_ok()
    }

    /// Borrows the value that the set replaced.
    pub fn old(&self) -> Option<&T> {
        self.state.old_value().and_then(|value| value.downcast())
    }

    /// Returns the id of the context that the variable was set in.
    pub fn context(&self) -> ContextId {
        self.state.context()
    }

    fn meta(&self) -> &'static Meta {
        self.state.var()
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for Token<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token of `{}` in {}", self.meta().name, self.context())
    }
}

/// The error of using a token where its context is not the current one.
///
/// ```
/// use ambient::{Context, Var};
///
/// static USER: Var<&str> = Var::new("user");
///
/// Context::new().run(|| {
///     let token = USER.set("ada");
///     let error = Context::inherited().run(|| token.reset().unwrap_err());
///     assert_eq!(error.set_in(), error.token().context());
///     assert_ne!(error.current(), Some(error.set_in()));
///     println!("{error}");
///     // `user` was set in context 4097 and cannot be reset in context 4098
///
///     // The token can still be used in its context.
///     error.into_token().reset()
/// })?;
/// # Ok::<(), ambient::ResetError<&str>>(())
/// ```
pub struct ResetError<T> {
    token: Token<T>,
    current: Option<ContextId>,
}

impl<T: Send + Sync + 'static> ResetError<T> {
    /// Returns the id of the token's context.
    pub fn set_in(&self) -> ContextId {
        self.token.context()
    }

    /// Returns the id of the context that was current. Returns `None` if none was.
    pub fn current(&self) -> Option<ContextId> {
        self.current
    }

    /// Borrows the token.
    pub fn token(&self) -> &Token<T> {
        &self.token
    }

    /// Returns the token.
    pub fn into_token(self) -> Token<T> {
        self.token
    }
}

impl<T: Send + Sync + 'static> fmt::Display for ResetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, set_in) = (self.token.meta().name, self.set_in());
        write!(f, "`{name}` was set in {set_in} and cannot be reset in ")?;
        match self.current {
            Some(current) => write!(f, "{current}"),
            None => f.write_str("no context: none is current"),
        }
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for ResetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResetError({self})")
    }
}

impl<T: Send + Sync + 'static> std::error::Error for ResetError<T> {}
