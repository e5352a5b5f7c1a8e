use alloc::vec::Vec;

use super::RawHamt;
use crate::{
    Entry,
    kind::{ArcKind, PointerKind},
};

/// What one key is bound to in two maps. Returned by [`RawHamt::diff`].
pub enum Difference<'a, K, V, P: PointerKind = ArcKind> {
    /// Only the newer map has the key.
    Added(&'a Entry<K, V, P>),
    /// Only the older map has the key.
    Removed(&'a Entry<K, V, P>),
    /// Both have it, in entries of their own.
    Changed {
        /// The older map's entry.
        old: &'a Entry<K, V, P>,
        /// The newer map's entry.
        new: &'a Entry<K, V, P>,
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

impl<K: core::fmt::Debug, V: core::fmt::Debug, P: PointerKind> core::fmt::Debug
    for Difference<'_, K, V, P>
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Added(entry) => f.debug_tuple("Added").field(entry).finish(),
            Self::Removed(entry) => f.debug_tuple("Removed").field(entry).finish(),
            Self::Changed { old, new } => f
                .debug_struct("Changed")
                .field("old", old)
                .field("new", new)
                .finish(),
        }
    }
}
