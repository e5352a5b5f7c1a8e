//! The nodes of the tree, as handles, and lookups.
//!
//! * No node is empty, and a subtree of one entry is that entry's leaf.
//! * A subtree of up to 16 entries (32 at the root) may be a bucket of their leaves. A larger
//!   one is a branch, which selects a child by five bits of the hash.
//! * Leaves of one hash are a collision if they are too many for a bucket, or below the seventh level.
//!
//! A full bucket that gets another leaf becomes a branch, or a collision. A branch becomes a bucket again when
//! it has at most [`SPARSE`] children, all leaves, or a bucket of as few
//! leaves as its only child. A branch with a single leaf or collision is replaced by it.
//!
//! Changes of the tree run no code of keys or values except their drop: equality is called
//! before an entry changes. The memory of tables is in [`crate::header`], changes are in
//! [`crate::edit`] and [`crate::edit_mut`].
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{
    marker::PhantomData,
    mem::{self, ManuallyDrop},
    ptr::NonNull,
};

use crate::{
    Leaf,
    header::{Form, Slot, Table},
    kind::PointerKind,
    leaf::{Counted, LeafData},
    trace::NodeForm,
};

/// Bits of the hash that one level of the tree uses.
pub(crate) const BITS: u32 = 5;

/// Children a branch can have.
pub(crate) const WIDTH: usize = 1 << BITS;

/// Levels of branches that a 32-bit hash has bits for; the last has two bits.
pub(crate) const LEVELS: usize = u32::BITS.div_ceil(BITS) as usize;

/// The number of leaves at which a branch becomes a bucket. It is much less than a bucket
/// has room for, so that alternate adding and removing is cheap.
pub(crate) const SPARSE: usize = 8;

/// A counted handle to a subtree: the address of a leaf, a branch, a bucket or a collision.
/// The three lowest bits are a tag that says which of them, and which form of bucket.
///
/// A leaf has the tag zero, so that its handle has the same bits as a [`Leaf`].
#[repr(transparent)]
pub(crate) struct Node<K, V, P: PointerKind> {
    /// Invariant: counted for this handle. (In a borrowed slot: counted for the slot's
    /// owner, see [`crate::share`].)
    tagged: NonNull<()>,
    owns: PhantomData<Leaf<K, V, P>>,
}

pub(crate) const LEAF: usize = 0;
pub(crate) const COLLISION: usize = 7;

/// Two leaves or more of one hash, in the order in which their keys were first inserted.
type Collision<K, V, P> = Counted<Vec<Leaf<K, V, P>>, P>;

// SAFETY: a subtree consists of its leaves, and of words that are atomic if the kind is
// `Sync`. So it is `Send` and `Sync` where its leaves are (`Leaf`).
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Send for Node<K, V, P> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Sync for Node<K, V, P> {}

