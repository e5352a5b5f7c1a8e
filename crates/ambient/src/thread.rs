//! Threads of the standard library that inherit the current context.

use crate::inherit::inherit;
use std::io;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

/// Spawns a thread that [inherits](crate::inherit()): see [`std::thread::spawn`].
///
/// ```
/// use ambient::Var;
///
/// static ID: Var<u64> = Var::new("id");
///
/// let thread = ID.scoped(7, || ambient::thread::spawn(|| ID.get()));
/// assert_eq!(thread.join().unwrap(), Some(7));
/// ```
///
/// # Panics
///
/// If the operating system fails to create a thread ([`spawn_with`] returns an error
/// instead); if a [hook](crate::Var::on_inherit) panics.
pub fn spawn<T, F>(body: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    std::thread::spawn(inherit(body))
}

/// As [`spawn`], for a thread with a name or a stack size.
///
/// # Errors
///
/// If the operating system fails to create a thread.
///
/// # Panics
///
/// If a hook panics.
pub fn spawn_with<T, F>(builder: Builder, body: F) -> io::Result<JoinHandle<T>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    builder.spawn(inherit(body))
}

/// As [`spawn`], for a thread that may borrow: see [`std::thread::scope`].
///
/// # Panics
///
/// If the operating system fails to create a thread; if a hook panics.
pub fn spawn_scoped<'scope, T, F>(
    scope: &'scope Scope<'scope, '_>,
    body: F,
) -> ScopedJoinHandle<'scope, T>
where
    F: FnOnce() -> T + Send + 'scope,
    T: Send + 'scope,
{
    scope.spawn(inherit(body))
}
