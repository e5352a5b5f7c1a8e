//! Work on rayon's pools that inherits.

use crate::Context;
use crate::inherit::inherit;
use rayon::iter::{Map, ParallelIterator};

/// Spawns a closure that [inherits](crate::inherit()): see [`rayon::spawn`].
pub fn spawn(body: impl FnOnce() + Send + 'static) {
    rayon::spawn(inherit(body));
}

/// Runs two closures that inherit, perhaps at the same time: see [`rayon::join`].
///
/// ```
/// use ambient::Var;
///
/// static ID: Var<u64> = Var::new("id");
///
/// ID.set(7);
/// assert_eq!(ambient::rayon::join(|| ID.get(), || ID.get()), (Some(7), Some(7)));
/// ```
pub fn join<A, B>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B)
where
    A: Send,
    B: Send,
{
    rayon::join(inherit(a), inherit(b))
}

/// What every parallel iterator can do.
pub trait ParallelIteratorExt: ParallelIterator {
    /// Maps each item in a context of its own, which inherits what is now current.
    /// One allocation for each.
    ///
    /// ```
    /// use ambient::{Var, rayon::ParallelIteratorExt};
    /// use rayon::prelude::*;
    ///
    /// static FACTOR: Var<u64> = Var::new("factor");
    ///
    /// FACTOR.set(2);
    /// let sum: u64 = (0..100_u64)
    ///     .into_par_iter()
    ///     .inherit_map(|n| n * FACTOR.get().unwrap_or(0))
    ///     .sum();
    /// assert_eq!(sum, 9_900);
    /// ```
    fn inherit_map<R, F>(self, map: F) -> Map<Self, impl Fn(Self::Item) -> R + Sync + Send>
    where
        F: Fn(Self::Item) -> R + Sync + Send,
        R: Send,
    {
        let context = Context::inherited();
        self.map(move |item| context.copy().run(|| map(item)))
    }
}

impl<I: ParallelIterator> ParallelIteratorExt for I {}
