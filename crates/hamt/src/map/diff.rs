//! What one map has and another has not.

use alloc::vec::Vec;
use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{kind::InfallibleKind, raw::Difference};

impl<K: Hash + Eq, V: PartialEq, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns in what `newer` differs from this map, in no particular order:
    /// keys added, removed, and bound to another value.
    ///
    /// Costs what the two differ in, times the depth, if one was made from the
    /// other or both from a third; a lookup for each entry otherwise. The two
    /// must hash alike, as a map and its clones do; where they do not, a key may
    /// be reported both removed and added.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Hamt, raw::Difference};
    ///
    /// let old = Hamt::from([("a", 1), ("b", 2)]);
    /// let mut new = old.clone();
    /// new.insert("b", 3);
    /// let differences = old.diff(&new);
    /// assert!(matches!(
    ///     differences[..],
    ///     [Difference::Changed { old, new }] if (*old.value(), *new.value()) == (2, 3)
    /// ));
    /// ```
    pub fn diff<'a>(&'a self, newer: &'a Self) -> Vec<Difference<'a, K, V, P>> {
        let Ok(mut differences) = self
            .raw
            .diff(&newer.raw, |a, b| Ok::<_, Infallible>(a == b));
        differences.retain(|difference| match difference {
            Difference::Changed { old, new } => old.value() != new.value(),
            Difference::Added(_) | Difference::Removed(_) => true,
        });
        differences
    }
}
