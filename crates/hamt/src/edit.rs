//! Persistent changes: a changed tree is a new version, and the old one stays as it is.
//!
//! The nodes on the way from the root to the change are copied; all others are shared, and
//! of those that are copied the children are borrowed ([`crate::share`]). `shift` is the
//! number of bits of the hash that the levels above used. `place` is where a leaf is in
//! its bucket or collision ([`Placed`](crate::node::Placed)). Changes in place are in
//! [`crate::edit_mut`].
#![allow(unsafe_code)]

use alloc::{vec, vec::Vec};
use core::mem;

use crate::{
    Leaf,
    hash::{self, BITS},
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
    pub fn assoc(
        &self,
        shift: u32,
        place: Option<usize>,
        leaf: Leaf<K, V, P>,
    ) -> Result<Self, P::Refused> {
        match self.view() {
            View::Branch(branch) => {
                let slot = hash::index(leaf.hash(), shift);
                let child = match branch.child(slot) {
                    Some(child) => child.assoc(shift + BITS, place, leaf)?,
                    None => Self::leaf(leaf),
                };
                // A collision does not stay below a branch by itself.
                if child.is_collision() && branch.bits() == 1 << slot {
                    return Ok(child);
                }
                branch.changed(shift, slot, Some(child))
            }
            View::Bucket(bucket) => {
                let slot = place.unwrap_or(bucket.bits().trailing_ones() as usize);
                if place.is_some() || slot < header::most(shift) {
                    return bucket.changed(shift, slot, Some(Self::leaf(leaf)));
                }
                Self::of(shift, bucket.leaves().cloned().chain([leaf]).collect())
            }
            View::Leaf(_) if place.is_some() => Ok(Self::leaf(leaf)),
            View::Collision(collision) if place.is_some() => {
                let mut copy = collision.clone();
                if let Some(bound) = place.and_then(|rank| copy.leaf_mut(rank)) {
                    *bound = leaf;
                }
                Self::collision(copy)
            }
            View::Leaf(_) | View::Collision(_) => self.join(shift, leaf),
        }
    }

    /// Returns a version without the leaf of `hash` in a place. `None` if it is
    /// all there is.
    pub fn without(&self, shift: u32, hash: u32, place: usize) -> Result<Option<Self>, P::Refused> {
        let changed = match self.view() {
            View::Leaf(_) => return Ok(None),
            View::Collision(collision) => {
                let mut copy = collision.clone();
                copy.remove(place);
                match copy.leaves() {
                    [last] => Ok(Self::leaf(last.clone())),
                    _ => Self::collision(copy),
                }
            }
            View::Bucket(bucket) if bucket.len() == 2 => {
                let left = bucket.iter().find(|(slot, _)| *slot != place);
                return Ok(left.map(|(_, left)| left.clone()));
            }
            View::Bucket(bucket) => bucket.changed(shift, place, None),
            View::Branch(branch) => {
                let slot = hash::index(hash, shift);
                let Some(child) = branch.child(slot) else {
                    return Ok(None);
                };
                let changed = child.without(shift + BITS, hash, place)?;
                let left = branch.len() - usize::from(changed.is_none());
                if left <= SPARSE {
                    let others = branch.iter().filter(|(other, _)| *other != slot);
                    let children = changed.iter().chain(others.map(|(_, child)| child));
                    if let Some(lesser) = Self::instead_of(shift, children)? {
                        return Ok(Some(lesser));
                    }
                }
                branch.changed(shift, slot, changed)
            }
        };
        changed.map(Some)
    }

    /// Returns what can take the place of a branch of these few children.
    fn instead_of<'a>(
        shift: u32,
        children: impl Iterator<Item = &'a Self> + Clone,
    ) -> Result<Option<Self>, P::Refused>
    where
        K: 'a,
        V: 'a,
    {
        let mut rest = children.clone();
        let leaves: Option<Vec<_>> = match (rest.next().map(Self::view), rest.next()) {
            (Some(View::Leaf(_) | View::Collision(_)), None) => {
                return Ok(children.clone().next().cloned());
            }
            (Some(View::Bucket(bucket)), None) if bucket.len() <= SPARSE => {
                Some(bucket.leaves().cloned().collect())
            }
            _ => children.map(|child| child.as_leaf().cloned()).collect(),
        };
        match leaves {
            Some(leaves) if !leaves.is_empty() => Ok(Some(Self::of(shift, leaves)?)),
            _ => Ok(None),
        }
    }

    /// Joins a leaf or collision and a leaf that it does not have.
    pub fn join(&self, shift: u32, leaf: Leaf<K, V, P>) -> Result<Self, P::Refused> {
        let mut leaves = match self.view() {
            View::Leaf(bound) => return Self::of(shift, vec![bound.clone(), leaf]),
            View::Collision(collision) => collision.clone(),
            View::Branch(_) | View::Bucket(_) => return Ok(self.clone()),
        };
        if leaves.hash() == leaf.hash() {
            leaves.push(leaf);
            return Self::collision(leaves);
        }
        let [slot, other] = [leaves.hash(), leaf.hash()].map(|hash| hash::index(hash, shift));
        if slot == other {
            let child = self.join(shift + BITS, leaf)?;
            Self::table(Shape::BRANCH, shift, [(slot, child)])
        } else {
            let children = [(slot, self.clone()), (other, Self::leaf(leaf))];
            Self::table(Shape::BRANCH, shift, children)
        }
    }

    /// Makes a node of one leaf or more, of different keys, to hang `shift` bits deep.
    #[cold]
    pub fn of(shift: u32, mut leaves: Vec<Leaf<K, V, P>>) -> Result<Self, P::Refused> {
        let is_bucket = shift < u32::BITS && leaves.len() <= header::most(shift);
        if is_bucket && leaves.len() > 1 {
            let shape = Shape::bucket(leaves.len());
            let children = leaves.into_iter().map(Self::leaf).enumerate();
            return Self::table(shape, shift, children);
        }
        let mut hashes = leaves.iter().map(Leaf::hash);
        let first = hashes.next();
        if hashes.all(|hash| Some(hash) == first) {
            return match leaves.pop() {
                Some(only) if leaves.is_empty() => Ok(Self::leaf(only)),
                last => Self::collision(Collision::of(leaves.into_iter().chain(last).collect())),
            };
        }
        let slot_of = |leaf: &Leaf<K, V, P>| hash::index(leaf.hash(), shift);
        leaves.sort_by_key(slot_of);
        let mut children = Vec::with_capacity(leaves.len());
        let mut leaves = leaves.into_iter().peekable();
        while let Some(first) = leaves.next() {
            let slot = slot_of(&first);
            let child = match leaves.next_if(|leaf| slot_of(leaf) == slot) {
                None => Self::leaf(first),
                Some(second) => {
                    let mut group = vec![first, second];
                    while let Some(leaf) = leaves.next_if(|leaf| slot_of(leaf) == slot) {
                        group.push(leaf);
                    }
                    Self::of(shift + BITS, group)?
                }
            };
            children.push((slot, child));
        }
        Self::table(Shape::BRANCH, shift, children)
    }

    /// Makes a branch or bucket of children in these slots, to hang `shift` bits deep. There
    /// must be two leaves at least, or be added soon.
    pub fn table(
        shape: Shape,
        shift: u32,
        children: impl IntoIterator<Item = (usize, Self)>,
    ) -> Result<Self, P::Refused> {
        let table = header::empty(shape)?;
        for (slot, child) in children {
            let slot = slot % shape.capacity;
            // SAFETY: the table has this slot, and nothing else knows of it; what was there
            // is nothing, and needs no drop.
            unsafe {
                if let (Some(leaf), true) = (child.as_leaf(), shape.form != Form::Branch) {
                    header::tags(table, shape.form).set(slot, Tag::of(leaf.hash() >> shift));
                }
                header::slots(table, shape.form)
                    .add(slot)
                    .write(Some(child));
                header::note(table, slot, true);
            }
        }
        Ok(Self::new(table, shape.form as usize))
    }
}

