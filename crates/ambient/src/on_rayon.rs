//! Jobs on rayon's pools that inherit the current context.
//!
//! A worker that waits runs other jobs meanwhile. While one of these functions waits, no
//! context is current on its thread (see [`without_context`]): a job that is not wrapped
//! sees no values of the code that waits.

mod inherit_each;
mod scope;

pub use inherit_each::{InheritEach, ParallelIteratorExt};
pub use scope::{Scope, in_place_scope, scope};

use crate::inherit::inherit;
use crate::without_context;
use rayon::ThreadPool;

/// Spawns a closure that [inherits](crate::inherit()): see [`rayon::spawn`].
///
/// # Panics
///
/// If a [hook](crate::Var::on_inherit) panics; so do the other functions here.
pub fn spawn(body: impl FnOnce() + Send + 'static) {
    rayon::spawn(inherit(body));
}

/// Calls two closures that inherit, possibly in parallel: see [`rayon::join`].
///
/// ```
/// use ambient::Var;
///
/// static ID: Var<u64> = Var::new("id");
///
/// ID.scoped(7, || {
///     assert_eq!(ambient::on_rayon::join(|| ID.get(), || ID.get()), (Some(7), Some(7)));
/// });
/// ```
///
/// # Panics
///
/// If one of the closures panics.
pub fn join<A, B>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B)
where
    A: Send,
    B: Send,
{
    let (a, b) = (inherit(a), inherit(b));
    without_context(|| rayon::join(a, b))
}

/// Calls a closure that inherits in a pool: see [`ThreadPool::install`].
///
/// ```
/// use ambient::Var;
///
/// static ID: Var<u64> = Var::new("id");
///
/// let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
/// ID.scoped(7, || {
///     assert_eq!(ambient::on_rayon::install(&pool, || ID.get()), Some(7));
/// });
/// # Ok::<(), rayon::ThreadPoolBuildError>(())
/// ```
///
/// # Panics
///
/// If `body` panics.
pub fn install<R: Send>(pool: &ThreadPool, body: impl FnOnce() -> R + Send) -> R {
    let body = inherit(body);
    without_context(|| pool.install(body))
}
