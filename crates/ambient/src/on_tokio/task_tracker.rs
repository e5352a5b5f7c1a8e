//! Tasks of tokio-util's `TaskTracker` that inherit the current context.

use crate::in_context::ContextExt;
use crate::inherit::inherit;
use std::future::Future;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

/// Variants of [`TaskTracker`]'s methods whose tasks inherit.
///
/// Each panics where the method without `_inherit` in its name does, and if a
/// [hook](crate::Var::on_inherit) panics.
pub trait TaskTrackerExt {
    /// Spawns a task: see [`TaskTracker::spawn`].
    #[track_caller]
    fn spawn_inherit<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Spawns a task that stays on this thread: see [`TaskTracker::spawn_local`].
    #[track_caller]
    fn spawn_local_inherit<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Spawns a closure that may block: see [`TaskTracker::spawn_blocking`].
    #[track_caller]
    fn spawn_blocking_inherit<R, F>(&self, body: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static;
}

impl TaskTrackerExt for TaskTracker {
    fn spawn_inherit<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn(future.inherit())
    }

    fn spawn_local_inherit<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local(future.inherit())
    }

    fn spawn_blocking_inherit<R, F>(&self, body: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.spawn_blocking(inherit(body))
    }
}
