//! Where a key's entry is, or would be, in a tree that is changed in place.
//!
//! One walk finds the spot, and asks all that there is to ask; then a change is
//! a few writes. Nothing of the new key and value passes through the walk, and
//! the spot is a few words, so that all of it stays in registers. (As one struct:
//! of an enum the compiler packs the words of one variant into those of another.)
#![allow(unsafe_code)]

use core::{marker::PhantomData, ptr::NonNull};

use super::{
    Node,
    bucket::{BucketMut, PlacedMut},
    table::{Header, Slot, Table},
};
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
};

/// Where a key's entry is, or would be. Nobody else sees it.
pub(crate) struct Spot<'a, K, V, P: PointerKind> {
    /// A slot with a leaf, a bucket or nothing: the root's, or one of `branch`.
    place: NonNull<Slot<K, V, P>>,
    /// How many bits deep what is there hangs.
    shift: u32,
    /// Invariant: alone.
    branch: Option<NonNull<Header<K, V, P>>>,
    /// The bucket, if it is one. Invariant: alone.
    bucket: Option<BucketMut<'a, K, V, P>>,
    /// The slot of the branch; of a bucket, the slot of the key's entry.
    slot: usize,
    /// The key's entry, if there is one. Invariant: counted for its table alone.
    bound: Option<NonNull<Entry<K, V, P>>>,
    tree: PhantomData<&'a mut Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Finds the spot of the entry of `hash` that `is_it` accepts, in a whole
    /// tree. `None` if the tree does not tell so fast: in what others see too,
    /// and where entries are of one hash.
    #[inline(always)]
    pub fn spot<E>(
        root: &mut Slot<K, V, P>,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Spot<'_, K, V, P>>, E> {
        let mut spot = Spot {
            place: NonNull::from(root),
            shift: 0,
            branch: None,
            bucket: None,
            slot: 0,
            bound: None,
            tree: PhantomData,
        };
        let mut rest = hash;
        loop {
            // SAFETY: the root's slot, which is borrowed, or one of a branch that hangs
            // there and that nobody else sees.
            let Some(node) = (unsafe { spot.place.as_mut() }) else {
                return Ok(Some(spot));
            };
            if let Some(leaf) = node.as_leaf_mut() {
                if leaf.hash() == hash && is_it(leaf)? {
                    spot.bound = Some(NonNull::from(leaf));
                }
                return Ok(Some(spot));
            }
            let slot = hash::index(rest, 0);
            let branch = if let Some(branch) = node.plain_branch() {
                branch
            } else if let Some((block, form)) = node.plain_bucket() {
                // SAFETY: just found to be one.
                let bucket = unsafe { BucketMut::new(block, form) };
                let bound = bucket.search(rest, hash, is_it)?;
                return Ok(Some(spot.in_bucket(bucket, bound)));
            } else if !node.is_table() || !node.is_alone() {
                return Ok(None);
            } else {
                let is_branch = node.is_branch();
                // SAFETY: just seen.
                let mut table = unsafe { node.table_mut() };
                if !is_branch {
                    let bound = table.bucket().search(rest, hash, is_it)?;
                    if let Some((slot, _)) = bound {
                        table.ensure_owned(slot);
                    }
                    return Ok(Some(spot.in_bucket(BucketMut::of(table), bound)));
                }
                table.ensure_owned(slot);
                table.block
            };
            // SAFETY: a branch has all slots, right after its header.
            spot.place = unsafe { branch.add(1).cast().add(slot) };
            spot.branch = Some(branch);
            spot.slot = slot;
            spot.shift += BITS;
            rest >>= BITS;
        }
    }

    /// The block of a branch that is alone and has no part in lending. That is what
    /// most levels of a deep tree are, and all there is to ask of them.
    #[inline(always)]
    fn plain_branch(&mut self) -> Option<NonNull<Header<K, V, P>>> {
        let branch = self.as_branch()?;
        if !branch.header().count.is_one() || !branch.state().is_plain() {
            return None;
        }
        branch.header().count.note_write();
        Some(branch.block())
    }
}

impl<'a, K, V, P: PointerKind> Spot<'a, K, V, P> {
    #[inline(always)]
    fn in_bucket(self, bucket: BucketMut<'a, K, V, P>, bound: Option<PlacedMut<K, V, P>>) -> Self {
        Self {
            slot: bound.map_or(0, |(slot, _)| slot),
            bound: bound.map(|(_, entry)| entry),
            bucket: Some(bucket),
            ..self
        }
    }

