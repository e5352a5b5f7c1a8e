//! Tasks of tokio that inherit.
//!
//! What has no helper here takes any future with
//! [`inherit`](crate::FutureExt::inherit): `set.spawn(task.inherit())`.

use crate::future::FutureExt;
use crate::inherit::inherit;
use std::future::Future;
use tokio::task::{self, JoinHandle};

/// Spawns a task that [inherits](FutureExt::inherit): see [`tokio::spawn`](task::spawn).
///
/// ```
/// use ambient::Var;
///
/// static ID: Var<u64> = Var::new("id");
///
/// # #[tokio::main]
/// # async fn main() {
/// ID.set(7);
/// assert_eq!(ambient::tokio::spawn(async { ID.get() }).await.unwrap(), Some(7));
/// # }
/// ```
///
/// # Panics
///
/// Outside a runtime of tokio.
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
/// Outside a [`LocalSet`](task::LocalSet).
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    task::spawn_local(future.inherit())
}

/// Runs a closure that inherits where it may block: see [`task::spawn_blocking`].
///
/// # Panics
///
/// Outside a runtime of tokio.
#[track_caller]
pub fn spawn_blocking<R, F>(body: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    task::spawn_blocking(inherit(body))
}
