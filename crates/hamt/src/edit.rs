//! Persistent changes: a changed tree is a new version, and the old one is unchanged.
//!
//! The nodes on the path from the root to the change are copied; all others are shared. The
//! copies borrow their children ([`crate::share`]). `shift` is the number of bits of the hash
//! that the levels above used. `place` is where a leaf is in its bucket or collision
//! ([`Placed`](crate::node::Placed)). Changes in place are in [`crate::edit_mut`].
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::mem;

use crate::{
    Leaf,
    edit_mut::TableMut,
    header::{self, Form, Ownership, Shape, Table},
    index::BitMask,
    kind::PointerKind,
    node::{self, BITS, Node, SPARSE, View},
};

/// A copy of a bucket keeps fewer empty slots than this.
const SLACK: usize = 5;

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns a version with `leaf`: in place of the leaf at `place`, or as a new leaf.
    #[inline]
    pub fn assoc(
        &self,
        shift: u32,
        place: Option<usize>,
        leaf: Leaf<K, V, P>,
    ) -> Result<Self, P::Refused> {
        match self.view() {
            View::Branch(branch) => {
                let slot = node::slot_of(leaf.hash(), shift);
                let child = match branch.child(slot) {
                    Some(child) => child.assoc(shift + BITS, place, leaf)?,
                    None => Self::leaf(leaf),
                };
                // A collision does not stay the only child of a branch.
                if child.is_collision() && branch.bits() == 1 << slot {
                    return Ok(child);
                }
                branch.changed(shift, slot, Some(child))
            }
            View::Bucket(bucket) => {
                let slot = place.unwrap_or(bucket.bits().trailing_ones() as usize);
                if place.is_some() || slot < header::max_leaves(shift) {
                    return bucket.changed(shift, slot, Some(Self::leaf(leaf)));
                }
                self.with_one_more(shift, leaf)
            }
            View::Leaf(_) if place.is_some() => Ok(Self::leaf(leaf)),
            View::Leaf(bound) if shift < u32::BITS => Self::bucket(shift, 2, [bound.clone(), leaf]),
            View::Leaf(_) => self.with_one_more(shift, leaf),
            View::Collision(leaves) => match place {
                Some(rank) => {
                    let mut leaves = leaves.to_vec();
                    leaves[rank] = leaf;
                    Self::collision(leaves)
                }
                None => self.with_one_more(shift, leaf),
            },
        }
    }

    /// Returns a node of the leaves of a leaf, a bucket or a collision, and one more.
    pub fn with_one_more(&self, shift: u32, leaf: Leaf<K, V, P>) -> Result<Self, P::Refused> {
        Self::of(shift, self.leaves().cloned().chain([leaf]).collect())
    }

    /// Returns a version without the leaf of `hash` at `place`, or `None` if there is no
    /// other leaf.
    pub fn without(&self, shift: u32, hash: u32, place: usize) -> Result<Option<Self>, P::Refused> {
        let changed = match self.view() {
            View::Leaf(_) => return Ok(None),
            View::Collision(leaves) => {
                let mut leaves = leaves.to_vec();
                leaves.remove(place);
                match &leaves[..] {
                    [last] => Ok(Self::leaf(last.clone())),
                    _ => Self::collision(leaves),
                }
            }
            View::Bucket(bucket) if bucket.len() == 2 => {
                let left = bucket.iter().find(|(slot, _)| *slot != place);
                return Ok(left.map(|(_, left)| left.clone()));
            }
            View::Bucket(bucket) => bucket.changed(shift, place, None),
            View::Branch(branch) => {
                let slot = node::slot_of(hash, shift);
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

    /// Returns the node that replaces a branch of these few children, if one does.
    fn instead_of<'a>(
        shift: u32,
        children: impl Iterator<Item = &'a Self> + Clone,
    ) -> Result<Option<Self>, P::Refused>
    where
        K: 'a,
        V: 'a,
    {
        let mut rest = children.clone();
        let leaves: Option<Vec<_>> = match (rest.next(), rest.next()) {
            (Some(only), None) => match only.view() {
                View::Leaf(_) | View::Collision(_) => return Ok(Some(only.clone())),
                View::Bucket(bucket) if bucket.len() <= SPARSE => {
                    Some(only.leaves().cloned().collect())
                }
                View::Bucket(_) | View::Branch(_) => None,
            },
            _ => children.map(|child| child.as_leaf().cloned()).collect(),
        };
        leaves.map(|leaves| Self::of(shift, leaves)).transpose()
    }

    /// Creates a bucket of `leaves`, with room for `len`.
    #[inline]
    fn bucket(
        shift: u32,
        len: usize,
        leaves: impl IntoIterator<Item = Leaf<K, V, P>>,
    ) -> Result<Self, P::Refused> {
        let mut bucket = TableMut::empty(Shape::bucket(len))?;
        for leaf in leaves {
            bucket.push_into_room(leaf.hash() >> shift, leaf);
        }
        Ok(bucket.into_node())
    }

    /// Creates a node of one or more leaves with different keys, `shift` bits deep.
    #[cold]
    pub fn of(shift: u32, mut leaves: Vec<Leaf<K, V, P>>) -> Result<Self, P::Refused> {
        if let [only] = &leaves[..] {
            return Ok(Self::leaf(only.clone()));
        }
        if shift < u32::BITS && leaves.len() <= header::max_leaves(shift) {
            return Self::bucket(shift, leaves.len(), leaves);
        }
        let first = leaves.first().map(Leaf::hash);
        if leaves.iter().all(|leaf| Some(leaf.hash()) == first) {
            return Self::collision(leaves);
        }
        let slot_of = |leaf: &Leaf<K, V, P>| node::slot_of(leaf.hash(), shift);
        leaves.sort_by_key(slot_of);
        let mut children = Vec::with_capacity(leaves.len());
        while let Some(leaf) = leaves.pop() {
            let slot = slot_of(&leaf);
            let first = leaves.partition_point(|other| slot_of(other) < slot);
            let child = if first == leaves.len() {
                Self::leaf(leaf)
            } else {
                let group = leaves.drain(first..).chain([leaf]).collect();
                Self::of(shift + BITS, group)?
            };
            children.push((slot, child));
        }
        let mut branch = TableMut::empty(Shape::BRANCH)?;
        for (slot, child) in children {
            branch.fill(slot, child);
        }
        Ok(branch.into_node())
    }
}

impl<K, V, P: PointerKind> Table<'_, K, V, P> {
    /// Creates a copy with `child` in a slot, or with none there. In a bucket, `child` must be
    /// a leaf, with the hash of the leaf that it replaces, if there is one. A branch must keep
    /// another child. The table is `shift` bits deep.
    ///
    /// Allocates once, and also borrow counts for a second borrower. Changes few reference
    /// counts ([`crate::share`]).
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
        // First: it may fail, or run code that gets references to the children.
        let copy = header::allocate(shape)?;
        let added = child.as_ref().and_then(Node::as_leaf).map(Leaf::hash);
        if shape.form != Form::Branch && child.is_some() && added.is_none() {
            unreachable!("a bucket has only leaves");
        }
        let ownership = self.borrow(others);
        for slot in BitMask(others & !ownership.borrowed) {
            mem::forget(self.child(slot).cloned());
        }
        // SAFETY: the copy has the pointers to the children in `others`, which it borrows
        // or which are counted for it. The slot that changes is written, with its tag,
        // before it is read. Then the copy is complete.
        unsafe {
            let copy = header::copy(copy, self, shape, bits, ownership);
            if slot < shape.capacity {
                copy.slot(slot).write(child);
            }
            if let Some(hash) = added.filter(|_| shape.form != Form::Branch) {
                copy.set_tag(slot, hash >> shift);
            }
            Ok(Node::new(copy.tagged()))
        }
    }

    /// Creates a copy that counts all children for itself.
    pub fn copied(self) -> Result<Node<K, V, P>, P::Refused> {
        let copy = header::allocate(self.shape())?;
        self.iter()
            .for_each(|(_, child)| mem::forget(child.clone()));
        // SAFETY: all children are counted. Then the copy is complete.
        unsafe {
            let copy = header::copy(copy, self, self.shape(), self.bits(), Ownership::ALL);
            Ok(Node::new(copy.tagged()))
        }
    }

    /// Returns the shape of a changed copy with children in `bits`: this table's own if that
    /// fits well, since it is the fastest to copy.
    #[inline(always)]
    fn shape_for(self, bits: u32) -> Shape {
        let own = self.shape();
        let len = (u32::BITS - bits.leading_zeros()) as usize;
        if own.form == Form::Branch || (len..len + SLACK).contains(&own.capacity) {
            own
        } else {
            Shape::bucket(len)
        }
    }
}
