//! Merging two versions with a common ancestor.

use core::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
};

use super::Hamt;
use crate::{Leaf, kind::InfallibleKind};

/// A key that two versions changed in different ways. [`Hamt::merge`] calls a closure with it.
///
/// A value is `None` where that version does not have the key.
#[derive(Debug)]
#[non_exhaustive]
pub struct Conflict<'a, K, V> {
    /// The key.
    pub key: &'a K,
    /// Its value in the common ancestor.
    pub base: Option<&'a V>,
    /// Its value in the map that `merge` was called on.
    pub ours: Option<&'a V>,
    /// Its value in the other map.
    pub theirs: Option<&'a V>,
}

impl<K, V> Clone for Conflict<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Conflict<'_, K, V> {}

impl<K, V, S, P> Hamt<K, V, S, P>
where
    K: Hash + Eq + Clone,
    V: PartialEq + Clone,
    S: BuildHasher + Clone,
    P: InfallibleKind,
{
    /// Returns this map with the changes that `theirs` made since `base`: keys added, removed
    /// and with another value.
    ///
    /// If this map changed the same key since `base`, with another result, `resolve` gets the
    /// three values and returns the one to insert; with `None` the key is removed. Values that
    /// are equal count as unchanged.
    ///
    /// Costs the number of differences of `theirs` from `base` times the depth if the two have a
    /// common ancestor, or one is the other's; otherwise a lookup for each entry of both. Clones
    /// keys and values only for conflicts, and if the maps hash a key differently.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Hamt;
    ///
    /// let base = Hamt::from([("colour", 1), ("pager", 2), ("editor", 3)]);
    /// let ours = base.inserted("colour", 10).without("pager");
    /// let theirs = base.inserted("colour", 5).inserted("tabs", 8).without("editor");
    ///
    /// let merged = ours.merge(&base, &theirs, |conflict| conflict.ours.max(conflict.theirs).copied());
    /// // What either removed stays removed.
    /// assert_eq!(merged, Hamt::from([("colour", 10), ("tabs", 8)]));
    /// ```
    #[must_use]
    pub fn merge(
        &self,
        base: &Self,
        theirs: &Self,
        mut resolve: impl FnMut(Conflict<'_, K, V>) -> Option<V>,
    ) -> Self {
        let mut merged = self.clone();
        let mut change = |key: &K, old: Option<&Leaf<K, V, P>>, new: Option<&Leaf<K, V, P>>| {
            let ours = self.find_map(key, |leaf| leaf);
            if is_same(old, new) || is_same(ours, new) {
                return;
            }
            if is_same(ours, old) {
                merged.bind_leaf(key, new);
                return;
            }
            let resolved = resolve(Conflict {
                key,
                base: old.map(Leaf::value),
                ours: ours.map(Leaf::value),
                theirs: new.map(Leaf::value),
            });
            match resolved {
                Some(value) => drop(merged.insert(key.clone(), value)),
                None => drop(merged.remove(key)),
            }
        };
        let Ok(()) = theirs.raw.unshared(&base.raw, &mut |new| {
            let key = new.key();
            change(key, base.find_map(key, |leaf| leaf), Some(new));
            Ok::<_, Infallible>(())
        });
        let Ok(()) = base.raw.unshared(&theirs.raw, &mut |old| {
            let key = old.key();
            if !theirs.contains_key(key) {
                change(key, Some(old), None);
            }
            Ok::<_, Infallible>(())
        });
        merged
    }

    /// Inserts the entry of another map's leaf, or removes the key.
    fn bind_leaf(&mut self, key: &K, leaf: Option<&Leaf<K, V, P>>) {
        let Some(leaf) = leaf else {
            self.remove(key);
            return;
        };
        let leaf = leaf.rehashed(self.hash(key));
        let Ok(_displaced) = self
            .raw
            .insert(leaf, |bound| Ok::<_, Infallible>(bound == key));
    }
}

/// Returns `true` if two versions have the same leaf or equal values of a key, or neither has it.
fn is_same<K, V: PartialEq, P: InfallibleKind>(
    a: Option<&Leaf<K, V, P>>,
    b: Option<&Leaf<K, V, P>>,
) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.ptr_eq(b) || a.value() == b.value(),
        (a, b) => a.is_none() && b.is_none(),
    }
}
