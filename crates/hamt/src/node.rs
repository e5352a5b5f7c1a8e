//! The tree:
//!
//! * no node is empty, and a subtree of one entry is that entry's leaf;
//! * a subtree of up to 16 entries (32 at the root) may be a bucket of their leaves; one
//!   of more is a branch, which sends each entry to a child by five bits of its hash;
//! * entries that have one hash, too many for a bucket, are a collision.
//!
//! A full bucket that gets another entry becomes a branch. A branch goes back to
//! being a bucket when it has at most [`change::SPARSE`] children, all leaves, or
//! a single child, a bucket of as few. One that is left with a single leaf or
//! collision is replaced by it.
//!
//! Nothing here runs code of the keys or values, save their drop: lookup, which
//! does, is over before a change begins.
#![allow(unsafe_code)]

mod apart;
mod bucket;
mod change;
mod collision;
mod copy;
mod exclusive;
mod fill;
mod find;
mod guide;
mod ledger;
mod lend;
mod spares;
mod spot;
mod state;
mod table;
mod table_mut;
mod tags;

use alloc::boxed::Box;
use core::{marker::PhantomData, mem, num::NonZero, ptr::NonNull};

use crate::{Entry, count::Count, kind::PointerKind};
pub(crate) use apart::{Alteration, Change};
#[cfg(feature = "audit")]
pub(crate) use change::SPARSE;
pub(crate) use collision::Collision;
pub(crate) use find::Placed;
pub(crate) use ledger::indexes;
pub(crate) use spares::Spares;
pub(crate) use spot::Spot;
pub(crate) use state::{Form, State};
use table::Header;
pub(crate) use table::Table;
pub(crate) use table_mut::TableMut;

/// A counted handle to a subtree: the address of a leaf, a branch, a bucket or a
/// collision, which of them, and which form of bucket, in its three lowest bits.
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
const BRANCH: usize = Form::Branch as usize;
const SMALL: usize = Form::Small as usize;
const MEDIUM: usize = Form::Medium as usize;
const LARGE: usize = Form::Large as usize;
const COLLISION: usize = 7;
const TAGS: usize = 7;

