//! A bucket that its holder has to itself, changed by a few writes.
#![allow(unsafe_code)]

use core::{marker::PhantomData, mem, ptr::NonNull};

use super::{
    Node, TableMut, guide,
    state::Form,
    table::{self, Header, Slot, Table, guide_of},
};
use crate::{Entry, kind::PointerKind};

/// The slot of an entry, and the entry.
pub(super) type PlacedMut<K, V, P> = (usize, NonNull<Entry<K, V, P>>);

/// A bucket's block, and its form.
type Formed<K, V, P> = (NonNull<Header<K, V, P>>, Form);

/// A bucket that only one node handle knows of: one holder, no borrower. Most take no
/// part in lending either, and own all that they have.
pub(super) struct BucketMut<'a, K, V, P: PointerKind> {
    block: NonNull<Header<K, V, P>>,
    /// Invariant: the block's.
    form: Form,
    node: PhantomData<&'a mut Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// The block and the form of a bucket that is alone and has no part in lending;
    /// `None` if the node is none.
    #[inline(always)]
    pub(super) fn plain_bucket(&self) -> Option<Formed<K, V, P>> {
        let (block, tag) = self.parts();
        let form = if tag == Form::Medium as usize {
            Form::Medium
        } else if tag == Form::Small as usize {
            Form::Small
        } else if tag == Form::Large as usize {
            Form::Large
        } else {
            return None;
        };
        // SAFETY: of this tag, so a bucket; counted for this handle.
        let bucket = unsafe { Table::new(block) };
        let is_plain = bucket.header().count.is_one() && bucket.state().is_plain();
        is_plain.then_some((block, form))
    }
}

impl<'a, K, V, P: PointerKind> BucketMut<'a, K, V, P> {
    /// # Safety
    ///
    /// There must be a bucket of this form in this block, which its handle has to
    /// itself, and the handle be borrowed for `'a`.
    #[inline(always)]
    pub unsafe fn new(block: NonNull<Header<K, V, P>>, form: Form) -> Self {
        // SAFETY: by the caller.
        unsafe { block.as_ref() }.count.note_write();
        Self {
            block,
            form,
            node: PhantomData,
        }
    }

    /// A table that is a bucket.
    #[inline(always)]
    pub fn of(table: TableMut<'a, K, V, P>) -> Self {
        Self {
            block: table.block,
            form: table.form(),
            node: PhantomData,
        }
    }

    #[inline(always)]
    fn shared(&self) -> Table<'_, K, V, P> {
        // SAFETY: the node is borrowed, so its block is there.
        unsafe { Table::new(self.block) }
    }

    /// Which slots have an entry.
    #[inline(always)]
    pub fn bits(&self) -> u32 {
        self.shared().bits()
    }

    /// The slot of the first entry of `hash` that `is_it` accepts, and the entry, which
    /// may be changed if the bucket owns it. `rest` is as in [`Table::search`].
    #[inline(always)]
    pub fn search<E>(
        &self,
        rest: u32,
        hash: u32,
        is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<PlacedMut<K, V, P>>, E> {
        let bucket = self.shared();
        // SAFETY: a slot of the bucket, of this form.
        let place = |form| move |slot, _: &_| (slot, unsafe { entry(self.block, form, slot) });
        // How entries are found is known at compile time in each.
        match self.form {
            Form::Medium => bucket.search(Form::Medium, rest, hash, is_it, place(Form::Medium)),
            Form::Small => bucket.search(Form::Small, rest, hash, is_it, place(Form::Small)),
            _ => bucket.search(Form::Large, rest, hash, is_it, place(Form::Large)),
        }
    }

    /// Puts an entry in the first slot that is free. `rest` is its hash without the
    /// bits that the levels above consumed.
    ///
    /// # Errors
    ///
    /// Gives it back if none is free.
    #[inline(always)]
    pub fn push(&mut self, rest: u32, entry: Entry<K, V, P>) -> Result<(), Entry<K, V, P>> {
        let slot = self.bits().trailing_ones() as usize;
        if slot == self.shared().state().capacity() {
            return Err(entry);
        }
        // SAFETY: a free slot of this bucket, which nobody else knows of. Nothing is
        // there to be dropped.
        unsafe {
            guide::add(guide_of(self.block).as_ptr(), self.form, slot, rest);
            let slots = table::slots(self.block, self.shared().state());
            slots.add(slot).write(Some(Node::leaf(entry)));
            Header::note(self.block, slot, true);
        }
        Ok(())
    }

    /// Takes an entry out.
    ///
    /// # Safety
    ///
    /// It must be in this slot, with this `rest`, and the bucket must own it.
    #[inline(always)]
    pub unsafe fn take(&mut self, (slot, entry): PlacedMut<K, V, P>, rest: u32) -> Entry<K, V, P> {
        // SAFETY: by the caller; nobody else knows of the bucket. The count goes along,
        // and an entry's handle is in the slot as a leaf's, bit for bit.
        unsafe {
            guide::remove(guide_of(self.block).as_ptr(), self.form, slot, rest);
            let taken = entry.read();
            entry.cast::<Slot<K, V, P>>().write(None);
            Header::note(self.block, slot, false);
            taken
        }
    }

    /// Puts the leaf of the only entry in the place of `node`, the bucket's.
    ///
    /// # Safety
    ///
    /// The node must be this bucket, with one entry.
    #[inline(always)]
    pub unsafe fn dissolve(self, node: &mut Node<K, V, P>) {
        let slot = self.bits().trailing_zeros() as usize;
        // SAFETY: by the caller. Once it owns its entry it has no part in lending. The
        // entry goes, with its count, and nothing else is in it.
        unsafe {
            node.table_mut().ensure_owned(slot);
            let leaf = Node::leaf(entry(self.block, self.form, slot).read());
            mem::forget(mem::replace(node, leaf));
            table::free(self.block);
        }
    }
}

/// The entry in a slot.
///
/// # Safety
///
/// There must be one in this bucket, of this form.
#[inline(always)]
unsafe fn entry<K, V, P: PointerKind>(
    block: NonNull<Header<K, V, P>>,
    form: Form,
    slot: usize,
) -> NonNull<Entry<K, V, P>> {
    // SAFETY: by the caller. The slots stand after the guide, and a leaf's handle is an
    // entry, bit for bit.
    unsafe { guide_of(block).add(guide::room(form)).cast().add(slot) }
}
