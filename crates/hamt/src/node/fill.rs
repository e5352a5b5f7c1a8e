//! Filling a bucket that has room, at a few instructions an entry.
#![allow(unsafe_code)]

use core::{convert::Infallible, ptr::NonNull};

use super::{
    Node, TableMut, guide,
    state::{Form, Role},
    table::{self, Header, Ownership, Shape, Slot, Table, guide_of},
};
use crate::{Entry, hash::WIDTH, kind::PointerKind};

impl<'a, K: Eq, V, P: PointerKind> TableMut<'a, K, V, P> {
    /// Gives a bucket, which is a root, room for `entries`, as far as a bucket may
    /// have that, and binds keys with their hashes to values, in this order, until
    /// it is full. Calls `is_new` with the hash of each key that was not bound, and
    /// sets `len` to the number of its entries, whatever happens.
    ///
    /// Does nothing where the bucket has gaps, or borrows.
    #[inline]
    pub fn fill_root(
        self,
        entries: usize,
        pairs: &mut impl Iterator<Item = (u32, K, V)>,
        len: &'a mut usize,
        is_new: impl FnMut(u32),
    ) {
        let table = self.shared();
        let (bits, state) = (table.bits(), table.state());
        if bits & bits.wrapping_add(1) != 0 || state.role() == Role::Borrower {
            return;
        }
        let shape = Shape::bucket(entries.clamp(state.capacity(), WIDTH));
        // How entries are found is known at compile time in each.
        match shape.form {
            Form::Small => self.fill_as(Form::Small, shape.capacity, pairs, len, is_new),
            Form::Medium => self.fill_as(Form::Medium, shape.capacity, pairs, len, is_new),
            Form::Large => self.fill_as(Form::Large, shape.capacity, pairs, len, is_new),
            Form::Branch => {}
        }
    }

    #[inline(always)]
    fn fill_as(
        self,
        form: Form,
        capacity: usize,
        pairs: &mut impl Iterator<Item = (u32, K, V)>,
        len: &'a mut usize,
        mut is_new: impl FnMut(u32),
    ) {
        // SAFETY: as `fill_root` has seen; the form is that of a bucket for so many.
        let mut filling = unsafe { Filling::of(self, form, capacity, len) };
        while filling.filled < filling.capacity {
            let Some((hash, key, value)) = pairs.next() else {
                return;
            };
            let is_it = |bound: &Entry<K, V, P>| Ok::<_, Infallible>(*bound.key() == key);
            let Ok(found) = filling.search(form, hash, is_it);
            if let Some(bound) = found {
                drop(bound.replace(key, value));
                continue;
            }
            // SAFETY: there is a free slot.
            unsafe { filling.push(form, Entry::with_kind(hash, key, value)) };
            is_new(hash);
        }
    }
}

/// A bucket that is being filled, and whose header does not say so yet: a store of
/// one's bits for each entry would be a tenth of all. Dropping it makes it whole.
struct Filling<'a, K, V, P: PointerKind> {
    block: NonNull<Header<K, V, P>>,
    slots: NonNull<Slot<K, V, P>>,
    /// The slots in use, which are the first.
    filled: usize,
    /// The slots that are initialized, if more are than are filled.
    initialized: usize,
    capacity: usize,
    len: &'a mut usize,
}

impl<'a, K, V, P: PointerKind> Filling<'a, K, V, P> {
    /// Begins to fill a bucket, moving it to a block of its own where it has less
    /// room than this.
    ///
    /// # Safety
    ///
    /// The bucket must be a root that owns its entries, which must be in its first
    /// slots; the form must be that of a bucket of this capacity, which must not be
    /// less than it has.
    #[inline(always)]
    unsafe fn of(
        mut bucket: TableMut<'a, K, V, P>,
        form: Form,
        capacity: usize,
        len: &'a mut usize,
    ) -> Self {
        let filled = bucket.shared().bits().trailing_ones() as usize;
        let has_room = capacity == bucket.shared().state().capacity();
        if !has_room {
            // SAFETY: by the caller.
            unsafe { bucket.move_to(form, capacity, filled) };
        }
        let block = bucket.block;
        // SAFETY: the slots stand after the guide.
        let slots = unsafe { guide_of(block).add(guide::room(form)).cast() };
        Self {
            block,
            slots,
            filled,
            initialized: if has_room { capacity } else { 0 },
            capacity,
            len,
        }
    }

