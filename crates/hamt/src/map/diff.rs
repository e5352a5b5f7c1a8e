//! The differences between two maps.

use alloc::vec::Vec;
use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{Difference, kind::InfallibleKind};

impl<K: Hash + Eq, V: PartialEq, S: BuildHasher, P: InfallibleKind> Hamt<K, V, S, P> {
    /// Returns the differences of `newer` from this map, in no particular order:
    /// keys added, removed, and with another value.
    ///
    /// Costs the number of differences times the depth if the two have a common
    /// ancestor, or one is the other's; otherwise a lookup for each entry. The two
    /// must hash keys equally, as a map and its clones do. If they do not, a key
    /// may be reported both as removed and as added.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Difference, Hamt};
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