#[repr(C, align(8))]
struct Counted<K, V, P: PointerKind> {
    /// First, as in every node.
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
    Branch(Table<'a, K, V, P>),
    Bucket(Table<'a, K, V, P>),
    Collision(&'a Collision<K, V, P>),
}

/// What a node is, to be changed in place.
pub(crate) enum ViewMut<'a, K, V, P: PointerKind> {
    Leaf(&'a mut Entry<K, V, P>),
    Branch(TableMut<'a, K, V, P>),
    Bucket(TableMut<'a, K, V, P>),
    Collision(&'a mut Collision<K, V, P>),
    /// A branch, bucket or collision that others see too.
    Shared(&'a mut Node<K, V, P>),
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
    pub fn leaves(entries: &[Entry<K, V, P>]) -> &[Option<Self>] {
        // SAFETY: as in `leaf`, for each; a node that is there is its own option,
        // bit for bit, since it is never null.
        unsafe { &*(&raw const *entries as *const [Option<Self>]) }
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
    /// The table must be complete, and counted for the result.
    #[inline(always)]
    unsafe fn of_table(block: NonNull<Header<K, V, P>>) -> Self {
        // SAFETY: by the caller.
        let form = unsafe { Table::new(block) }.state().form();
        Self::new(block, form as usize)
    }

    /// Notes where a table has moved.
    fn set_table(&mut self, block: NonNull<Header<K, V, P>>, form: Form) {
        self.tagged = block.cast().map_addr(|address| address | form as usize);
    }

    /// The form of a branch or bucket.
    #[inline(always)]
    fn form(&self) -> Form {
        match self.tag() {
            SMALL => Form::Small,
            MEDIUM => Form::Medium,
            LARGE => Form::Large,
            _ => Form::Branch,
        }
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
        let untag =
            |address: NonZero<usize>| unsafe { NonZero::new_unchecked(address.get() - tag) };
        self.tagged.map_addr(untag).cast()
    }

    /// The address of the block, and the tag.
    #[inline(always)]
    fn parts<T>(&self) -> (NonNull<T>, usize) {
        let (tagged, tag) = (self.tagged, self.tag());
        // SAFETY: no block is at an address below eight.
        let untag =
            |address: NonZero<usize>| unsafe { NonZero::new_unchecked(address.get() & !TAGS) };
        (tagged.map_addr(untag).cast(), tag)
    }

    #[inline(always)]
    pub fn as_leaf(&self) -> Option<&Entry<K, V, P>> {
        (self.tag() == LEAF).then(|| {
            // SAFETY: the handle of a leaf is an entry, bit for bit.
            unsafe { &*(&raw const *self).cast() }
        })
    }

    /// The entry of a leaf.
    ///
    /// # Errors
    ///
    /// Gives the node back if it is none.
    pub fn into_leaf(self) -> Result<Entry<K, V, P>, Self> {
        if self.tag() == LEAF {
            // SAFETY: as in `leaf`, the other way round.
            Ok(unsafe { mem::transmute::<Self, Entry<K, V, P>>(self) })
        } else {
            Err(self)
        }
    }

    #[inline(always)]
    pub fn as_branch(&self) -> Option<Table<'_, K, V, P>> {
        // SAFETY: counted for this handle; whoever changes it has the handle
        // borrowed exclusively.
        (self.tag() == BRANCH).then(|| unsafe { Table::new(self.untagged(BRANCH)) })
    }

    /// The bucket, if it is one of this form.
    #[inline(always)]
    fn as_bucket(&self, form: Form) -> Option<Table<'_, K, V, P>> {
        // SAFETY: as in `as_branch`.
        (self.tag() == form as usize).then(|| unsafe { Table::new(self.untagged(form as usize)) })
    }

    /// The bucket and its form, if it is medium or large. Asks for bits and not
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
        Some((self.as_bucket(form)?, form))
    }

    #[inline(always)]
    pub fn is_branch(&self) -> bool {
        self.tag() == BRANCH
    }

    #[inline(always)]
    fn is_collision(&self) -> bool {
        self.tag() == COLLISION
    }

    /// Whether it is a branch or a bucket.
    #[inline(always)]
    pub fn is_table(&self) -> bool {
        !matches!(self.tag(), LEAF | COLLISION)
    }

    #[inline(always)]
    pub fn as_leaf_mut(&mut self) -> Option<&mut Entry<K, V, P>> {
        (self.tag() == LEAF).then(|| {
            // SAFETY: the handle of a leaf is an entry, bit for bit.
            unsafe { &mut *(&raw mut *self).cast() }
        })
    }

    #[inline(always)]
    pub fn view(&self) -> View<'_, K, V, P> {
        if let Some(entry) = self.as_leaf() {
            View::Leaf(entry)
        } else if let Some(branch) = self.as_branch() {
            View::Branch(branch)
        } else if self.is_table() {
            // SAFETY: as in `as_branch`.
            View::Bucket(unsafe { Table::new(self.untagged(self.tag())) })
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
            _ if !self.is_alone() => ViewMut::Shared(self),
            // SAFETY: it is alone.
            BRANCH => ViewMut::Branch(unsafe { self.table_mut() }),
            // SAFETY: as above.
            SMALL | MEDIUM | LARGE => ViewMut::Bucket(unsafe { self.table_mut() }),
            _ => {
                let mut counted = self.untagged::<Counted<K, V, P>>(COLLISION);
                // SAFETY: this handle is the only one, and exclusively borrowed.
                let counted = unsafe { counted.as_mut() };
                counted.count.note_write();
                ViewMut::Collision(&mut counted.collision)
            }
        }
    }

    /// A branch or bucket to be changed.
    ///
    /// # Safety
    ///
    /// The node must be one, and alone ([`is_alone`](Self::is_alone)).
    #[inline(always)]
    unsafe fn table_mut(&mut self) -> TableMut<'_, K, V, P> {
        let block = self.untagged(self.tag());
        // SAFETY: the only holder, and no borrower.
        unsafe { TableMut::new(self, block) }
    }

    /// Tells whether nobody else knows of the node, provided the handle is
    /// counted for the caller alone.
    #[inline(always)]
    fn is_alone(&self) -> bool {
        match self.view() {
            View::Leaf(entry) => entry.has_one_holder(),
            View::Branch(table) | View::Bucket(table) => {
                table.header().count.is_one() && table.state().is_quiet()
            }
            View::Collision(_) => self.counted().count.is_one(),
        }
    }

    /// Tells whether this handle is the only one.
    #[inline(always)]
    pub fn has_one_holder(&self) -> bool {
        match self.view() {
            View::Leaf(entry) => entry.has_one_holder(),
            View::Branch(table) | View::Bucket(table) => table.header().count.is_one(),
            View::Collision(_) => self.counted().count.is_one(),
        }
    }

    #[inline(always)]
    fn counted(&self) -> &Counted<K, V, P> {
        // SAFETY: counted for this handle, and of this tag.
        unsafe { self.untagged(COLLISION).as_ref() }
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

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// The count, which every kind of node begins with.
    #[inline(always)]
    fn count(&self) -> &Count<P> {
        // SAFETY: counted for this handle, so alive.
        unsafe { self.parts().0.as_ref() }
    }

    /// Drops what nobody holds any more.
    ///
    /// # Safety
    ///
    /// The handle must have been the last, and not be used again.
    #[inline(never)]
    unsafe fn held_no_more(&mut self) {
        match self.tag() {
            // SAFETY: of this tag, and from the last handle.
            LEAF => unsafe { Entry::<K, V, P>::free(self.untagged(LEAF)) },
            COLLISION => {
                let counted = self.untagged::<Counted<K, V, P>>(COLLISION);
                self.counted().count.note_write();
                // SAFETY: from a box, and the last handle is gone.
                drop(unsafe { Box::from_raw(counted.as_ptr()) });
            }
            tag => {
                // SAFETY: a table, which nobody holds any more.
                unsafe { Table::<K, V, P>::new(self.untagged(tag)).held_no_more() };
            }
        }
    }
}

impl<K, V, P: PointerKind> Clone for Node<K, V, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.count().up();
        Self {
            tagged: self.tagged,
            owns: PhantomData,
        }
    }
}

impl<K, V, P: PointerKind> Drop for Node<K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.count().down() {
            // SAFETY: the last handle.
            unsafe { self.held_no_more() };
        }
    }
}
