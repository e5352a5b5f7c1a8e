//! Changing a tree: into a new version, which leaves the old one as it is, and
//! in place, where a new version is made only of what others see too.
//!
//! `shift` is the number of bits of the hash that the levels above consumed.

use core::mem;

use super::{Collision, Node, View, ViewMut};
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
};

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Makes a version with `entry`, in place of the `rank`th of its hash or,
    /// without a rank, as a new one.
    pub fn assoc(&self, shift: u32, rank: Option<usize>, entry: Entry<K, V, P>) -> Self {
        match self.view() {
            View::Branch(branch) => {
                let index = hash::index(entry.hash(), shift);
                let child = match branch.child(index) {
                    Some(child) => child.assoc(shift + BITS, rank, entry),
                    None => Self::leaf(entry),
                };
                branch.with(index, child)
            }
            View::Leaf(_) if rank.is_some() => Self::leaf(entry),
            View::Collision(collision) if let Some(rank) = rank => {
                let mut copy = collision.clone();
                if let Some(place) = copy.entry_mut(rank) {
                    *place = entry;
                }
                Self::collision(copy)
            }
            View::Leaf(_) | View::Collision(_) => self.clone().join(shift, entry),
        }
    }

    /// Makes a version without the `rank`th entry of `hash`, which must be
    /// there. `None` if it is all there is.
    pub fn without(&self, shift: u32, hash: u32, rank: usize) -> Option<Self> {
        match self.view() {
            View::Leaf(_) => None,
            View::Collision(collision) => {
                let mut copy = collision.clone();
                copy.remove(rank);
                Some(Self::of_entries(copy))
            }
            View::Branch(branch) => {
                let index = hash::index(hash, shift);
                let changed = branch.child(index)?.without(shift + BITS, hash, rank);
                let others = || branch.iter().filter(|(other, _)| *other != index);
                match (changed, branch.len()) {
                    // A leaf or collision that is left alone takes the branch's
                    // place.
                    (Some(child), 1) if child.is_sole() => Some(child),
                    (None, 2)
                        if let Some((_, left)) = others().next()
                            && left.is_sole() =>
                    {
                        Some(left.clone())
                    }
                    (Some(child), _) => Some(branch.with(index, child)),
                    (None, _) => Some(branch.without(index)),
                }
            }
        }
    }

    /// Puts `entry` in, in place of the `rank`th of its hash, which it returns,
    /// or, without a rank, as a new one.
    pub fn insert(
        &mut self,
        shift: u32,
        rank: Option<usize>,
        entry: Entry<K, V, P>,
    ) -> Option<Entry<K, V, P>> {
        match self.view_mut() {
            ViewMut::Branch(mut branch) => {
                let index = hash::index(entry.hash(), shift);
                match branch.child_mut(index) {
                    Some(child) => child.insert(shift + BITS, rank, entry),
                    None => {
                        branch.insert(index, Self::leaf(entry));
                        None
                    }
                }
            }
            ViewMut::Leaf(place) if rank.is_some() => Some(mem::replace(place, entry)),
            ViewMut::Collision(collision) if collision.hash() == entry.hash() => {
                match rank.and_then(|rank| collision.entry_mut(rank)) {
                    Some(place) => return Some(mem::replace(place, entry)),
                    None => collision.push(entry),
                }
                None
            }
            ViewMut::Leaf(_) | ViewMut::Collision(_) => {
                self.replace_with(|node| node.join(shift, entry));
                None
            }
            ViewMut::Shared(node) => {
                let displaced = rank
                    .and_then(|rank| node.follow(shift, entry.hash()).entries.get(rank))
                    .cloned();
                *node = node.assoc(shift, rank, entry);
                displaced
            }
        }
    }

    /// The `rank`th entry of `hash`, if nobody else sees a node on the way to it.
    /// Changes nothing.
    #[inline]
    pub fn exclusive(&mut self, hash: u32, rank: usize) -> Option<&mut Entry<K, V, P>> {
        let mut node = self;
        let mut rest = hash;
        loop {
            match node.view_mut() {
                ViewMut::Leaf(entry) => return Some(entry),
                ViewMut::Collision(collision) => return collision.entry_mut(rank),
                ViewMut::Branch(branch) => node = branch.into_owned_child(hash::index(rest, 0))?,
                ViewMut::Shared(_) => return None,
            }
            rest >>= BITS;
        }
    }

    /// Takes the `rank`th entry of `hash` out. `None` if there is none, or if it
    /// is all there is: a leaf is removed by its owner.
    pub fn remove(&mut self, shift: u32, hash: u32, rank: usize) -> Option<Entry<K, V, P>> {
        match self.view_mut() {
            ViewMut::Leaf(_) => None,
            ViewMut::Collision(collision) => {
                let removed = collision.remove(rank);
                if let [last] = collision.entries() {
                    *self = Self::leaf(last.clone());
                }
                removed
            }
            ViewMut::Branch(mut branch) => {
                let index = hash::index(hash, shift);
                let child = branch.child_mut(index)?;
                let removed = if child.as_leaf().is_some() {
                    branch.remove(index)?.into_leaf()
                } else {
                    child.remove(shift + BITS, hash, rank)
                };
                if let Some(left) = branch.take_sole_child() {
                    *self = left;
                }
                removed
            }
            ViewMut::Shared(node) => {
                let removed = node.follow(shift, hash).entries.get(rank)?.clone();
                *node = node.without(shift, hash, rank)?;
                Some(removed)
            }
        }
    }

    /// Joins a leaf or collision and an entry that it does not have.
    fn join(self, shift: u32, entry: Entry<K, V, P>) -> Self {
        let hash = match self.view() {
            View::Leaf(bound) if bound.hash() == entry.hash() => {
                return Self::collision(Collision::of_two(bound.clone(), entry));
            }
            View::Collision(collision) if collision.hash() == entry.hash() => {
                let mut copy = collision.clone();
                copy.push(entry);
                return Self::collision(copy);
            }
            View::Leaf(bound) => bound.hash(),
            View::Collision(collision) => collision.hash(),
            View::Branch(_) => return self,
        };
        let index = hash::index(hash, shift);
        let entry_index = hash::index(entry.hash(), shift);
        if index == entry_index {
            Self::branch_of_one(index, self.join(shift + BITS, entry))
        } else {
            Self::branch_of_two((index, self), (entry_index, Self::leaf(entry)))
        }
    }

    fn of_entries(collision: Collision<K, V, P>) -> Self {
        match collision.entries() {
            [last] => Self::leaf(last.clone()),
            _ => Self::collision(collision),
        }
    }

    /// Tells whether all entries have one hash.
    pub fn is_sole(&self) -> bool {
        self.as_branch().is_none()
    }
}
