//! Tasks of tokio that inherit the current context.
//!
//! For any other way of spawning, wrap the future with
//! [`inherit`](crate::ContextExt::inherit).

#[cfg(feature = "tokio-util")]
mod task_tracker;

#[cfg(feature = "tokio-util")]
pub use task_tracker::TaskTrackerExt;

use crate::in_context::ContextExt;
use crate::inherit::inherit;
use std::future::Future;
use tokio::task::{self, AbortHandle, JoinHandle, JoinSet};

/// Spawns a task that [inherits](ContextExt::inherit): see [`tokio::spawn`](task::spawn).
///
/// ```
/// use ambient::Var;
///
/// static ID: Var<u64> = Var::new("id");
///
/// # #[tokio::main]
/// # async fn main() {
/// let parent = ID.scoped_future(7, async {
///     ambient::on_tokio::spawn(async { ID.get() }).await.unwrap()
/// });
/// assert_eq!(parent.await, Some(7));
/// # }
/// ```
///
/// # Panics
///
/// Outside a runtime of tokio; if a [hook](crate::Var::on_inherit) panics.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    task::spawn(future.inherit())
}

/// Spawns a task that inherits and stays on this thread: see [`task::spawn_local`].
///
/// # Panics
///
/// Outside a [`LocalSet`](task::LocalSet); if a hook panics.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    task::spawn_local(future.inherit())
}

/// Spawns a closure that inherits and may block: see [`task::spawn_blocking`].
///
/// # Panics
///
/// Outside a runtime of tokio; if a hook panics.
#[track_caller]
pub fn spawn_blocking<R, F>(body: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    task::spawn_blocking(inherit(body))
}

/// Variants of [`JoinSet`]'s methods whose tasks inherit.
///
/// ```
/// use ambient::Var;
/// use ambient::on_tokio::JoinSetExt;
/// use tokio::task::JoinSet;
///
/// static ID: Var<u64> = Var::new("id");
///
/// # #[tokio::main]
/// # async fn main() {
/// let parent = ID.scoped_future(7, async {
///     let mut tasks = JoinSet::new();
///     tasks.spawn_inherit(async { ID.get() });
///     tasks.spawn_blocking_inherit(|| ID.get());
///     tasks.join_all().await
/// });
/// assert_eq!(parent.await, [Some(7), Some(7)]);
/// # }
/// ```
///
/// Each panics where the method without `_inherit` in its name does, and if a
/// [hook](crate::Var::on_inherit) panics.
pub trait JoinSetExt<R> {
    /// Spawns a task: see [`JoinSet::spawn`].
    #[track_caller]
    fn spawn_inherit<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = R> + Send + 'static,
        R: Send;

    /// Spawns a task that stays on this thread: see [`JoinSet::spawn_local`].
    #[track_caller]
    fn spawn_local_inherit<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = R> + 'static;

    /// Spawns a closure that may block: see [`JoinSet::spawn_blocking`].
    #[track_caller]
    fn spawn_blocking_inherit<F>(&mut self, body: F) -> AbortHandle
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send;
}

impl<R: 'static> JoinSetExt<R> for JoinSet<R> {
    fn spawn_inherit<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = R> + Send + 'static,
        R: Send,
    {
        self.spawn(future.inherit())
    }

    fn spawn_local_inherit<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = R> + 'static,
    {
        self.spawn_local(future.inherit())
    }

    fn spawn_blocking_inherit<F>(&mut self, body: F) -> AbortHandle
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send,
    {
        self.spawn_blocking(inherit(body))
    }
}
