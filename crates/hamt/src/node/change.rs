//! Changing a tree: into a new version, which leaves the old one as it is, and
//! in place, where a new version is made only of what others see too.
//!
//! `shift` is the number of bits of the hash that the levels above consumed.
//! `place` is where an entry is in its bucket or collision ([`Placed`]), which
//! finding it told.
//!
//! [`Placed`]: super::find::Placed

use alloc::{vec, vec::Vec};
use core::mem;

use super::{Collision, Node, View, ViewMut};
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
};

/// Leaves that a branch gives up being one for. Far from the 32 of a full
/// bucket, so that taking turns at adding and removing is cheap.
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
                branch.with(slot, child)
            }
            View::Bucket(bucket) => match place {
                Some(slot) => bucket.with(slot, Self::leaf(entry)),
                None => bucket.with_more(entry).unwrap_or_else(|entry| {
                    let leaves = bucket.iter().filter_map(|(_, leaf)| leaf.as_leaf());
                    Self::split(shift, leaves.cloned().chain([entry]).collect())
                }),
            },
            View::Leaf(_) if place.is_some() => Self::leaf(entry),
            View::Collision(collision) if let Some(rank) = place => {
                let mut copy = collision.clone();
                if let Some(bound) = copy.entry_mut(rank) {
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
            View::Bucket(bucket) => Some(bucket.without(place)),
            View::Branch(branch) => {
                let slot = hash::index(hash, shift);
                let changed = branch.child(slot)?.without(shift + BITS, hash, place);
                let left = branch.len() - usize::from(changed.is_none());
                if left <= SPARSE
                    && changed
                        .as_ref()
                        .is_none_or(|child| child.as_branch().is_none())
                {
                    let others = branch.iter().filter(|(other, _)| *other != slot);
                    let others = others.map(|(_, child)| child);
                    let children: Vec<&Self> = changed.iter().chain(others).collect();
                    if let [only] = *children
                        && only.as_branch().is_none()
                    {
                        return Some(only.clone());
                    }
                    let leaves: Option<Vec<_>> = children
                        .into_iter()
                        .map(|child| child.as_leaf().cloned())
                        .collect();
                    if let Some(leaves) = leaves {
                        return Some(Self::bucket(leaves));
                    }
                }
                Some(match changed {
                    Some(child) => branch.with(slot, child),
                    None => branch.without(slot),
                })
            }
        }
    }

    /// Puts `entry` in, in a place, whose entry it returns, or, without one, as
    /// a new entry.
    #[inline]
    pub fn insert(
        &mut self,
        shift: u32,
        place: Option<usize>,
        entry: Entry<K, V, P>,
    ) -> Option<Entry<K, V, P>> {
        match self.view_mut() {
            ViewMut::Branch(mut branch) => {
                let slot = hash::index(entry.hash(), shift);
                match branch.child_mut(slot) {
                    Some(child) => return child.insert(shift + BITS, place, entry),
                    None => branch.fill(slot, Self::leaf(entry)),
                }
            }
            ViewMut::Bucket(mut bucket) => match place {
                Some(slot) => {
                    let leaf = bucket.child_mut(slot)?;
                    return mem::replace(leaf, Self::leaf(entry)).into_leaf().ok();
                }
                None => {
                    if let Err(entry) = bucket.push(entry) {
                        let mut leaves = bucket.take_leaves();
                        leaves.push(entry);
                        *self = Self::split(shift, leaves);
                    }
                }
            },
            ViewMut::Leaf(bound) if place.is_some() => return Some(mem::replace(bound, entry)),
            ViewMut::Collision(collision) if collision.hash() == entry.hash() => {
                match place.and_then(|rank| collision.entry_mut(rank)) {
                    Some(bound) => return Some(mem::replace(bound, entry)),
                    None => collision.push(entry),
                }
            }
            ViewMut::Leaf(_) | ViewMut::Collision(_) => {
                self.replace_with(|node| node.join(shift, entry));
            }
            ViewMut::Shared(node) => {
                let displaced = place
                    .and_then(|place| node.entry_at(shift, entry.hash(), place))
                    .cloned();
                *node = node.assoc(shift, place, entry);
                return displaced;
            }
        }
        None
    }

    /// The entry of `hash` in a place, if nobody else sees a node on the way to
    /// it. Changes nothing.
    #[inline]
    pub fn exclusive(&mut self, hash: u32, place: usize) -> Option<&mut Entry<K, V, P>> {
        let mut node = self;
        let mut rest = hash;
        loop {
            match node.view_mut() {
                ViewMut::Leaf(entry) => return Some(entry),
                ViewMut::Collision(collision) => return collision.entry_mut(place),
                ViewMut::Branch(branch) => node = branch.into_owned_child(hash::index(rest, 0))?,
                ViewMut::Bucket(bucket) => node = bucket.into_owned_child(place)?,
                ViewMut::Shared(_) => return None,
            }
            rest >>= BITS;
        }
    }

    /// Takes the entry of `hash` in a place out. `None` if there is none, or if
    /// it is all there is: a leaf is removed by its owner.
    #[inline]
    pub fn remove(&mut self, shift: u32, hash: u32, place: usize) -> Option<Entry<K, V, P>> {
        match self.view_mut() {
            ViewMut::Leaf(_) => None,
            ViewMut::Collision(collision) => {
                let removed = collision.remove(place);
                if let [last] = collision.entries() {
                    *self = Self::leaf(last.clone());
                }
                removed
            }
            ViewMut::Bucket(mut bucket) => {
                let removed = bucket.remove(place)?.into_leaf().ok();
                if let Some(left) = bucket.take_only_child() {
                    *self = left;
                }
                removed
            }
            ViewMut::Branch(mut branch) => {
                let slot = hash::index(hash, shift);
                let child = branch.child_mut(slot)?;
                let removed = if child.as_leaf().is_some() {
                    branch.remove(slot)?.into_leaf().ok()
                } else {
                    let removed = child.remove(shift + BITS, hash, place);
                    if child.as_branch().is_some() {
                        return removed;
                    }
                    removed
                };
                if let Some(left) = branch.take_only_child() {
                    *self = left;
                } else if branch.is_sparse() {
                    *self = Self::bucket(branch.take_leaves());
                }
                removed
            }
            ViewMut::Shared(node) => {
                let removed = node.entry_at(shift, hash, place)?.clone();
                *node = node.without(shift, hash, place)?;
                Some(removed)
            }
        }
    }

    /// Joins a leaf or collision and an entry that it does not have.
    fn join(self, shift: u32, entry: Entry<K, V, P>) -> Self {
        let node = match self.into_leaf() {
            Ok(bound) if shift < u32::BITS => return Self::bucket([bound, entry]),
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
    fn split(shift: u32, leaves: Vec<Entry<K, V, P>>) -> Self {
        let mut hashes = leaves.iter().map(Entry::hash);
        let first = hashes.next();
        if hashes.all(|hash| Some(hash) == first) {
            return Self::collision(Collision::of(leaves));
        }
        let mut branch = Self::empty_branch();
        for leaf in leaves {
            branch.insert(shift, None, leaf);
        }
        branch
    }

    /// Puts a child in an empty slot of a branch that is being made.
    fn fill(&mut self, slot: usize, child: Self) {
        if let ViewMut::Branch(mut branch) = self.view_mut() {
            branch.fill(slot, child);
        }
    }
}
