//! The nodes of the tree, as handles, and looking up.
//!
//! * No node is empty, and a subtree of one entry is that entry's leaf.
//! * A subtree of up to 16 entries (32 at the root) may be a bucket of their leaves. One
//!   of more is a branch, which sends each entry to a child by five bits of its hash.
//! * Leaves of one hash, too many for a bucket, are a collision.
//!
//! A full bucket that gets another leaf becomes a branch. A branch goes back to
//! being a bucket when it has at most [`SPARSE`](crate::edit::SPARSE) children, all leaves,
//! or a single child, a bucket of as few. One that is left with a single leaf or
//! collision is replaced by it.
//!
//! Nothing here runs code of the keys or values, save their drop: lookup, which
//! does, is over before a change begins. The memory of tables is in [`crate::header`],
//! changes are in [`crate::edit`] and [`crate::edit_mut`].
#![allow(unsafe_code)]

use core::{alloc::Layout, marker::PhantomData, mem, num::NonZero, ptr::NonNull};

use crate::{
    Leaf,
    edit::Collision,
    hash::{self, BITS},
    header::{Form, Header, Table},
    kind::PointerKind,
};

/// A counted handle to a subtree: the address of a leaf, a branch, a bucket or a
/// collision, which of them, and which form of bucket, in its three lowest bits.
///
/// A leaf's address is tagged zero, so that the handle of a leaf is a
/// [`Leaf`], bit for bit.
#[repr(transparent)]
pub(crate) struct Node<K, V, P: PointerKind> {
    /// Invariant: counted for this handle. (A borrowed slot's is counted for its
    /// owner: [`crate::share`].)
    tagged: NonNull<()>,
    owns: PhantomData<Leaf<K, V, P>>,
}

const LEAF: usize = 0;
const BRANCH: usize = Form::Branch as usize;
const SMALL: usize = Form::Small as usize;
const MEDIUM: usize = Form::Medium as usize;
const LARGE: usize = Form::Large as usize;
const COLLISION: usize = 7;
const TAGS: usize = 7;

#[repr(C, align(8))]
struct Counted<K, V, P: PointerKind> {
    /// First, as in every node.
    head: P::Head,
    collision: Collision<K, V, P>,
}

// SAFETY: a subtree is its leaves, and words that are atomic if the kind is
// `Sync`, so it may go where its leaves may (`Leaf`).
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Send for Node<K, V, P> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Sync for Node<K, V, P> {}

