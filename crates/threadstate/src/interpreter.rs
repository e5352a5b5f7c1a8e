//! What the threads of one interpreter share.

use crate::watch::Watchers;
use crate::{Stack, WatcherError};

/// One interpreter: the owner of the watchers that its threads tell of
/// switches.
pub struct Interpreter<S: Stack> {
    pub(crate) watchers: Watchers<S>,
}

impl<S: Stack> Interpreter<S> {
    /// Makes an interpreter that nobody watches.
    pub fn new() -> Self {
        Interpreter {
            watchers: Watchers::new(),
        }
    }

    /// Adds a watcher under the lowest free id of eight and gives the id:
    /// CPython 3.14's `PyContext_AddWatcher`.
    ///
    /// Once this has returned, no later switch of any thread is missed, with
    /// one exception: while a watcher runs on a thread, whoever has its id is
    /// not told of what it switches there itself. The others are.
    ///
    /// # Errors
    ///
    /// [`WatcherError::Full`] when there are eight.
    pub fn add_watcher(&self, watcher: S::Watcher) -> Result<i32, WatcherError> {
        self.watchers.add(watcher)
    }

    /// Removes the watcher with this id and gives it back: CPython 3.14's
    /// `PyContext_ClearWatcher`.
    ///
    /// A switch that begins after this has returned does not call the watcher. A
    /// switch that is under way on another thread meanwhile may still call it, also
    /// after this has returned.
    ///
    /// # Errors
    ///
    /// [`WatcherError::Invalid`] for an id below 0 or above 7,
    /// [`WatcherError::NotSet`] where nobody watches under this id.
    pub fn clear_watcher(&self, id: i32) -> Result<S::Watcher, WatcherError> {
        self.watchers.clear(id)
    }
}

impl<S: Stack> Default for Interpreter<S> {
    fn default() -> Self {
        Self::new()
    }
}