impl<K, V, P: PointerKind> Table<'_, K, V, P> {
    /// Makes a copy with `child` in a slot, or with none there. In a bucket it must be a
    /// leaf, and of the hash of the one that was there, if there was one. Of a branch
    /// another child must be left. The table hangs `shift` bits deep.
    ///
    /// Allocates once; touches few counts ([`crate::share`]).
    #[inline(always)]
    fn changed(
        self,
        shift: u32,
        slot: usize,
        child: Option<Node<K, V, P>>,
    ) -> Result<Node<K, V, P>, P::Refused> {
        let bit = 1 << slot;
        let others = self.bits() & !bit;
        let bits = others | if child.is_some() { bit } else { 0 };
        let shape = self.shape_for(bits);
        // First: it may fail, or run code that gets hold of the children.
        let copy = header::allocate(shape)?;
        let ownership = self.borrow(others);
        for slot in BitMask(others & !ownership.borrowed) {
            mem::forget(self.child(slot).cloned());
        }
        let added = child.as_ref().and_then(Node::as_leaf).map(Leaf::hash);
        // SAFETY: the copy has the pointers of the children in `others`, which it
        // borrows or for which it is counted; the slot that changes is written, with its
        // tag, before anything looks at it.
        unsafe {
            header::copy(copy, self, shape, bits, ownership);
            if slot < shape.capacity {
                header::slots(copy, shape.form).add(slot).write(child);
            }
            if let Some(hash) = added.filter(|_| shape.form != Form::Branch) {
                header::tags(copy, shape.form).set(slot, Tag::of(hash >> shift));
            }
            Ok(Node::new(copy, shape.form as usize))
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
