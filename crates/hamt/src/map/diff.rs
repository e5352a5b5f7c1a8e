//! The differences between two maps.

use alloc::vec::Vec;
use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{
    Leaf,
    kind::{ArcKind, InfallibleKind, PointerKind},
    raw::RawHamt,
};

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
    /// use hamt::{Hamt, map::Difference};
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

/// The difference between the entries of one key in two maps. Returned by
/// [`Hamt::diff`].
#[derive(Debug)]
pub enum Difference<'a, K, V, P: PointerKind = ArcKind> {
    /// Only the newer map has the key.
    Added(&'a Leaf<K, V, P>),
    /// Only the older map has the key.
    Removed(&'a Leaf<K, V, P>),
    /// Both have it, in different leaves.
    Changed {
        /// The older map's entry.
        old: &'a Leaf<K, V, P>,
        /// The newer map's entry.
        new: &'a Leaf<K, V, P>,
    },
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Returns the differences of `newer` from this map, in no particular order.
    ///
    /// `keys` is called with a key of this map and one of the other with the
    /// same hash. Values are not compared: an entry that both maps share is
    /// skipped, one that was replaced is [`Difference::Changed`].
    ///
    /// Costs the number of differences times the depth if the two have a common
    /// ancestor, or one is the other's; otherwise a lookup for each entry.
    ///
    /// # Errors
    ///
    /// Returns the error of `keys`.
    pub fn diff<'a, E>(
        &'a self,
        newer: &'a Self,
        mut keys: impl FnMut(&K, &K) -> Result<bool, E>,
    ) -> Result<Vec<Difference<'a, K, V, P>>, E> {
        let mut differences = Vec::new();
        self.unshared(newer, &mut |old| {
            let found = newer.locate(old.hash(), |new| {
                Ok(new.ptr_eq(old) || keys(old.key(), new.key())?)
            })?;
            match found {
                None => differences.push(Difference::Removed(old)),
                Some((_, new)) if !new.ptr_eq(old) => {
                    differences.push(Difference::Changed { old, new });
                }
                Some(_) => {}
            }
            Ok(())
        })?;
        newer.unshared(self, &mut |new| {
            let found = self.locate(new.hash(), |old| {
                Ok(old.ptr_eq(new) || keys(old.key(), new.key())?)
            })?;
            if found.is_none() {
                differences.push(Difference::Added(new));
            }
            Ok(())
        })?;
        Ok(differences)
    }
}
