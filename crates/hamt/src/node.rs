//! The tree. Its shape depends only on the hashes of its entries, never on the
//! order in which they came and went:
//!
//! * no node is empty, and a subtree of one entry is that entry's leaf;
//! * a subtree whose entries all have one hash is a collision, so it hangs as
//!   high as the other hashes let it;
//! * any other subtree is a branch.
//!
//! (CPython's tree remembers: there a removal leaves an array of sixteen, and
//! a collision where its last neighbour pushed it.)
//!
//! Nothing here runs code of the keys or values, save their drop: lookup, which
//! does, is over before a change begins.
#![allow(unsafe_code)]

mod branch;
mod branch_mut;
mod change;
mod collision;
mod copy;
mod ledger;
mod lend;
mod state;

use alloc::boxed::Box;
use core::{marker::PhantomData, mem, num::NonZero, ptr::NonNull, slice};

use crate::{
    Entry,
    count::Count,
    hash::BITS,
    kind::PointerKind,
};
use branch::Header;
pub(crate) use branch::Branch;
pub(crate) use branch_mut::BranchMut;
pub(crate) use collision::Collision;

/// A counted handle to a subtree: the address of a leaf, a branch or a
/// collision, which of them in its two lowest bits.
///
/// A leaf's address is tagged zero, so that the handle of a leaf is an
/// [`Entry`], bit for bit.
#[repr(transparent)]
pub(crate) struct Node<K, V, P: PointerKind> {
    /// Invariant: counted for this handle. (A borrowed slot's is counted for its
    /// lender: [`lend`].)
    tagged: NonNull<()>,
    owns: PhantomData<Entry<K, V, P>>,
}

const LEAF: usize = 0;
const BRANCH: usize = 1;
const COLLISION: usize = 2;
const TAGS: usize = 3;

struct Counted<K, V, P: PointerKind> {
    count: Count<P>,
    collision: Collision<K, V, P>,
}

// SAFETY: a subtree is its entries, and words that are atomic if the kind is
// `Sync`, so it may go where its entries may (`Entry`).
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Send for Node<K, V, P> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Sync for Node<K, V, P> {}

