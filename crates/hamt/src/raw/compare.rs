//! Comparing versions: subtrees that two maps share are skipped.

use alloc::vec::Vec;

use super::RawHamt;
use crate::{
    Leaf,
    kind::{ArcKind, PointerKind},
    node::{Node, View},
};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Calls `visit` with the entries of this map that are not in a subtree that
    /// `other` shares: all that `other` does not have or has with another value,
    /// and perhaps more. Costs the number of differences times the depth: for each
    /// branch, 32 comparisons of pointers.
    ///
    /// # Errors
    ///
    /// Stops at the first error of `visit` and returns it.
    pub(crate) fn unshared<'a, E>(
        &'a self,
        other: &Self,
        visit: &mut impl FnMut(&'a Leaf<K, V, P>) -> Result<(), E>,
    ) -> Result<(), E> {
        let other = other.root.as_ref();
        self.root
            .iter()
            .try_for_each(|root| root.unshared(other, visit))
    }

    /// Returns `true` if `holds` returns `true` for each of the entries that
    /// [`unshared`](Self::unshared) visits. Stops at the first for which it does not.
    ///
    /// # Errors
    ///
    /// Returns the error of `holds`.
    pub(crate) fn all_unshared<'a, E>(
        &'a self,
        other: &Self,
        mut holds: impl FnMut(&'a Leaf<K, V, P>) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let all = self.unshared(other, &mut |leaf| match holds(leaf) {
            Ok(true) => Ok(()),
            stop => Err(stop),
        });
        all.map_or_else(|stop| stop, |()| Ok(true))
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    fn unshared<'a, E>(
        &'a self,
        other: Option<&Self>,
        visit: &mut impl FnMut(&'a Leaf<K, V, P>) -> Result<(), E>,
    ) -> Result<(), E> {
        if other.is_some_and(|other| other.ptr_eq(self)) {
            return Ok(());
        }
        match self.view() {
            View::Leaf(entry) => visit(entry),
            View::Collision(leaves) => leaves.iter().try_for_each(visit),
            View::Branch(table) | View::Bucket(table) => {
                // A copy has its children in the same slots.
                let others = other.and_then(|other| match (self.view(), other.view()) {
                    (View::Branch(_), View::Branch(other))
                    | (View::Bucket(_), View::Bucket(other)) => Some(other),
                    _ => None,
                });
                for (slot, child) in table.iter() {
                    child.unshared(others.and_then(|other| other.child(slot)), visit)?;
                }
                Ok(())
            }
        }
    }
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Returns `true` if two maps have equal keys with equal values, as CPython
    /// 3.14's `_PyHamt_Eq` does. O(1) for one version or different lengths. For
    /// versions with a common ancestor it costs the number of differences,
    /// otherwise a lookup for each entry.
    ///
    /// An entry that both maps share is equal without a call, as CPython compares
    /// identity first. Otherwise `keys` is called with a key of this map and one
    /// of the other with the same hash, and `values` with the two values of equal
    /// keys, this map's first.
    ///
    /// # Errors
    ///
    /// Returns the error of `keys` or `values`.
    pub fn eq_by<E>(
        &self,
        other: &Self,
        mut keys: impl FnMut(&K, &K) -> Result<bool, E>,
        mut values: impl FnMut(&V, &V) -> Result<bool, E>,
    ) -> Result<bool, E> {
        if self.len() != other.len() {
            return Ok(false);
        }
        if self.ptr_eq(other) {
            return Ok(true);
        }
        // The lengths are equal, so it suffices to find all of this map's entries in the other.
        self.all_unshared(other, |entry| {
            let same =
                |found: &Leaf<K, V, P>| Ok(found.ptr_eq(entry) || keys(entry.key(), found.key())?);
            match other.locate(entry.hash(), same)? {
                Some((_, found)) => {
                    Ok(found.ptr_eq(entry) || values(entry.value(), found.value())?)
                }
                None => Ok(false),
            }
        })
    }
}

/// The difference between the entries of one key in two maps. Returned by
/// [`RawHamt::diff`] and [`Hamt::diff`](crate::Hamt::diff). Exhaustive: no
/// other difference exists.
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
