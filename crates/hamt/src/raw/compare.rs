//! Comparing versions: what two maps share is passed by.

use alloc::vec::Vec;

use super::RawHamt;
use crate::{
    Leaf,
    kind::{ArcKind, PointerKind},
    node::{Node, View},
};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Shows `visit` the entries of this map that are not in a part of the tree
    /// that `other` has too: all that `other` lacks or binds otherwise, and
    /// perhaps some more. Costs what the two differ in, times the depth: at each
    /// branch, 32 comparisons of pointers.
    ///
    /// # Errors
    ///
    /// Stops as `visit` fails.
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

    /// Returns `true` if `holds` does for each of these entries. Stops at the first for which it
    /// does not.
    ///
    /// # Errors
    ///
    /// Fails as `holds` fails.
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
                // A copy keeps the slots: what the other has in one is there.
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
    /// 3.14's `_PyHamt_Eq` does. O(1) for one version or different lengths;
    /// of versions with a common ancestor it costs what they differ in, otherwise a
    /// lookup for each entry.
    ///
    /// An entry that both maps share is equal to itself without asking, as
    /// CPython compares identity first. Otherwise `keys` is asked about a key of this
    /// map and one of the other with the same hash, and `values` about the two
    /// values of equal keys, this map's first.
    ///
    /// # Errors
    ///
    /// Fails as `keys` and `values` fail.
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
        // As many entries, so it is enough to find all of this map's in the other.
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

/// What one key is bound to in two maps. Returned by [`RawHamt::diff`].
#[derive(Debug)]
pub enum Difference<'a, K, V, P: PointerKind = ArcKind> {
    /// Only the newer map has the key.
    Added(&'a Leaf<K, V, P>),
    /// Only the older map has the key.
    Removed(&'a Leaf<K, V, P>),
    /// Both have it, in entries of their own.
    Changed {
        /// The older map's entry.
        old: &'a Leaf<K, V, P>,
        /// The newer map's entry.
        new: &'a Leaf<K, V, P>,
    },
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Returns in what `newer` differs from this map, in no particular order.
    ///
    /// `keys` is asked about a key of this map and one of the other with the
    /// same hash. Values are not compared: an entry that both maps share is
    /// passed by, one that was replaced is [`Difference::Changed`].
    ///
    /// Costs what the two differ in, times the depth, if one was made from the
    /// other or both from a third; a lookup for each entry otherwise.
    ///
    /// # Errors
    ///
    /// Fails as `keys` fails.
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