/// What a node is.
pub(crate) enum View<'a, K, V, P: PointerKind> {
    Leaf(&'a Entry<K, V, P>),
    Branch(Branch<'a, K, V, P>),
    Collision(&'a Collision<K, V, P>),
}

/// What a node is, to be changed in place.
pub(crate) enum ViewMut<'a, K, V, P: PointerKind> {
    Leaf(&'a mut Entry<K, V, P>),
    Branch(BranchMut<'a, K, V, P>),
    Collision(&'a mut Collision<K, V, P>),
    /// A branch or collision that others see too.
    Shared(&'a mut Node<K, V, P>),
}

/// Where the path of a hash ends.
pub(crate) struct PathEnd<'a, K, V, P: PointerKind> {
    /// Nodes the path leads through: branches, and the collision if one ends it.
    pub nodes: usize,
    /// The entries of exactly that hash.
    pub entries: &'a [Entry<K, V, P>],
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    fn new<T>(block: NonNull<T>, tag: usize) -> Self {
        Self {
            tagged: block.cast().map_addr(|address| address | tag),
            owns: PhantomData,
        }
    }

    #[inline(always)]
    pub fn leaf(entry: Entry<K, V, P>) -> Self {
        // SAFETY: both are transparent over one pointer, an entry's address has
        // the tag of a leaf, and its count goes along.
        unsafe { mem::transmute(entry) }
    }

    /// Entries as the leaves that they are.
    pub fn leaves(entries: &[Entry<K, V, P>]) -> &[Self] {
        // SAFETY: as in `leaf`, for each.
        unsafe { &*(&raw const *entries as *const [Self]) }
    }

    pub fn collision(collision: Collision<K, V, P>) -> Self {
        let counted = Box::new(Counted {
            count: Count::one(),
            collision,
        });
        Self::new(NonNull::from(Box::leak(counted)), COLLISION)
    }

    /// # Safety
    ///
    /// The branch must be complete, and counted for the result.
    #[inline(always)]
    unsafe fn of_block(block: NonNull<Header<K, V, P>>) -> Self {
        Self::new(block, BRANCH)
    }

    /// Notes where the branch has moved.
    fn set_block(&mut self, block: NonNull<Header<K, V, P>>) {
        self.tagged = block.cast().map_addr(|address| address | BRANCH);
    }

    #[inline(always)]
    fn tag(&self) -> usize {
        self.tagged.addr().get() & TAGS
    }

    #[inline(always)]
    fn untagged<T>(&self, tag: usize) -> NonNull<T> {
        debug_assert_eq!(self.tag(), tag);
        // SAFETY: no block is at address zero, so the address without its tag is
        // not zero.
        let untag = |address: NonZero<usize>| unsafe { NonZero::new_unchecked(address.get() - tag) };
        self.tagged.map_addr(untag).cast()
    }

    #[inline(always)]
    pub fn as_leaf(&self) -> Option<&Entry<K, V, P>> {
        (self.tag() == LEAF).then(|| {
            // SAFETY: the handle of a leaf is an entry, bit for bit.
            unsafe { &*(&raw const *self).cast() }
        })
    }

    /// The entry of a leaf.
    pub fn into_leaf(self) -> Option<Entry<K, V, P>> {
        (self.tag() == LEAF).then(|| {
            // SAFETY: as in `leaf`, the other way round.
            unsafe { mem::transmute(self) }
        })
    }

    #[inline(always)]
    pub fn as_branch(&self) -> Option<Branch<'_, K, V, P>> {
        (self.tag() == BRANCH).then(|| {
            // SAFETY: counted for this handle; whoever changes it has the handle
            // borrowed exclusively.
            unsafe { Branch::new(self.untagged(BRANCH)) }
        })
    }

    #[inline(always)]
    pub fn view(&self) -> View<'_, K, V, P> {
        if let Some(entry) = self.as_leaf() {
            View::Leaf(entry)
        } else if let Some(branch) = self.as_branch() {
            View::Branch(branch)
        } else {
            let counted = self.counted();
            counted.count.note_read();
            View::Collision(&counted.collision)
        }
    }

    #[inline(always)]
    pub fn view_mut(&mut self) -> ViewMut<'_, K, V, P> {
        match self.tag() {
            LEAF => {
                // SAFETY: the handle of a leaf is an entry, bit for bit.
                ViewMut::Leaf(unsafe { &mut *(&raw mut *self).cast() })
            }
            BRANCH if self.is_alone() => {
                let block = self.untagged(BRANCH);
                // SAFETY: the only holder, and no borrower.
                ViewMut::Branch(unsafe { BranchMut::new(self, block) })
            }
            COLLISION if self.is_alone() => {
                let mut counted = self.untagged::<Counted<K, V, P>>(COLLISION);
                // SAFETY: this handle is the only one, and exclusively borrowed.
                let counted = unsafe { counted.as_mut() };
                counted.count.note_write();
                ViewMut::Collision(&mut counted.collision)
            }
            _ => ViewMut::Shared(self),
        }
    }

    /// Tells whether nobody else knows of the node, provided the handle is
    /// counted for the caller alone.
    #[inline(always)]
    fn is_alone(&self) -> bool {
        self.has_one_holder() && self.as_branch().is_none_or(|branch| branch.state().is_quiet())
    }

    /// Tells whether this handle is the only one.
    #[inline(always)]
    pub fn has_one_holder(&self) -> bool {
        match self.view() {
            View::Leaf(entry) => entry.has_one_holder(),
            View::Branch(branch) => branch.header().count.is_one(),
            View::Collision(_) => self.counted().count.is_one(),
        }
    }

    #[inline(always)]
    fn counted(&self) -> &Counted<K, V, P> {
        // SAFETY: counted for this handle, and of this tag.
        unsafe { self.untagged(COLLISION).as_ref() }
    }

    /// The entries of a leaf or a collision, of which it has one hash; `None` of
    /// a branch, which always has several.
    pub fn sole_entries(&self) -> Option<&[Entry<K, V, P>]> {
        match self.view() {
            View::Leaf(entry) => Some(slice::from_ref(entry)),
            View::Collision(collision) => Some(collision.entries()),
            View::Branch(_) => None,
        }
    }

    /// Follows the path of `hash` to its end; the node hangs `shift` bits deep.
    #[inline(always)]
    pub fn follow(&self, shift: u32, hash: u32) -> PathEnd<'_, K, V, P> {
        let mut node = self;
        // Below the seventh level no bits are left.
        let mut rest = hash.checked_shr(shift).unwrap_or(0);
        let mut nodes = 0;
        while let Some(branch) = node.as_branch() {
            nodes += 1;
            let Some(child) = branch.child(crate::hash::index(rest, 0)) else {
                return PathEnd { nodes, entries: &[] };
            };
            rest >>= BITS;
            node = child;
        }
        let entries = match node.view() {
            View::Leaf(entry) => slice::from_ref(entry),
            View::Collision(collision) => {
                nodes += 1;
                collision.entries()
            }
            View::Branch(_) => &[],
        };
        let entries = match entries {
            [first, ..] if first.hash() == hash => entries,
            _ => &[],
        };
        PathEnd { nodes, entries }
    }

    /// Tells whether two handles are of one node.
    #[inline(always)]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.tagged == other.tagged
    }

    /// Puts what `change` makes of the node in its place. `change` must not
    /// panic: nothing of the keys and values may run in it.
    fn replace_with(&mut self, change: impl FnOnce(Self) -> Self) {
        // SAFETY: the node is written back before anybody looks; nothing
        // unwinds in between.
        unsafe {
            let place = &raw mut *self;
            place.write(change(place.read()));
        }
    }
}

impl<K, V, P: PointerKind> Clone for Node<K, V, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        match self.tag() {
            LEAF => {
                // A leaf's count stands at its beginning, as a branch's does.
                if let Some(entry) = self.as_leaf() {
                    return Self::leaf(entry.clone());
                }
            }
            BRANCH => {
                if let Some(branch) = self.as_branch() {
                    branch.header().count.up();
                }
            }
            _ => self.counted().count.up(),
        }
        Self {
            tagged: self.tagged,
            owns: PhantomData,
        }
    }
}

impl<K, V, P: PointerKind> Drop for Node<K, V, P> {
    #[inline]
    fn drop(&mut self) {
        match self.tag() {
            LEAF => {
                // SAFETY: the handle of a leaf is an entry, bit for bit, and is
                // not used again.
                unsafe { (&raw mut *self).cast::<Entry<K, V, P>>().drop_in_place() };
            }
            BRANCH => {
                if let Some(branch) = self.as_branch() {
                    // SAFETY: the handle is not used again.
                    unsafe { branch.let_go() };
                }
            }
            _ => {
                let counted = self.counted();
                if counted.count.down() {
                    counted.count.note_write();
                    let counted = self.untagged::<Counted<K, V, P>>(COLLISION);
                    // SAFETY: from a box, and the last handle is gone.
                    drop(unsafe { Box::from_raw(counted.as_ptr()) });
                }
            }
        }
    }
}
