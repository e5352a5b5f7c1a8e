//! Changing a tree into a new version, which leaves the old one as it is.
//!
//! `shift` is the number of bits of the hash that the levels above consumed.
//! `place` is where an entry is in its bucket or collision ([`Placed`]), which
//! finding it told.
//!
//! [`Placed`]: super::find::Placed

use alloc::{vec, vec::Vec};

use super::{Collision, Node, View, ViewMut};
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
};

/// Leaves that a branch gives up being one for. Far from what a bucket has at
/// most, so that taking turns at adding and removing is cheap.
pub(crate) const SPARSE: usize = 8;

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Makes a version with `entry`, in a place or, without one, as a new entry.
    #[inline]
    pub fn assoc(&self, shift: u32, place: Option<usize>, entry: Entry<K, V, P>) -> Self {
        match self.view() {
            View::Branch(branch) => {
                let slot = hash::index(entry.hash(), shift);
                let child = match branch.child(slot) {
                    Some(child) => child.assoc(shift + BITS, place, entry),
                    None => Self::leaf(entry),
                };
                // A collision does not stay below a branch by itself.
                if child.is_collision() && branch.bits() == 1 << slot {
                    return child;
                }
                branch.with(shift, slot, child)
            }
            View::Bucket(bucket) => match place {
                Some(slot) => bucket.with(shift, slot, Self::leaf(entry)),
                None => bucket.with_more(shift, entry).unwrap_or_else(|entry| {
                    let leaves = bucket.iter().filter_map(|(_, leaf)| leaf.as_leaf());
                    Self::split(shift, leaves.cloned().chain([entry]).collect())
                }),
            },
            View::Leaf(_) if place.is_some() => Self::leaf(entry),
            View::Collision(collision) if place.is_some() => {
                let mut copy = collision.clone();
                if let Some(bound) = place.and_then(|rank| copy.entry_mut(rank)) {
                    *bound = entry;
                }
                Self::collision(copy)
            }
            View::Leaf(_) | View::Collision(_) => self.clone().join(shift, entry),
        }
    }

    /// Makes a version without the entry of `hash` in a place. `None` if it is
    /// all there is.
    pub fn without(&self, shift: u32, hash: u32, place: usize) -> Option<Self> {
        match self.view() {
            View::Leaf(_) => None,
            View::Collision(collision) => {
                let mut copy = collision.clone();
                copy.remove(place);
                Some(match copy.entries() {
                    [last] => Self::leaf(last.clone()),
                    _ => Self::collision(copy),
                })
            }
            View::Bucket(bucket) if bucket.len() == 2 => {
                let mut leaves = bucket.iter();
                let left = leaves.find(|(slot, _)| *slot != place)?.1;
                Some(left.clone())
            }
            View::Bucket(bucket) => Some(bucket.without(shift, place)),
            View::Branch(branch) => {
                let slot = hash::index(hash, shift);
                let changed = branch.child(slot)?.without(shift + BITS, hash, place);
                let left = branch.len() - usize::from(changed.is_none());
                if left <= SPARSE {
                    let others = branch.iter().filter(|(other, _)| *other != slot);
                    let children = changed.iter().chain(others.map(|(_, child)| child));
                    if let Some(lesser) = Self::instead_of(shift, children) {
                        return Some(lesser);
                    }
                }
                Some(match changed {
                    Some(child) => branch.with(shift, slot, child),
                    None => branch.without(shift, slot),
                })
            }
        }
    }

    /// What can replace this node, if it is a branch that has become too small
    /// to be one, `shift` bits deep.
    pub(super) fn lesser(&self, shift: u32) -> Option<Self> {
        let branch = self.as_branch().filter(|branch| branch.is_sparse())?;
        Self::instead_of(shift, branch.iter().map(|(_, child)| child))
    }

    /// What can take the place of a branch of these few children.
    fn instead_of<'a>(shift: u32, children: impl Iterator<Item = &'a Self> + Clone) -> Option<Self>
    where
        K: 'a,
        V: 'a,
    {
        let mut rest = children.clone();
        let first = rest.next()?;
        let leaves: Option<Vec<_>> = match (first.view(), rest.next()) {
            (View::Leaf(_) | View::Collision(_), None) => return Some(first.clone()),
            (View::Bucket(bucket), None) if bucket.len() <= SPARSE => {
                let leaves = bucket.iter().map(|(_, leaf)| leaf.as_leaf().cloned());
                leaves.collect()
            }
            _ => children.map(|child| child.as_leaf().cloned()).collect(),
        };
        let leaves = leaves?;
        Some(Self::bucket(shift, leaves.len(), leaves))
    }

    /// Joins a leaf or collision and an entry that it does not have.
    pub(super) fn join(self, shift: u32, entry: Entry<K, V, P>) -> Self {
        let node = match self.into_leaf() {
            Ok(bound) if shift < u32::BITS => return Self::bucket(shift, 2, [bound, entry]),
            // All bits were consumed: the two have one hash.
            Ok(bound) => return Self::collision(Collision::of(vec![bound, entry])),
            Err(node) => node,
        };
        let View::Collision(collision) = node.view() else {
            return node;
        };
        let hash = collision.hash();
        if hash == entry.hash() {
            let mut copy = collision.clone();
            copy.push(entry);
            return Self::collision(copy);
        }
        let slot = hash::index(hash, shift);
        let mut branch = Self::empty_branch();
        if slot == hash::index(entry.hash(), shift) {
            branch.fill(slot, node.join(shift + BITS, entry));
        } else {
            branch.fill(slot, node);
            branch.fill(hash::index(entry.hash(), shift), Self::leaf(entry));
        }
        branch
    }

    /// Makes what a full bucket becomes with one entry more.
    #[cold]
    pub(super) fn split(shift: u32, leaves: Vec<Entry<K, V, P>>) -> Self {
        let mut hashes = leaves.iter().map(Entry::hash);
        let first = hashes.next();
        if hashes.all(|hash| Some(hash) == first) {
            return Self::collision(Collision::of(leaves));
        }
        Self::spread(shift, leaves)
    }

    /// Makes a branch of some leaves.
    pub(super) fn spread(shift: u32, leaves: Vec<Entry<K, V, P>>) -> Self {
        let mut branch = Self::empty_branch();
        for leaf in leaves {
            branch.add(shift, leaf);
        }
        branch
    }

    /// Adds an entry whose key is not there to a branch that is being made.
    fn add(&mut self, shift: u32, entry: Entry<K, V, P>) {
        let ViewMut::Branch(mut branch) = self.view_mut() else {
            return;
        };
        let (index, below) = (hash::index(entry.hash(), shift), shift + BITS);
        let slot = branch.branch_slot_mut(index);
        match slot {
            None => *slot = Some(Self::leaf(entry)),
            Some(child) => match child.view_mut() {
                ViewMut::Branch(_) => child.add(below, entry),
                ViewMut::Bucket(mut bucket) => {
                    if let Err(entry) = bucket.push(below, entry) {
                        bucket.split(below, entry);
                    }
                }
                _ => child.replace_with(|child| child.join(below, entry)),
            },
        }
        branch.note_filled(index, true);
    }

    /// Puts a child in an empty slot of a branch that is being made.
    fn fill(&mut self, index: usize, child: Self) {
        if let ViewMut::Branch(mut branch) = self.view_mut() {
            branch.fill(index, child);
        }
    }
}