/// A node by its type.
pub(crate) enum View<'a, K, V, P: PointerKind> {
    Leaf(&'a Leaf<K, V, P>),
    Branch(Table<'a, K, V, P>),
    Bucket(Table<'a, K, V, P>),
    Collision(&'a [Leaf<K, V, P>]),
}

/// A leaf, and its slot or rank in its bucket or collision; zero for a lone leaf.
pub(crate) type Placed<'a, K, V, P> = (usize, &'a Leaf<K, V, P>);

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Creates the handle of a new node.
    ///
    /// # Safety
    ///
    /// The node must be complete and of the type of its tag, and no other handle be counted.
    #[inline(always)]
    pub unsafe fn new(tagged: NonNull<()>) -> Self {
        let node = Self {
            tagged,
            owns: PhantomData,
        };
        // SAFETY: by the caller.
        unsafe { P::track(node.untagged(node.tag())) };
        node
    }

    /// Creates a handle that is not counted.
    ///
    /// # Safety
    ///
    /// The head must be that of a node of this form and of these types.
    pub unsafe fn of_head(head: NonNull<P::Head>, form: NodeForm) -> ManuallyDrop<Self> {
        let tag = usize::from(form.0);
        ManuallyDrop::new(Self {
            tagged: head.cast().map_addr(|address| address | tag),
            owns: PhantomData,
        })
    }

    #[inline(always)]
    pub fn leaf(leaf: Leaf<K, V, P>) -> Self {
        // SAFETY: both are transparent over one pointer, a leaf's address has
        // the tag of a leaf, and its count moves along.
        unsafe { mem::transmute(leaf) }
    }

    /// Creates a collision of two or more leaves of one hash.
    pub fn collision(leaves: Vec<Leaf<K, V, P>>) -> Result<Self, P::Refused> {
        let hash = leaves.first().map_or(0, Leaf::hash);
        let node = Collision::<K, V, P>::allocate(NodeForm::COLLISION, hash, leaves)?.cast();
        // SAFETY: complete, and of this tag; nothing else refers to it.
        Ok(unsafe { Self::new(node.map_addr(|address| address | COLLISION)) })
    }

    #[inline(always)]
    fn tag(&self) -> usize {
        self.tagged.addr().get() & Form::MASK
    }

    /// Returns the address without its tag, which must be `tag`.
    #[inline(always)]
    fn untagged<T>(&self, tag: usize) -> NonNull<T> {
        debug_assert_eq!(self.tag(), tag);
        let node = self.tagged.as_ptr().wrapping_byte_sub(tag);
        // SAFETY: a tag is at most 7, and no node has so low an address.
        unsafe { NonNull::new_unchecked(node) }.cast()
    }

    #[inline(always)]
    pub fn as_leaf(&self) -> Option<&Leaf<K, V, P>> {
        (self.tag() == LEAF).then(|| {
            // SAFETY: the handle of a leaf has the same bits as a `Leaf`.
            unsafe { &*(&raw const *self).cast() }
        })
    }

    #[inline(always)]
    pub fn as_leaf_mut(&mut self) -> Option<&mut Leaf<K, V, P>> {
        (self.tag() == LEAF).then(|| {
            // SAFETY: as in `as_leaf`.
            unsafe { &mut *(&raw mut *self).cast() }
        })
    }

    /// Returns the leaf, if it is one.
    pub fn into_leaf(self) -> Option<Leaf<K, V, P>> {
        // SAFETY: as in `leaf`, in reverse.
        (self.tag() == LEAF).then(|| unsafe { mem::transmute(self) })
    }

    #[inline(always)]
    pub fn as_table(&self) -> Option<Table<'_, K, V, P>> {
        // SAFETY: counted for this handle; a thread that changes it borrows the handle
        // exclusively.
        unsafe { Table::of_tagged(self.tagged) }
    }

    /// Returns the table, if it is one of this form.
    #[inline(always)]
    fn as_form(&self, form: Form) -> Option<Table<'_, K, V, P>> {
        let tag = form as usize;
        // SAFETY: as in `as_table`.
        (self.tag() == tag).then(|| unsafe { Table::new(self.untagged(tag), form) })
    }

    /// Returns the bucket, if it is medium or large. Tests bits instead of comparing the
    /// tag: for more than three comparisons of tags in a row, the compiler generates a jump
    /// table, which makes lookups slower.
    #[inline(always)]
    fn as_larger_bucket(&self) -> Option<Table<'_, K, V, P>> {
        const {
            assert!(Form::Large as usize == 4 && Form::Medium as usize == 6);
            assert!(Form::Branch as usize & 1 != 0 && COLLISION & 1 != 0);
        }
        let tagged = self.tagged.addr().get();
        if tagged & 5 != 4 {
            return None;
        }
        let form = if tagged & 2 == 0 {
            Form::Large
        } else {
            Form::Medium
        };
        self.as_form(form)
    }

    #[inline(always)]
    pub fn as_branch(&self) -> Option<Table<'_, K, V, P>> {
        self.as_form(Form::Branch)
    }

    #[inline(always)]
    pub fn is_collision(&self) -> bool {
        self.tag() == COLLISION
    }

    #[inline(always)]
    pub fn view(&self) -> View<'_, K, V, P> {
        if let Some(leaf) = self.as_leaf() {
            View::Leaf(leaf)
        } else if let Some(branch) = self.as_branch() {
            View::Branch(branch)
        } else if let Some(bucket) = self.as_table() {
            View::Bucket(bucket)
        } else {
            // SAFETY: counted for this handle, and of this tag.
            let collision = unsafe { self.untagged::<Collision<K, V, P>>(COLLISION).as_ref() };
            P::note_read(&collision.head);
            View::Collision(&collision.content)
        }
    }

    /// Returns the leaves of a collision, if no other version shares it. The caller must leave
    /// at least two, all of one hash.
    pub fn as_collision_mut(&mut self) -> Option<&mut Vec<Leaf<K, V, P>>> {
        if !self.is_collision() || !self.has_one_holder() {
            return None;
        }
        // SAFETY: of this tag; this handle is the only one, exclusively borrowed, and in a slot that no
        // table borrows (`Position`).
        let collision = unsafe { self.untagged::<Collision<K, V, P>>(COLLISION).as_mut() };
        P::note_write(&collision.head);
        Some(&mut collision.content)
    }

    /// Returns the slots of a branch, a bucket or a collision; for a leaf, the leaf itself.
    #[inline(always)]
    pub fn slots(&self) -> Slots<K, V, P> {
        // As in a lookup, without a jump table.
        let table = self.as_branch().or_else(|| self.as_form(Form::Small));
        if let Some(table) = table.or_else(|| self.as_larger_bucket()) {
            P::note_read(&table.header().head);
            return Slots::new(table.slot(0), table.bits());
        }
        match self.view() {
            View::Collision(leaves) => Slots::of_collision(leaves.as_ptr(), leaves.len()),
            _ => Slots::of_collision((&raw const *self).cast(), 1),
        }
    }

    /// Returns the leaves of a leaf, a bucket or a collision, or those that are children of a
    /// branch.
    pub fn leaves(&self) -> impl Iterator<Item = &Leaf<K, V, P>> + Clone {
        // SAFETY: slots of this node, which is borrowed.
        self.slots()
            .filter_map(|slot| unsafe { &*slot }.as_ref()?.as_leaf())
    }

    /// Returns `true` if this handle is the only one.
    #[inline(always)]
    pub fn has_one_holder(&self) -> bool {
        P::is_one(self.head())
    }

    /// Returns `true` if both handles are of the same node.
    #[inline(always)]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.tagged == other.tagged
    }

    /// Returns the head, which is at the start of every node.
    #[inline(always)]
    pub fn head(&self) -> &P::Head {
        // SAFETY: counted for this handle, so alive.
        unsafe { self.untagged(self.tag()).as_ref() }
    }

    /// Drops a node that has no handle any more.
    ///
    /// # Safety
    ///
    /// The handle must have been the last, and not be used again.
    #[inline(never)]
    pub unsafe fn last_holder_gone(&mut self) {
        // SAFETY: of this tag, and the last handle is gone.
        unsafe {
            if let Some(table) = self.as_table() {
                table.last_holder_gone();
            } else if self.tag() == LEAF {
                LeafData::<K, V, P>::free(self.untagged(LEAF));
            } else {
                Collision::<K, V, P>::free(self.untagged(COLLISION));
            }
        }
    }
}

