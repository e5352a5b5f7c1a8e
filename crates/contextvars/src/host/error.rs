//! The error of this layer, and the exceptions with CPython's texts that it becomes.

use crate::host::ContextHost;
use pyobj::ExceptionKind::{KeyError, LookupError, RuntimeError, TypeError, ValueError};
use pyobj::{Failure, Handle, Host};
use std::fmt;
use threadstate::{ExitError, RunError, WatcherError};

/// Why an operation on variables, contexts and tokens failed.
///
/// Its `Display` names no object. The text of CPython has the `repr` of objects, which needs
/// the host and can fail: see [`raise`](Error::raise).
#[non_exhaustive]
pub enum Error<H: ContextHost> {
    /// The variable has no value here and no default: `LookupError(var)`.
    Unset(H::Var),
    /// The context does not bind the variable: `KeyError(var)`.
    NotBound(H::Var),
    /// A key for a context is not a variable.
    KeyExpected(H::Value),
    /// A variable's name is not a `str`.
    NameExpected,
    /// The argument of a reset is not a token.
    TokenExpected(H::Value),
    /// The context has already been entered, or is the base of a thread.
    AlreadyEntered(H::Context),
    /// The context to be left has not been entered.
    NotEntered(H::Context),
    /// The context to be left is not the current one.
    NotCurrent,
    /// At the end of a scope, the context in which it began is not current.
    ScopeLeft(H::Var),
    /// The token has been used before.
    TokenUsed(H::Token),
    /// The token belongs to another variable.
    TokenOfOtherVariable(H::Token),
    /// The token belongs to another context.
    TokenOfOtherContext(H::Token),
    /// A watcher could not be added or cleared.
    Watcher(WatcherError),
    /// The host failed, in `==`, `hash`, a call or an allocation.
    Host(H::Error),
}

impl<H: ContextHost> Error<H> {
    /// Creates the host's exception, with the text of CPython 3.14.
    ///
    /// If the `repr` of an object in the text fails, returns that exception
    /// instead, as CPython does.
    pub fn raise(self, vm: H::Vm<'_>) -> H::Error {
        match self.failure(vm) {
            Ok(failure) => H::raise(vm, failure),
            Err(error) => error,
        }
    }

    fn failure(self, vm: H::Vm<'_>) -> Result<Failure<H>, H::Error> {
        let text = |kind, message: String| Ok(Failure::text(kind, message));
        match self {
            Error::Unset(var) => Ok(Failure::object(LookupError, var.to_value(vm))),
            Error::NotBound(var) => Ok(Failure::object(KeyError, var.to_value(vm))),
            Error::KeyExpected(key) => {
                let key = H::repr(vm, &key)?;
                text(
                    TypeError,
                    format!("a ContextVar key was expected, got {key}"),
                )
            }
            Error::NameExpected => {
                text(TypeError, "context variable name must be a str".to_owned())
            }
            Error::TokenExpected(value) => {
                let value = H::repr(vm, &value)?;
                text(
                    TypeError,
                    format!("expected an instance of Token, got {value}"),
                )
            }
            Error::AlreadyEntered(context) => {
                let context = repr::<H, _>(vm, &context)?;
                text(
                    RuntimeError,
                    format!("cannot enter context: {context} is already entered"),
                )
            }
            Error::NotEntered(context) => {
                let context = repr::<H, _>(vm, &context)?;
                text(
                    RuntimeError,
                    format!("cannot exit context: {context} has not been entered"),
                )
            }
            Error::NotCurrent => text(
                RuntimeError,
                "cannot exit context: thread state references a different context object"
                    .to_owned(),
            ),
            Error::ScopeLeft(var) => {
                let var = repr::<H, _>(vm, &var)?;
                text(
                    RuntimeError,
                    format!(
                        "cannot restore {var}: the context it was set in is not current; \
                         leave every context in the scope that entered it"
                    ),
                )
            }
            Error::TokenUsed(token) => {
                let token = repr::<H, _>(vm, &token)?;
                text(RuntimeError, format!("{token} has already been used once"))
            }
            Error::TokenOfOtherVariable(token) => {
                let token = repr::<H, _>(vm, &token)?;
                text(
                    ValueError,
                    format!("{token} was created by a different ContextVar"),
                )
            }
            Error::TokenOfOtherContext(token) => {
                let token = repr::<H, _>(vm, &token)?;
                text(
                    ValueError,
                    format!("{token} was created in a different Context"),
                )
            }
            Error::Watcher(error) => {
                let kind = match error {
                    WatcherError::Full => RuntimeError,
                    _ => ValueError,
                };
                text(kind, error.to_string())
            }
            Error::Host(error) => Err(error),
        }
    }