    /// As [`Table::search`].
    #[inline(always)]
    fn search<E>(
        &mut self,
        form: Form,
        hash: u32,
        is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<&mut Entry<K, V, P>>, E> {
        // SAFETY: nobody else knows of the table, and the slots of these bits have
        // an entry.
        let table = unsafe { Table::new(self.block) };
        let found = table.search_among(self.bits(), form, hash, hash, is_it, |slot, _| slot)?;
        // SAFETY: as above; an entry's handle is a leaf's, bit for bit.
        Ok(found.map(|slot| unsafe { self.slots.cast::<Entry<K, V, P>>().add(slot).as_mut() }))
    }

    /// Puts an entry in the next slot.
    ///
    /// # Safety
    ///
    /// There must be one, and the form must be the bucket's.
    #[inline(always)]
    unsafe fn push(&mut self, form: Form, entry: Entry<K, V, P>) {
        let guide = guide_of(self.block).as_ptr();
        // SAFETY: by the caller; nobody else knows of the table, and there is
        // nothing in the slot to be dropped.
        unsafe {
            guide::add(guide, form, self.filled, entry.hash());
            self.slots.add(self.filled).write(Some(Node::leaf(entry)));
        }
        self.filled += 1;
    }

    /// The slots in use, a bit for each.
    #[inline(always)]
    fn bits(&self) -> u32 {
        !(u64::MAX << self.filled) as u32
    }
}

impl<K, V, P: PointerKind> Drop for Filling<'_, K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        for slot in self.filled.max(self.initialized)..self.capacity {
            // SAFETY: a slot of this table without an entry, which nobody else knows of. One by
            // one: for these few, a call of `memset` costs more than all else.
            unsafe { self.slots.add(slot).write_volatile(None) };
        }
        let bits = self.bits();
        // SAFETY: these have an entry, which the table owns; no view of it is left.
        unsafe { Header::set_bits_and_owned(self.block, bits, bits) };
        *self.len = self.filled;
    }
}

impl<K, V, P: PointerKind> TableMut<'_, K, V, P> {
    /// Moves a bucket, which is a root, to a block with room for more, of which only
    /// the first slots are initialized, those of the `filled` entries.
    ///
    /// # Safety
    ///
    /// It must own its entries, which must be in its first slots, and there must be
    /// room for them. The other slots must be initialized before anything else is
    /// done with it.
    #[inline(always)]
    unsafe fn move_to(&mut self, form: Form, capacity: usize, filled: usize) {
        let bits = self.shared().bits();
        // SAFETY: guide and slots are written at once, with the pointers of the
        // entries, which are leaves. The old block is freed, and nothing of it dropped.
        unsafe {
            let block = table::allocate(Shape { form, capacity }, bits, Ownership::ALL);
            // A bucket is mostly filled for the first time, and small.
            match self.form() {
                Form::Small => self.give_entries(Form::Small, filled, block, form),
                old => self.give_entries(old, filled, block, form),
            }
            let old = self.move_into(block, form);
            table::free(old);
        }
    }

    /// Copies the pointers of the `filled` first entries to another bucket, and makes its
    /// guide.
    ///
    /// # Safety
    ///
    /// `old` and `form` must be the forms of this and the other, which has room for as many.
    #[inline(always)]
    unsafe fn give_entries(
        &self,
        old: Form,
        filled: usize,
        block: NonNull<Header<K, V, P>>,
        form: Form,
    ) {
        // SAFETY: by the caller; an entry's handle is a leaf's, bit for bit.
        unsafe {
            let guide = guide_of(block).as_ptr();
            let from = guide_of(self.block)
                .add(guide::room(old))
                .cast::<Entry<K, V, P>>();
            let to = guide.add(guide::room(form)).cast::<Entry<K, V, P>>();
            guide::clear(guide, form);
            for slot in 0..filled {
                guide::add(guide, form, slot, self.shared().rest(old, slot, 0));
                to.add(slot).write(from.add(slot).read());
            }
        }
    }
}