    /// The entry, if there is one, counted for its table alone.
    #[inline(always)]
    pub fn entry(&mut self) -> Option<&mut Entry<K, V, P>> {
        // SAFETY: its table is borrowed, and not used while the result is.
        self.bound.map(|mut entry| unsafe { entry.as_mut() })
    }

    /// Puts the key's entry there, which has none, and tells whether the way to
    /// it should be tidied.
    #[inline(always)]
    pub fn fill(mut self, entry: Entry<K, V, P>) -> bool {
        if let Some(mut bucket) = self.bucket.take() {
            return match bucket.push(entry.hash() >> self.shift, entry) {
                Ok(()) => false,
                // SAFETY: the bucket's node.
                Err(entry) => push_more(unsafe { self.node() }, self.shift, entry),
            };
        }
        // SAFETY: as in `spot`.
        let place = unsafe { self.place.as_mut() };
        if let Some(leaf) = place {
            leaf.replace_with(|leaf| leaf.join(self.shift, entry));
        } else {
            *place = Some(Node::leaf(entry));
            if let Some(branch) = self.branch {
                // SAFETY: alone.
                unsafe { Header::note(branch, self.slot, true) };
            }
        }
        false
    }

    /// Takes the entry, which is of this hash, out, if there is one, and tells whether
    /// the way to it should be tidied.
    #[inline(always)]
    pub fn remove(mut self, hash: u32) -> (Option<Entry<K, V, P>>, bool) {
        let Some(bound) = self.bound else {
            return (None, false);
        };
        let Some(mut bucket) = self.bucket.take() else {
            // SAFETY: as in `spot`.
            let leaf = unsafe { self.place.as_mut() }.take();
            if let Some(branch) = self.branch {
                // SAFETY: alone.
                unsafe { Header::note(branch, self.slot, false) };
            }
            let removed = leaf.and_then(|leaf| leaf.into_leaf().ok());
            return (removed, self.is_among_few());
        };
        // SAFETY: the entry's slot, and the bucket owns it.
        let removed = unsafe { bucket.take((self.slot, bound), hash >> self.shift) };
        if !bucket.bits().is_power_of_two() {
            return (Some(removed), self.is_only_child());
        }
        // SAFETY: the bucket's node, and one entry is left.
        unsafe { bucket.dissolve(self.node()) };
        (Some(removed), self.is_among_few())
    }

    /// The node that is there.
    ///
    /// # Safety
    ///
    /// There must be one.
    #[inline(always)]
    unsafe fn node(&mut self) -> &'a mut Node<K, V, P> {
        // SAFETY: as in `spot`; by the caller.
        unsafe { self.place.as_mut().as_mut().unwrap_unchecked() }
    }

    /// Whether there is a branch, of so few children that it may have to go.
    #[inline(always)]
    fn is_among_few(&self) -> bool {
        self.branch().is_some_and(Table::is_sparse)
    }

    /// Whether there is a branch that has only this child. A bucket that shrinks may
    /// take its place.
    #[inline(always)]
    fn is_only_child(&self) -> bool {
        self.branch()
            .is_some_and(|branch| branch.bits().is_power_of_two())
    }

    #[inline(always)]
    fn branch(&self) -> Option<Table<'_, K, V, P>> {
        // SAFETY: borrowed as the spot is.
        self.branch.map(|branch| unsafe { Table::new(branch) })
    }
}

/// Puts one entry more in a full bucket that is alone, and hangs `shift` bits deep. Tells
/// whether it is a collision now, which does not stay below a branch by itself.
#[cold]
#[inline(never)]
fn push_more<K, V, P: PointerKind>(
    bucket: &mut Node<K, V, P>,
    shift: u32,
    entry: Entry<K, V, P>,
) -> bool {
    debug_assert!(bucket.is_table() && bucket.is_alone());
    // SAFETY: by the one caller, a spot in a bucket.
    let mut bucket = unsafe { bucket.table_mut() };
    match bucket.push(shift, entry) {
        Ok(()) => false,
        Err(entry) => !bucket.split(shift, entry).is_branch(),
    }
}
