//! Persistent changes: a changed tree is a new version, and the old one stays as it is.
//!
//! The nodes on the way from the root to the change are copied; all others are shared, and
//! of those that are copied the children are borrowed ([`crate::share`]). `shift` is the
//! number of bits of the hash that the levels above used. `place` is where a leaf is in
//! its bucket or collision ([`Placed`](crate::node::Placed)). Changes in place are in
//! [`crate::edit_mut`].
#![allow(unsafe_code)]

use alloc::{vec, vec::Vec};
use core::{iter, mem};

use crate::{
    Leaf,
    hash::{self, BITS, WIDTH},
    header::{self, Form, Shape, Table},
    index::{BitMask, Tag},
    kind::PointerKind,
    node::{Node, Placed, View},
};

/// Leaves that a branch becomes a bucket of. Far from what a bucket has at most, so that
/// taking turns at adding and removing is cheap.
pub(crate) const SPARSE: usize = 8;

/// A copy of a bucket keeps fewer empty slots than this.
const SLACK: usize = 5;

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns a version with `leaf`, in a place or, without one, as a new leaf.
    #[inline]
    pub fn assoc(&self, shift: u32, place: Option<usize>, leaf: Leaf<K, V, P>) -> Self {
        match self.view() {
            View::Branch(branch) => {
                let slot = hash::index(leaf.hash(), shift);
                let child = match branch.child(slot) {
                    Some(child) => child.assoc(shift + BITS, place, leaf),
                    None => Self::leaf(leaf),
                };
                // A collision does not stay below a branch by itself.
                if child.is_collision() && branch.bits() == 1 << slot {
                    return child;
                }
                branch.changed(shift, slot, Some(child))
            }
            View::Bucket(bucket) => {
                let slot = place.unwrap_or(bucket.bits().trailing_ones() as usize);
                if place.is_some() || slot < header::most(shift) {
                    return bucket.changed(shift, slot, Some(Self::leaf(leaf)));
                }
                Self::split(shift, bucket.leaves().cloned().chain([leaf]).collect())
            }
            View::Leaf(_) if place.is_some() => Self::leaf(leaf),
            View::Collision(collision) if place.is_some() => {
                let mut copy = collision.clone();
                if let Some(bound) = place.and_then(|rank| copy.leaf_mut(rank)) {
                    *bound = leaf;
                }
                Self::collision(copy)
            }
            View::Leaf(_) | View::Collision(_) => self.clone().join(shift, leaf),
        }
    }

    /// Returns a version without the leaf of `hash` in a place. `None` if it is
    /// all there is.
    pub fn without(&self, shift: u32, hash: u32, place: usize) -> Option<Self> {
        match self.view() {
            View::Leaf(_) => None,
            View::Collision(collision) => {
                let mut copy = collision.clone();
                copy.remove(place);
                Some(match copy.leaves() {
                    [last] => Self::leaf(last.clone()),
                    _ => Self::collision(copy),
                })
            }
            View::Bucket(bucket) if bucket.len() == 2 => {
                let mut leaves = bucket.iter();
                let left = leaves.find(|(slot, _)| *slot != place)?.1;
                Some(left.clone())
            }
            View::Bucket(bucket) => Some(bucket.changed(shift, place, None)),
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
                Some(branch.changed(shift, slot, changed))
            }
        }
    }

    /// Returns what can take the place of a branch of these few children.
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
                Some(bucket.leaves().cloned().collect())
            }
            _ => children.map(|child| child.as_leaf().cloned()).collect(),
        };
        let leaves = leaves?;
        Some(Self::bucket(shift, leaves.len(), leaves))
    }

    /// Joins a leaf or collision and a leaf that it does not have.
    pub fn join(self, shift: u32, leaf: Leaf<K, V, P>) -> Self {
        let node = match self.into_leaf() {
            Ok(bound) if shift < u32::BITS => return Self::bucket(shift, 2, [bound, leaf]),
            // All bits were used: the two have one hash.
            Ok(bound) => return Self::collision(Collision::of(vec![bound, leaf])),
            Err(node) => node,
        };
        let View::Collision(collision) = node.view() else {
            return node;
        };
        let hash = collision.hash();
        if hash == leaf.hash() {
            let mut copy = collision.clone();
            copy.push(leaf);
            return Self::collision(copy);
        }
        let (slot, other) = (hash::index(hash, shift), hash::index(leaf.hash(), shift));
        if slot == other {
            Self::branch([(slot, node.join(shift + BITS, leaf))])
        } else {
            Self::branch([(slot, node), (other, Self::leaf(leaf))])
        }
    }

    /// Makes what a full bucket becomes with one leaf more.
    #[cold]
    pub fn split(shift: u32, leaves: Vec<Leaf<K, V, P>>) -> Self {
        let mut hashes = leaves.iter().map(Leaf::hash);
        let first = hashes.next();
        if hashes.all(|hash| Some(hash) == first) {
            return Self::collision(Collision::of(leaves));
        }
        let mut branch = Self::branch([]);
        for leaf in leaves {
            branch.add(shift, leaf);
        }
        branch
    }

    /// Makes a branch of these children, which are in different slots. There must be two
    /// leaves at least, or be added.
    fn branch<const N: usize>(children: [(usize, Self); N]) -> Self {
        let branch = header::empty(Shape::BRANCH);
        for (slot, child) in children {
            // SAFETY: a branch has all slots, and nothing else knows of it; what was
            // there is nothing, and needs no drop.
            unsafe {
                header::slots(branch, Form::Branch)
                    .add(slot)
                    .write(Some(child));
                header::note(branch, slot, true);
            }
        }
        Self::new(branch, Form::Branch as usize)
    }

    /// Makes a bucket of leaves, of which there must be 2 to 32, to hang `shift` bits
    /// deep, with room for `room`. (A root that is being built has fewer.)
    pub fn bucket(
        shift: u32,
        room: usize,
        leaves: impl IntoIterator<Item = Leaf<K, V, P>>,
    ) -> Self {
        let shape = Shape::bucket(room);
        let bucket = header::empty(shape);
        for (slot, leaf) in leaves.into_iter().take(shape.capacity).enumerate() {
            // SAFETY: there is room, and nothing else knows of the bucket; what was there
            // is nothing, and needs no drop.
            unsafe {
                header::tags(bucket, shape.form).set(slot, Tag::of(leaf.hash() >> shift));
                header::slots(bucket, shape.form)
                    .add(slot)
                    .write(Some(Self::leaf(leaf)));
                header::note(bucket, slot, true);
            }
        }
        Self::new(bucket, shape.form as usize)
    }

    /// Makes an empty root for so many leaves, to be settled when they have come.
    pub fn root_for(leaves: usize) -> Self {
        if leaves > WIDTH {
            Self::branch([])
        } else {
            Self::bucket(0, leaves, iter::empty())
        }
    }

    /// Returns what a root that [`root_for`](Self::root_for) made has become: no node where
    /// no leaves have come, and a smaller one where few have.
    pub fn settled_root(self) -> Option<Self> {
        match self.view() {
            View::Bucket(bucket) if bucket.len() < 2 => Some(bucket.iter().next()?.1.clone()),
            View::Branch(branch) if branch.len() == 0 => None,
            View::Branch(branch) if branch.len() <= SPARSE => {
                let children = branch.iter().map(|(_, child)| child);
                Some(Self::instead_of(0, children).unwrap_or(self))
            }
            _ => Some(self),
        }
    }
}

