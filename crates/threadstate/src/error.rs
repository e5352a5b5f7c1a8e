//! Errors of the operations on a thread's stack. A refused context is returned in the
//! error.

use crate::WatcherId;
use std::error::Error;
use std::fmt;

/// The context is held already: entered, or the base of a thread.
///
/// Returns the context to the caller.
pub struct AlreadyEntered<C>(pub C);

/// Why a context could not be left.
///
/// Exhaustive: a host translates each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitError {
    /// No thread has entered it.
    NotEntered,
    /// It is entered, but another context is current on this thread.
    NotCurrent,
}

/// Why the base context of a thread could not be replaced.
///
/// Returns the new one to the caller.
///
/// Exhaustive: a host translates each case.
pub enum ReplaceError<C> {
    /// The thread has a context entered. Leave it first.
    Entered(Option<C>),
    /// The new context is entered, or is the base of a thread: this one or
    /// another.
    Held(C),
}

/// Why contexts could not be suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SuspendError {
    /// The mark is another thread's, or its context is not on the stack any more.
    NotFound,
    /// A call of [`Thread::run`](crate::Thread::run) has borrowed its caller's handle for the
    /// stack, without counting it. Families with
    /// [`Stack::RUN_COUNTS`](crate::Stack::RUN_COUNTS) count it.
    Borrowed,
    /// The call is inside [`Thread::with_current`](crate::Thread::with_current) or
    /// [`for_each_context`](crate::Thread::for_each_context).
    InUse,
}

/// Why a watcher could not be added or cleared, in the words of CPython 3.14's
/// `PyContext_AddWatcher` and `PyContext_ClearWatcher`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WatcherError {
    /// All eight places are taken.
    Full,
    /// No watcher can have this number as its id.
    Invalid(i32),
    /// No watcher has this id.
    NotSet(WatcherId),
}

impl<C> Error for AlreadyEntered<C> {}
impl Error for ExitError {}
impl<C> Error for ReplaceError<C> {}
impl Error for SuspendError {}
impl Error for WatcherError {}

impl<C> fmt::Display for AlreadyEntered<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the context is already entered, or is a thread's base context")
    }
}

impl fmt::Display for ExitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ExitError::NotEntered => "the context has not been entered",
            ExitError::NotCurrent => "another context is current on this thread",
        })
    }
}

impl<C> fmt::Display for ReplaceError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReplaceError::Entered(_) => {
                "the thread has a context entered; leave it before replacing the base"
            }
            ReplaceError::Held(_) => {
                "the new context is already entered, or is a thread's base context"
            }
        })
    }
}

impl fmt::Display for SuspendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SuspendError::NotFound => "the mark is not on this thread's stack",
            SuspendError::Borrowed => {
                "a call of `run` borrows its context from its caller, and cannot be suspended"
            }
            SuspendError::InUse => "code that may only look at the current context is under way",
        })
    }
}

impl fmt::Display for WatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WatcherError::Full => f.write_str("no more context watcher IDs available"),
            WatcherError::Invalid(id) => write!(f, "Invalid context watcher ID {id}"),
            WatcherError::NotSet(id) => write!(f, "No context watcher set for ID {id}"),
        }
    }
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
