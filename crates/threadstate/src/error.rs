//! What can be refused, with the object that was refused inside.

use std::fmt;
use thiserror::Error;

/// The context is held already: entered, or the base of a thread.
///
/// Gives the context back.
#[derive(Error)]
#[error("the context is already entered, or is a thread's base context")]
pub struct AlreadyEntered<C>(pub C);

/// Why a context could not be left.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ExitError {
    /// Nobody has entered it.
    #[error("the context has not been entered")]
    NotEntered,
    /// It is entered, but another context is current on this thread.
    #[error("another context is current on this thread")]
    NotCurrent,
}

/// Why the base context of a thread could not be replaced.
///
/// Gives the new one back.
#[derive(Error)]
pub enum ReplaceError<C> {
    /// The thread has a context entered. Leave it first.
    #[error("the thread has a context entered; leave it before replacing the base")]
    Entered(Option<C>),
    /// The new context is entered, or is the base of a thread, this one or
    /// another.
    #[error("the new context is already entered, or is a thread's base context")]
    Held(C),
}

/// Why a watcher could not be added or cleared, in the words of CPython 3.14's
/// `PyContext_AddWatcher` and `PyContext_ClearWatcher`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum WatcherError {
    /// All eight places are taken.
    #[error("no more context watcher IDs available")]
    Full,
    /// No watcher can have this id.
    #[error("Invalid context watcher ID {0}")]
    Invalid(i32),
    /// Nobody watches under this id.
    #[error("No context watcher set for ID {0}")]
    NotSet(i32),
}

// The contexts inside belong to a host and may not be printable without it.
impl<C> fmt::Debug for AlreadyEntered<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlreadyEntered(..)")
    }
}

impl<C> fmt::Debug for ReplaceError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReplaceError::Entered(_) => "Entered(..)",
            ReplaceError::Held(_) => "Held(..)",
        })
    }
}