/// What a node is.
pub(crate) enum View<'a, K, V, P: PointerKind> {
    Leaf(&'a Leaf<K, V, P>),
    Branch(Table<'a, K, V, P>),
    Bucket(Table<'a, K, V, P>),
    Collision(&'a Collision<K, V, P>),
}

/// A table, and its form.
pub(crate) type Formed<K, V, P> = (NonNull<Header<K, V, P>>, Form);

/// A leaf, and where it is in the bucket or collision that has it; zero in a
/// leaf.
pub(crate) type Placed<'a, K, V, P> = (usize, &'a Leaf<K, V, P>);

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Makes the handle of a new node, which must be whole and what the tag says.
    #[inline(always)]
    pub fn new<T>(node: NonNull<T>, tag: usize) -> Self {
        let node = Self {
            tagged: node.cast().map_addr(|address| address | tag),
            owns: PhantomData,
        };
        P::track(node.head());
        node
    }

    #[inline(always)]
    pub fn leaf(leaf: Leaf<K, V, P>) -> Self {
        // SAFETY: both are transparent over one pointer, a leaf's address has
        // the tag of a leaf, and its count goes along.
        unsafe { mem::transmute(leaf) }
    }

    /// Returns leaves as the nodes that they are.
    pub fn leaves(leaves: &[Leaf<K, V, P>]) -> &[Option<Self>] {
        // SAFETY: as in `leaf`, for each; a node that is there is its own option,
        // bit for bit, since it is never null.
        unsafe { &*(&raw const *leaves as *const [Option<Self>]) }
    }

    pub fn collision(collision: Collision<K, V, P>) -> Result<Self, P::Refused> {
        // SAFETY: a layout of a type that begins with the head, and fresh memory of it.
        unsafe {
            let node = P::allocate(Layout::new::<Counted<K, V, P>>())?;
            let counted = node.cast::<Counted<K, V, P>>().as_ptr();
            (&raw mut (*counted).collision).write(collision);
            Ok(Self::new(node, COLLISION))
        }
    }

    #[inline(always)]
    fn tag(&self) -> usize {
        self.tagged.addr().get() & TAGS
    }

    #[inline(always)]
    fn untagged<T>(&self, tag: usize) -> NonNull<T> {
        debug_assert_eq!(self.tag(), tag);
        // SAFETY: nothing is at address zero, so the address without its tag is
        // not zero.
        let untag =
            |address: NonZero<usize>| unsafe { NonZero::new_unchecked(address.get() - tag) };
        self.tagged.map_addr(untag).cast()
    }

    /// Returns the address without the tag, and the tag.
    #[inline(always)]
    fn parts<T>(&self) -> (NonNull<T>, usize) {
        let (tagged, tag) = (self.tagged, self.tag());
        // SAFETY: nothing is at an address below eight.
        let untag =
            |address: NonZero<usize>| unsafe { NonZero::new_unchecked(address.get() & !TAGS) };
        (tagged.map_addr(untag).cast(), tag)
    }

    #[inline(always)]
    pub fn as_leaf(&self) -> Option<&Leaf<K, V, P>> {
        (self.tag() == LEAF).then(|| {
            // SAFETY: the handle of a leaf is a `Leaf`, bit for bit.
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

    /// Returns the leaf, or the node if it is none.
    pub fn into_leaf(self) -> Result<Leaf<K, V, P>, Self> {
        if self.tag() == LEAF {
            // SAFETY: as in `leaf`, the other way round.
            Ok(unsafe { mem::transmute::<Self, Leaf<K, V, P>>(self) })
        } else {
            Err(self)
        }
    }

    /// Returns the table of a branch or bucket, and its form.
    #[inline(always)]
    pub fn as_table(&self) -> Option<Formed<K, V, P>> {
        let (table, tag) = self.parts();
        let form = if tag == BRANCH {
            Form::Branch
        } else if tag == MEDIUM {
            Form::Medium
        } else if tag == SMALL {
            Form::Small
        } else if tag == LARGE {
            Form::Large
        } else {
            return None;
        };
        Some((table, form))
    }

    /// Returns the table, if it is one of this form.
    #[inline(always)]
    fn as_form(&self, form: Form) -> Option<Table<'_, K, V, P>> {
        // SAFETY: counted for this handle; a thread that changes it has the handle
        // borrowed exclusively.
        (self.tag() == form as usize).then(|| unsafe { Table::new(self.untagged(form as usize)) })
    }

    /// Returns the bucket and its form, if it is medium or large. Asks for bits and not
    /// for the tag: of more than three tags asked for in a row, the compiler makes
    /// a jump by a table, which lookups would wait for.
    #[inline(always)]
    fn as_larger_bucket(&self) -> Option<(Table<'_, K, V, P>, Form)> {
        const { assert!(LARGE == 4 && MEDIUM == 6 && BRANCH & 1 != 0 && COLLISION & 1 != 0) };
        let tagged = self.tagged.addr().get();
        if tagged & 5 != 4 {
            return None;
        }
        let form = if tagged & 2 == 0 {
            Form::Large
        } else {
            Form::Medium
        };
        Some((self.as_form(form)?, form))
    }

    #[inline(always)]
    pub fn as_branch(&self) -> Option<Table<'_, K, V, P>> {
        self.as_form(Form::Branch)
    }

    #[inline(always)]
    pub fn is_collision(&self) -> bool {
        self.tag() == COLLISION
    }

    /// Returns `true` for a branch or a bucket.
    #[inline(always)]
    pub fn is_table(&self) -> bool {
        !matches!(self.tag(), LEAF | COLLISION)
    }

    #[inline(always)]
    pub fn view(&self) -> View<'_, K, V, P> {
        if let Some(leaf) = self.as_leaf() {
            View::Leaf(leaf)
        } else if let Some(branch) = self.as_branch() {
            View::Branch(branch)
        } else if self.is_table() {
            // SAFETY: as in `as_form`.
            View::Bucket(unsafe { Table::new(self.untagged(self.tag())) })
        } else {
            let counted: NonNull<Counted<K, V, P>> = self.untagged(COLLISION);
            // SAFETY: counted for this handle, and of this tag.
            let counted = unsafe { counted.as_ref() };
            P::note_read(&counted.head);
            View::Collision(&counted.collision)
        }
    }

    /// Returns the collision, if no other version sees it.
    pub fn as_collision_mut(&mut self) -> Option<&mut Collision<K, V, P>> {
        if !self.is_collision() || !self.has_one_holder() {
            return None;
        }
        let mut counted: NonNull<Counted<K, V, P>> = self.untagged(COLLISION);
        // SAFETY: this handle is the only one, and exclusively borrowed.
        let counted = unsafe { counted.as_mut() };
        P::note_write(&counted.head);
        Some(&mut counted.collision)
    }

    /// Returns `true` if this handle is the only one.
    #[inline(always)]
    pub fn has_one_holder(&self) -> bool {
        P::is_one(self.head())
    }

    /// Returns `true` if two handles are of one node.
    #[inline(always)]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.tagged == other.tagged
    }

    /// Returns the head, which every kind of node begins with.
    #[inline(always)]
    fn head(&self) -> &P::Head {
        // SAFETY: counted for this handle, so alive.
        unsafe { self.parts().0.as_ref() }
    }

    /// Drops the node that has no handle any more.
    ///
    /// # Safety
    ///
    /// The handle must have been the last, and not be used again.
    #[inline(never)]
    unsafe fn last_holder_gone(&mut self) {
        match self.tag() {
            // SAFETY: of this tag, and from the last handle.
            LEAF => unsafe { Leaf::<K, V, P>::free(self.untagged(LEAF)) },
            COLLISION => {
                let counted = self.untagged::<Counted<K, V, P>>(COLLISION);
                P::untrack(self.head());
                P::note_write(self.head());
                // SAFETY: the last handle is gone, and so are the leaves before the memory.
                unsafe {
                    let leaves = (&raw mut (*counted.as_ptr()).collision).read();
                    P::free(counted.cast(), Layout::new::<Counted<K, V, P>>());
                    drop(leaves);
                }
            }
            tag => {
                // SAFETY: a table, which has no holder any more.
                unsafe { Table::<K, V, P>::new(self.untagged(tag)).last_holder_gone() };
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
    /// Returns the first leaf of `hash` in this subtree, which hangs `shift` bits deep,
    /// that `is_it` accepts: what `map` makes of its place and it.
    ///
    /// The common cases are inlined, with the root handled separately so that a loop
    /// over keys can hoist its kind; the rest is in `find_here`.
    #[inline(always)]
    pub fn find_map<'a, R, E>(
        &'a self,
        shift: u32,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Leaf<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        // Below the seventh level no bits are left.
        let mut rest = hash.checked_shr(shift).unwrap_or(0);
        if let Some(bucket) = self.as_form(Form::Medium) {
            return bucket.search(Form::Medium, rest, hash, is_it, map);
        }
        let Some(root) = self.as_branch() else {
            if let Some(bucket) = self.as_form(Form::Small) {
                return bucket.search(Form::Small, rest, hash, is_it, map);
            }
            if let Some((bucket, Form::Large)) = self.as_larger_bucket() {
                return bucket.search(Form::Large, rest, hash, is_it, map);
            }
            return self.find_here(rest, hash, is_it, map);
        };
        let Some(child) = root.branch_child(hash::index(rest, 0)) else {
            return Ok(None);
        };
        rest >>= BITS;
        // In a map of hundreds and more it is a branch.
        let Some(mut branch) = child.as_branch() else {
            if let Some(leaf) = child.as_leaf() {
                let is_it = leaf.hash() == hash && is_it(leaf)?;
                return Ok(is_it.then(|| map(0, leaf)));
            }
            if let Some(bucket) = child.as_form(Form::Small) {
                return bucket.search(Form::Small, rest, hash, is_it, map);
            }
            return match child.as_larger_bucket() {
                Some((bucket, Form::Large)) => bucket.search(Form::Large, rest, hash, is_it, map),
                Some((bucket, _)) => bucket.search(Form::Medium, rest, hash, is_it, map),
                None => child.find_here(rest, hash, is_it, map),
            };
        };
        loop {
            let Some(child) = branch.branch_child(hash::index(rest, 0)) else {
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
                return bucket.search(Form::Small, rest, hash, is_it, map);
            }
            return child.find_here(rest, hash, is_it, map);
        }
    }

    /// Does the same in any node but a branch. `rest` is what the levels above have
    /// left of the hash.
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
            View::Bucket(bucket) => {
                return match bucket.state().form() {
                    Form::Small => bucket.search(Form::Small, rest, hash, is_it, map),
                    Form::Medium => bucket.search(Form::Medium, rest, hash, is_it, map),
                    _ => bucket.search(Form::Large, rest, hash, is_it, map),
                };
            }
            View::Collision(collision) if collision.hash() == hash => collision.find(is_it)?,
            View::Collision(_) | View::Branch(_) => None,
        };
        Ok(found.map(|(place, leaf)| map(place, leaf)))
    }

    /// Returns the node that has the leaves of `hash`, if any has, and the number of
    /// branches on the way.
    #[inline(always)]
    pub fn follow(&self, hash: u32) -> (Option<&Self>, usize) {
        let mut node = self;
        let mut rest = hash;
        let mut branches = 0;
        while let Some(branch) = node.as_branch() {
            branches += 1;
            match branch.branch_child(hash::index(rest, 0)) {
                Some(child) => node = child,
                None => return (None, branches),
            }
            rest >>= BITS;
        }
        (Some(node), branches)
    }
}
