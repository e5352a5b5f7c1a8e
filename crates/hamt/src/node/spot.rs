//! Where a key's entry is, or would be, in a tree that is changed in place.
//!
//! One walk finds the spot, and asks all that there is to ask; then a change is
//! a few writes. Nothing of the new key and value passes through the walk, and
//! the spot is a few words, so that all of it stays in registers.
#![allow(unsafe_code)]

use core::ptr::NonNull;

use super::{Node, TableMut, change::SPARSE};
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
};

/// Where a key's entry is, or would be: in a branch or bucket that nobody else
/// sees.
pub(crate) struct Spot<'a, K, V, P: PointerKind> {
    /// Invariant: a table, and alone.
    node: &'a mut Node<K, V, P>,
    /// How many bits deep the table hangs.
    shift: u32,
    /// The slot of the entry; where it would be, if the table is a branch.
    slot: usize,
    /// The entry, if there is one. Invariant: in the table, and counted for it
    /// alone.
    bound: Option<NonNull<Entry<K, V, P>>>,
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Finds the spot of the entry of `hash` that `is_it` accepts, in a whole
    /// tree. `None` if the tree does not tell so fast: in what others see too,
    /// and where entries are few or of one hash.
    #[inline(always)]
    pub fn spot<E>(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Spot<'_, K, V, P>>, E> {
        let (mut node, mut shift, mut rest) = (self, 0, hash);
        loop {
            let slot = hash::index(rest, 0);
            let mut place = match node.plain_branch_slot(slot) {
                Some(place) => place,
                None if let Some(bucket) = node.plain_bucket() => {
                    let found = bucket.search(rest, hash, is_it)?;
                    return Ok(Some(Spot {
                        bound: found.map(|(_, bound)| bound),
                        node,
                        shift,
                        slot: found.map_or(0, |(slot, _)| slot),
                    }));
                }
                None if !node.is_table() || !node.is_alone() => return Ok(None),
                None => {
                    let is_branch = node.is_branch();
                    // SAFETY: just seen.
                    let mut table = unsafe { node.table_mut() };
                    if !is_branch {
                        let found = table.search(rest, hash, is_it)?;
                        let bound = found.and_then(|slot| table.entry_mut(slot));
                        return Ok(Some(Spot {
                            bound: bound.map(NonNull::from),
                            node,
                            shift,
                            slot: found.unwrap_or(0),
                        }));
                    }
                    NonNull::from(table.branch_slot_mut(slot))
                }
            };
            // SAFETY: a slot of `node`, which is borrowed for as long and alone,
            // and so is what the slot leads to.
            let bound = match unsafe { place.as_mut() } {
                None => None,
                Some(child) => match child.as_leaf() {
                    Some(bound) if bound.hash() == hash && is_it(bound)? => {
                        child.as_leaf_mut().map(NonNull::from)
                    }
                    Some(_) => None,
                    None => {
                        node = child;
                        shift += BITS;
                        rest >>= BITS;
                        continue;
                    }
                },
            };
            return Ok(Some(Spot {
                node,
                shift,
                slot,
                bound,
            }));
        }
    }
}

impl<'a, K, V, P: PointerKind> Spot<'a, K, V, P> {
    #[inline(always)]
    fn into_table(self) -> TableMut<'a, K, V, P> {
        // SAFETY: the invariant of `node`.
        unsafe { self.node.table_mut() }
    }

    /// The entry, if there is one, counted for its table alone.
    #[inline(always)]
    pub fn entry(&mut self) -> Option<&mut Entry<K, V, P>> {
        // SAFETY: by the invariant of `bound`; the table is borrowed, and not used
        // while the result is.
        self.bound.map(|mut entry| unsafe { entry.as_mut() })
    }

    /// Puts the key's entry there, which has none, and tells whether the way to
    /// it should be tidied.
    #[inline(always)]
    pub fn fill(self, entry: Entry<K, V, P>) -> bool {
        let Self { slot, shift, .. } = self;
        let is_branch = self.node.is_branch();
        let mut table = self.into_table();
        if !is_branch {
            if let Err(entry) = table.push(shift, entry) {
                // A collision does not stay below a branch by itself.
                return !table.split(shift, entry).is_branch();
            }
        } else if let Some(other) = table.branch_slot_mut(slot) {
            other.replace_with(|leaf| leaf.join(shift + BITS, entry));
        } else {
            table.fill(slot, Node::leaf(entry));
        }
        false
    }

    /// Takes the entry out, if there is one, and tells whether the way to it
    /// should be tidied.
    #[inline(always)]
    pub fn remove(self) -> (Option<Entry<K, V, P>>, bool) {
        if self.bound.is_none() {
            return (None, false);
        }
        let Self { slot, shift, .. } = self;
        let is_branch = self.node.is_branch();
        let mut table = self.into_table();
        if is_branch {
            let removed = table.remove(slot).and_then(|leaf| leaf.into_leaf().ok());
            return (removed, table.shared().is_sparse());
        }
        let removed = table.pull(shift, slot);
        let Some(left) = table.take_only_entry() else {
            let is_under_a_branch = shift > 0;
            return (removed, is_under_a_branch && table.shared().len() == SPARSE);
        };
        *table.into_node() = left;
        (removed, true)
    }
}