impl<K, V, P: PointerKind> Clone for Node<K, V, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        P::up(self.head());
        Self {
            tagged: self.tagged,
            owns: PhantomData,
        }
    }
}

impl<K, V, P: PointerKind> Drop for Node<K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        if P::down(self.head()) {
            // SAFETY: the last handle.
            unsafe { self.last_holder_gone() };
        }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns the result of `map` for the first leaf of `hash` in this tree that `is_it`
    /// accepts, and its place.
    ///
    /// The common cases are inlined, with the root handled separately so that a loop
    /// over keys can hoist its kind; the rest is in `find_here`.
    #[inline(always)]
    pub fn find_map<'a, R, E>(
        &'a self,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Leaf<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        let mut rest = hash;
        if let Some(bucket) = self.as_form(Form::Medium) {
            return bucket.search(rest, hash, is_it, map);
        }
        let Some(root) = self.as_branch() else {
            if let Some(bucket) = self.as_form(Form::Small) {
                return bucket.search(rest, hash, is_it, map);
            }
            if let Some(bucket) = self.as_larger_bucket() {
                return bucket.search(rest, hash, is_it, map);
            }
            return self.find_here(rest, hash, is_it, map);
        };
        let Some(child) = root.child(slot_of(rest, 0)) else {
            return Ok(None);
        };
        rest >>= BITS;
        // In a map of a thousand entries or more it is a branch.
        let Some(mut branch) = child.as_branch() else {
            if let Some(leaf) = child.as_leaf() {
                let is_it = leaf.hash() == hash && is_it(leaf)?;
                return Ok(is_it.then(|| map(0, leaf)));
            }
            if let Some(bucket) = child.as_form(Form::Small) {
                return bucket.search(rest, hash, is_it, map);
            }
            return match child.as_larger_bucket() {
                Some(bucket) => bucket.search(rest, hash, is_it, map),
                None => child.find_here(rest, hash, is_it, map),
            };
        };
        loop {
            let Some(child) = branch.child(slot_of(rest, 0)) else {
                return Ok(None);
            };
            rest >>= BITS;
            if let Some(leaf) = child.as_leaf() {
                let is_it = leaf.hash() == hash && is_it(leaf)?;
                return Ok(is_it.then(|| map(0, leaf)));
            }
            if let Some(below) = child.as_branch() {
                branch = below;
                continue;
            }
            if let Some(bucket) = child.as_form(Form::Small) {
                return bucket.search(rest, hash, is_it, map);
            }
            return child.find_here(rest, hash, is_it, map);
        }
    }

    /// As [`find_map`](Self::find_map), in a node that is not a branch. `rest` is the hash
    /// without the bits that the levels above used.
    #[cold]
    #[inline(never)]
    fn find_here<'a, R, E>(
        &'a self,
        rest: u32,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Leaf<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        let found = match self.view() {
            View::Leaf(leaf) => (leaf.hash() == hash && is_it(leaf)?).then_some((0, leaf)),
            View::Bucket(bucket) => return bucket.search(rest, hash, is_it, map),
            View::Collision(leaves) => {
                rank_in(leaves, hash, is_it)?.and_then(|rank| Some((rank, leaves.get(rank)?)))
            }
            View::Branch(_) => None,
        };
        Ok(found.map(|(place, leaf)| map(place, leaf)))
    }
}