impl<K, V, P: PointerKind> Table<'_, K, V, P> {
    /// Makes a copy with `child` in a slot, or with none there. In a bucket it must be a
    /// leaf, and of the hash of the one that was there, if there was one. Of a branch
    /// another child must be left. The table hangs `shift` bits deep.
    ///
    /// Allocates once; touches few counts ([`crate::share`]).
    #[inline(always)]
    fn changed(self, shift: u32, slot: usize, child: Option<Node<K, V, P>>) -> Node<K, V, P> {
        let bit = 1 << slot;
        let others = self.bits() & !bit;
        let bits = others | if child.is_some() { bit } else { 0 };
        let ownership = self.borrow(others);
        for slot in BitMask(others & !ownership.borrowed) {
            mem::forget(self.child(slot).cloned());
        }
        let shape = self.shape_for(bits);
        let added = child.as_ref().and_then(Node::as_leaf).map(Leaf::hash);
        // SAFETY: the copy has the pointers of the children in `others`, which it
        // borrows or for which it is counted; the slot that changes is written, with its
        // tag, before anything looks at it.
        unsafe {
            let copy = header::copy(self, shape, bits, ownership);
            if slot < shape.capacity {
                header::slots(copy, shape.form).add(slot).write(child);
            }
            if let Some(hash) = added.filter(|_| shape.form != Form::Branch) {
                header::tags(copy, shape.form).set(slot, Tag::of(hash >> shift));
            }
            Node::new(copy, shape.form as usize)
        }
    }

    /// Returns the shape of a changed copy with children in `bits`: this table's own, if
    /// that fits well, which is the fastest to copy.
    #[inline(always)]
    fn shape_for(self, bits: u32) -> Shape {
        let own = self.state().shape();
        let len = (u32::BITS - bits.leading_zeros()) as usize;
        if own.form == Form::Branch || (len..len + SLACK).contains(&own.capacity) {
            own
        } else {
            Shape::bucket(len)
        }
    }
}

/// Two or more leaves of one hash.
pub(crate) struct Collision<K, V, P: PointerKind> {
    /// Invariant: the hash of every leaf.
    hash: u32,
    /// In the order in which their keys were first bound.
    leaves: Vec<Leaf<K, V, P>>,
}

impl<K, V, P: PointerKind> Collision<K, V, P> {
    /// The leaves, two or more, must have one hash.
    pub fn of(leaves: Vec<Leaf<K, V, P>>) -> Self {
        let hash = leaves.first().map_or(0, Leaf::hash);
        Self { hash, leaves }
    }

    pub fn hash(&self) -> u32 {
        self.hash
    }

    pub fn leaves(&self) -> &[Leaf<K, V, P>] {
        &self.leaves
    }

    /// Returns the first leaf that `is_it` accepts, with its rank.
    #[cold]
    pub fn find<E>(
        &self,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Placed<'_, K, V, P>>, E> {
        for (rank, leaf) in self.leaves.iter().enumerate() {
            if is_it(leaf)? {
                return Ok(Some((rank, leaf)));
            }
        }
        Ok(None)
    }

    pub fn leaf_mut(&mut self, rank: usize) -> Option<&mut Leaf<K, V, P>> {
        self.leaves.get_mut(rank)
    }

    /// Adds a leaf of the same hash.
    pub fn push(&mut self, leaf: Leaf<K, V, P>) {
        self.leaves.push(leaf);
    }

    pub fn remove(&mut self, rank: usize) -> Option<Leaf<K, V, P>> {
        (rank < self.leaves.len()).then(|| self.leaves.remove(rank))
    }
}

impl<K, V, P: PointerKind> Clone for Collision<K, V, P> {
    /// Leaves room for one more, since a copy is made to be changed.
    fn clone(&self) -> Self {
        let mut leaves = Vec::with_capacity(self.leaves.len() + 1);
        leaves.extend_from_slice(&self.leaves);
        Self {
            hash: self.hash,
            leaves,
        }
    }
}
