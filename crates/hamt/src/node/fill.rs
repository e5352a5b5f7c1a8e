//! Filling a bucket that has room, at a few instructions an entry.
#![allow(unsafe_code)]

use core::convert::Infallible;

use super::{
    Node, TableMut, guide,
    state::{Form, Role},
    table::{self, Header, Ownership, Shape, Slot, guide_of},
};
use crate::{Entry, hash::WIDTH, kind::PointerKind};

impl<K: Eq, V, P: PointerKind> TableMut<'_, K, V, P> {
    /// Gives a bucket, which is a root, room for `entries`, as far as a bucket may
    /// have that, and binds keys with their hashes to values, in this order, until
    /// it is full. Calls `is_new` with the hash of each key that was not bound.
    ///
    /// Does nothing where the bucket has gaps, or borrows.
    #[inline]
    pub fn fill_root(
        self,
        entries: usize,
        pairs: &mut impl Iterator<Item = (u32, K, V)>,
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
            Form::Small => self.fill_as(Form::Small, shape.capacity, pairs, is_new),
            Form::Medium => self.fill_as(Form::Medium, shape.capacity, pairs, is_new),
            Form::Large => self.fill_as(Form::Large, shape.capacity, pairs, is_new),
            Form::Branch => {}
        }
    }

    #[inline(always)]
    fn fill_as(
        mut self,
        form: Form,
        capacity: usize,
        pairs: &mut impl Iterator<Item = (u32, K, V)>,
        mut is_new: impl FnMut(u32),
    ) {
        if capacity != self.shared().state().capacity() {
            // SAFETY: as `fill_root` has seen.
            unsafe { self.move_to(form, capacity) };
        }
        let guide = guide_of(self.block).as_ptr();
        // SAFETY: the slots stand after the guide.
        let slots = unsafe { guide.add(guide::room(form)).cast::<Slot<K, V, P>>() };
        let mut slot = self.shared().bits().trailing_ones() as usize;
        while slot < capacity {
            let Some((hash, key, value)) = pairs.next() else {
                return;
            };
            let is_it = |bound: &Entry<K, V, P>| Ok::<_, Infallible>(*bound.key() == key);
            let Ok(found) = self
                .shared()
                .search(form, hash, hash, is_it, |slot, _| slot);
            if let Some(bound) = found.and_then(|slot| self.entry_mut(slot)) {
                drop(bound.replace(key, value));
                continue;
            }
            let leaf = Node::leaf(Entry::with_kind(hash, key, value));
            let filled = !(u64::MAX << slot << 1) as u32;
            // SAFETY: the first slot that is free, and there is room for it;
            // nothing is there to be dropped. Nobody else knows of the table, nor
            // is any view of it left.
            unsafe {
                guide::add(guide, form, slot, hash);
                slots.add(slot).write(Some(leaf));
                Header::set_bits_and_owned(self.block, filled, filled);
            }
            slot += 1;
            is_new(hash);
        }
    }

    /// Moves the bucket, which is a root, to a block with room for more.
    ///
    /// # Safety
    ///
    /// It must own its entries, which must be in its first slots, and there must be
    /// room for them.
    #[inline(always)]
    unsafe fn move_to(&mut self, form: Form, capacity: usize) {
        let bits = self.shared().bits();
        // SAFETY: guide and slots are written at once, with the pointers of the
        // entries, which are leaves: their handles are entries, bit for bit. The old
        // block is freed, and nothing of it dropped.
        unsafe {
            let shape = Shape { form, capacity };
            let block = table::allocate(shape, bits, Ownership::ALL);
            let guide = guide_of(block).as_ptr();
            let old = self.shared();
            let old_form = old.state().form();
            let entries = table::slots(self.block, old.state()).cast::<Entry<K, V, P>>();
            let slots = guide.add(guide::room(form)).cast::<Slot<K, V, P>>();
            guide::clear(guide, form);
            let len = bits.trailing_ones() as usize;
            for slot in 0..len {
                guide::add(guide, form, slot, old.rest(old_form, slot, 0));
                slots
                    .add(slot)
                    .write(Some(Node::leaf(entries.add(slot).read())));
            }
            for slot in len..capacity {
                // One by one: for these few, a call of `memset` costs more than all else.
                slots.add(slot).write_volatile(None);
            }
            let old = self.move_into(block, form);
            table::free(old);
        }
    }
}