    /// Adds the context to an error of [`Thread::run`](threadstate::Thread::run).
    #[cold]
    pub(crate) fn from_run(error: RunError, vm: H::Vm<'_>, context: &H::Context) -> Self {
        match error {
            RunError::AlreadyEntered => Error::AlreadyEntered(context.clone_in(vm)),
            RunError::Exit(error) => Self::from_exit(error, vm, context),
        }
    }

    /// Adds the context to an error of [`Thread::exit`](threadstate::Thread::exit).
    #[cold]
    pub(crate) fn from_exit(error: ExitError, vm: H::Vm<'_>, context: &H::Context) -> Self {
        match error {
            ExitError::NotEntered => Error::NotEntered(context.clone_in(vm)),
            ExitError::NotCurrent => Error::NotCurrent,
        }
    }
}

/// Returns the host's `repr` of an object.
fn repr<H: Host, T: Handle<H>>(vm: H::Vm<'_>, object: &T) -> Result<String, H::Error> {
    H::repr(vm, &object.to_value(vm))
}

impl<H: ContextHost> fmt::Display for Error<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Unset(_) => "the variable has no value here and no default",
            Error::NotBound(_) => "the context does not bind the variable",
            Error::KeyExpected(_) => "the key is not a context variable",
            Error::NameExpected => "the name of a context variable must be a str",
            Error::TokenExpected(_) => "the argument is not a token",
            Error::AlreadyEntered(_) => {
                "the context is already entered, or is a thread's base context"
            }
            Error::NotEntered(_) => "the context has not been entered",
            Error::NotCurrent => "another context is current on this thread",
            Error::ScopeLeft(_) => "the context in which the scope began is not current",
            Error::TokenUsed(_) => "the token has already been used",
            Error::TokenOfOtherVariable(_) => "the token belongs to another variable",
            Error::TokenOfOtherContext(_) => "the token belongs to another context",
            Error::Watcher(error) => return fmt::Display::fmt(error, f),
            Error::Host(_) => "the host raised an exception",
        })
    }
}

impl<H: ContextHost> std::error::Error for Error<H> {}

impl<H: ContextHost> From<WatcherError> for Error<H> {
    fn from(error: WatcherError) -> Self {
        Error::Watcher(error)
    }
}

// Not derived: a host's objects have no `Debug`.
impl<H: ContextHost> fmt::Debug for Error<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Unset(_) => "Unset(..)",
            Error::NotBound(_) => "NotBound(..)",
            Error::KeyExpected(_) => "KeyExpected(..)",
            Error::NameExpected => "NameExpected",
            Error::TokenExpected(_) => "TokenExpected(..)",
            Error::AlreadyEntered(_) => "AlreadyEntered(..)",
            Error::NotEntered(_) => "NotEntered(..)",
            Error::NotCurrent => "NotCurrent",
            Error::ScopeLeft(_) => "ScopeLeft(..)",
            Error::TokenUsed(_) => "TokenUsed(..)",
            Error::TokenOfOtherVariable(_) => "TokenOfOtherVariable(..)",
            Error::TokenOfOtherContext(_) => "TokenOfOtherContext(..)",
            Error::Watcher(_) => "Watcher(..)",
            Error::Host(_) => "Host(..)",
        })
    }
}
