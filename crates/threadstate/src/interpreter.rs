//! The state that the threads of one interpreter share.

use crate::watch::Watchers;
use crate::{Stack, WatcherError, WatcherId};
use std::fmt;

/// One interpreter: the owner of the watchers that its threads notify of
/// switches.
pub struct Interpreter<S: Stack> {
    pub(crate) watchers: Watchers<S>,
}

impl<S: Stack> Interpreter<S> {
    /// Creates an interpreter without watchers.
    pub fn new() -> Self {
        Interpreter {
            watchers: Watchers::new(),
        }
    }

    /// Adds a watcher under the lowest free id of eight and returns the id:
    /// CPython 3.14's `PyContext_AddWatcher`.
    ///
    /// After this has returned, the watcher is notified of every switch of every
    /// thread, with one exception. While a watcher runs on a thread, switches on
    /// that thread notify only the watchers with other ids.
    ///
    /// # Errors
    ///
    /// [`WatcherError::Full`] if there are eight.
    pub fn add_watcher(&self, watcher: S::Watcher) -> Result<WatcherId, WatcherError> {
        self.watchers.add(watcher)
    }

    /// Removes the watcher with this id and returns it: CPython 3.14's
    /// `PyContext_ClearWatcher`.
    ///
    /// A switch that begins after this has returned does not call the watcher. A
    /// switch that is under way on another thread meanwhile may still call it, also
    /// after this has returned.
    ///
    /// # Errors
    ///
    /// [`WatcherError::NotSet`] if no watcher has the id.
    pub fn clear_watcher(&self, id: WatcherId) -> Result<S::Watcher, WatcherError> {
        self.watchers.clear(id)
    }
}

impl<S: Stack> Default for Interpreter<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Stack> fmt::Debug for Interpreter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interpreter").finish_non_exhaustive()
    }
}