/// An iterator over the slots of a node that have a child.
pub(crate) struct Slots<K, V, P: PointerKind> {
    first: *const Slot<K, V, P>,
    /// Those of the first 32 that are left.
    bits: u32,
    /// The number of slots after these. Only a collision has more than 32.
    more: usize,
}

impl<K, V, P: PointerKind> Slots<K, V, P> {
    /// Creates it for slots in `bits`.
    #[inline(always)]
    pub fn new(first: *const Slot<K, V, P>, bits: u32) -> Self {
        let more = 0;
        Self { first, bits, more }
    }

    /// Creates it for consecutive leaves. The handle of a leaf has the same bits as a slot with
    /// a leaf.
    pub fn of_collision(first: *const Leaf<K, V, P>, len: usize) -> Self {
        let (first, more) = (first.cast::<Slot<K, V, P>>(), len);
        let before = first.wrapping_sub(WIDTH);
        Self {
            first: before,
            bits: 0,
            more,
        }
    }

    /// Becomes a copy of `other`. Each field is copied by itself: one load of two fields would
    /// wait for the store that has just changed one of them.
    #[inline(always)]
    pub fn set(&mut self, other: &Self) {
        self.first = other.first;
        self.bits = other.bits;
        self.more = other.more;
    }
}

impl<K, V, P: PointerKind> Iterator for Slots<K, V, P> {
    type Item = *const Slot<K, V, P>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.bits == 0 {
            let count = self.more.min(WIDTH);
            if count == 0 {
                return None;
            }
            self.first = self.first.wrapping_add(WIDTH);
            self.bits = u32::MAX >> (WIDTH - count);
            self.more -= count;
        }
        let slot = self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(self.first.wrapping_add(slot))
    }
}

impl<K, V, P: PointerKind> Clone for Slots<K, V, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, P: PointerKind> Copy for Slots<K, V, P> {}

/// Returns the rank of the first leaf of a collision that `is_it` accepts, if its leaves have
/// this `hash`.
pub(crate) fn rank_in<K, V, P: PointerKind, E>(
    leaves: &[Leaf<K, V, P>],
    hash: u32,
    mut is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
) -> Result<Option<usize>, E> {
    if leaves.first().is_some_and(|leaf| leaf.hash() == hash) {
        for (rank, leaf) in leaves.iter().enumerate() {
            if is_it(leaf)? {
                return Ok(Some(rank));
            }
        }
    }
    Ok(None)
}

/// Returns the slot of a branch that `hash` belongs to. `shift` is
/// the number of bits that the levels above used.
pub(crate) fn slot_of(hash: u32, shift: u32) -> usize {
    (hash >> shift) as usize % WIDTH
}
