//! Making and freeing tables.
#![allow(unsafe_code)]

use alloc::boxed::Box;
use core::{
    alloc::Layout,
    cell::UnsafeCell,
    mem,
    ptr::{self, NonNull},
};

use super::{Header, Link, Slot, Table};
use crate::{
    block,
    count::Count,
    hash::WIDTH,
    kind::{PointerKind, Word},
    node::{
        guide,
        ledger::indexes,
        state::{Form, Role, State},
    },
};

#[inline(always)]
pub(in crate::node) fn guide_of<K, V, P: PointerKind>(
    block: NonNull<Header<K, V, P>>,
) -> NonNull<u8> {
    // SAFETY: what follows the header is in the same allocation.
    unsafe { block.add(1).cast() }
}

/// `state` is the table's, of any time: the part that counts here stays.
#[inline(always)]
pub(in crate::node) fn slots<K, V, P: PointerKind>(
    block: NonNull<Header<K, V, P>>,
    state: State,
) -> NonNull<Slot<K, V, P>> {
    // SAFETY: in the same allocation. The guide's room is a multiple of eight,
    // which the slots' alignment divides.
    unsafe { guide_of(block).add(state.guide_room()).cast() }
}

fn layout<K, V, P: PointerKind>(state: State) -> Layout {
    let slots = state.capacity() * size_of::<Slot<K, V, P>>();
    let size = size_of::<Header<K, V, P>>() + state.guide_room() + slots;
    let align = align_of::<Header<K, V, P>>();
    // SAFETY: at most 32 slots, so the size is far from overflow; the alignment
    // is a type's.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

/// Who counts the children of a table that is being made.
pub(in crate::node) struct Ownership<K, V, P: PointerKind> {
    /// The lender, if there is one. It has noted the table as a borrower.
    pub lender: Option<NonNull<Header<K, V, P>>>,
    /// The slots that the lender counts. The table counts the rest.
    pub borrowed: u32,
}

impl<K, V, P: PointerKind> Clone for Ownership<K, V, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, P: PointerKind> Copy for Ownership<K, V, P> {}

impl<K, V, P: PointerKind> Ownership<K, V, P> {
    /// The table counts everything.
    pub const ALL: Self = Self {
        lender: None,
        borrowed: 0,
    };

    #[inline(always)]
    fn link(self) -> (Role, Link<K, V, P>) {
        match self.lender {
            None => (Role::Plain, Link { nothing: () }),
            Some(lender) => (Role::Borrower, Link { lender }),
        }
    }
}

/// What a table to be made is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::node) struct Shape {
    pub form: Form,
    pub capacity: usize,
}

/// How many entries a bucket has at most that hangs `shift` bits deep.
#[inline(always)]
pub(in crate::node) const fn most(shift: u32) -> usize {
    if shift == 0 {
        WIDTH
    } else {
        Form::Medium.slots()
    }
}

impl Shape {
    pub const BRANCH: Self = Self {
        form: Form::Branch,
        capacity: WIDTH,
    };

    /// Of a bucket for so many entries.
    #[inline]
    pub fn bucket(entries: usize) -> Self {
        let form = Form::of_bucket(entries);
        // What fills a block (`block`), or not much less.
        let capacity = match form {
            Form::Small => entries | 1,
            Form::Medium => entries.next_multiple_of(2),
            Form::Large | Form::Branch => entries.next_multiple_of(4),
        };
        Self {
            form,
            capacity: capacity.min(form.slots()),
        }
    }
}

/// Allocates a table held once, whose slots the caller must fill at once.
///
/// # Safety
///
/// All slots, and the guide of a bucket, must be initialized before anything
/// else is done with the result. What [`Ownership`] says must be true.
#[inline(always)]
pub(in crate::node) unsafe fn allocate<K, V, P: PointerKind>(
    shape: Shape,
    bits: u32,
    ownership: Ownership<K, V, P>,
) -> NonNull<Header<K, V, P>> {
    let (role, link) = ownership.link();
    let state = State::of(shape, role);
    let layout = layout::<K, V, P>(state);
    // SAFETY: a table is not empty, since it begins with its header.
    let block = unsafe { block::allocate(layout) }.cast::<Header<K, V, P>>();
    let owned = bits & !ownership.borrowed;
    let header = Header {
        count: Count::one(),
        state: Word::new(state.0),
        bits,
        owned: UnsafeCell::new(owned),
        link: UnsafeCell::new(link),
        slots: [],
    };
    // SAFETY: freshly allocated for this.
    unsafe { block.write(header) };
    block
}

/// Makes a copy of a table, which hangs `shift` bits deep, all but its counts:
/// the pointers of the children that it has room for, and of a bucket a guide to
/// those in `kept`.
///
/// # Safety
///
/// The children in `bits` must be counted for the copy, or borrowed, as
/// `ownership` says, but for slots that the caller writes, and notes in the guide,
/// before anything else is done with the result. `shape` must be a branch's if
/// the table is one, otherwise a bucket's, with room for `kept`, which are some
/// of the table's.
#[inline(always)]
pub(in crate::node) unsafe fn copy<K, V, P: PointerKind>(
    from: Table<'_, K, V, P>,
    shift: u32,
    shape: Shape,
    kept: u32,
    bits: u32,
    ownership: Ownership<K, V, P>,
) -> NonNull<Header<K, V, P>> {
    // SAFETY: by the caller. What shapes have in common is copied whole;
    // otherwise slots are, as far as both have them, and the rest made empty.
    unsafe {
        let block = allocate(shape, bits, ownership);
        let (old, guide) = (from.state().shape(), guide_of(block));
        let guide_room = guide::room(shape.form);
        if shape == old {
            let bytes = guide_room + shape.capacity * size_of::<Slot<K, V, P>>();
            guide.copy_from_nonoverlapping(guide_of(from.block), bytes);
        } else {
            let source = slots(from.block, from.state());
            let target = guide.add(guide_room).cast::<Slot<K, V, P>>();
            let common = old.capacity.min(shape.capacity);
            target.copy_from_nonoverlapping(source, common);
            for slot in common..shape.capacity {
                target.add(slot).write(None);
            }
            if shape.form == old.form {
                guide.copy_from_nonoverlapping(guide_of(from.block), guide_room);
            }
        }
        if shape.form == Form::Branch {
            return block;
        }
        if shape.form != old.form {
            guide::clear(guide.as_ptr(), shape.form);
            for slot in indexes(kept) {
                guide::add(
                    guide.as_ptr(),
                    shape.form,
                    slot,
                    from.rest(old.form, slot, shift),
                );
            }
        } else {
            for slot in indexes(from.bits() & !kept) {
                guide::remove(
                    guide.as_ptr(),
                    shape.form,
                    slot,
                    from.rest(old.form, slot, shift),
                );
            }
        }
        block
    }
}

/// Frees a table's memory and ledger. Its slots are not dropped.
///
/// # Safety
///
/// Nobody else may know of the table any more.
#[inline]
pub(in crate::node) unsafe fn free<K, V, P: PointerKind>(block: NonNull<Header<K, V, P>>) {
    // SAFETY: the caller has the table to itself, and will not use it again. The
    // header has no drop of its own but a model checker's witnesses.
    unsafe {
        let header = &mut *block.as_ptr();
        let state = State(header.state.load_acquire());
        if state.role() == Role::LendsToMany {
            // Of this role the link holds a ledger, which is from a box.
            drop(Box::from_raw(header.link.get_mut().ledger.as_ptr()));
        }
        ptr::drop_in_place(header);
        block::free(block.cast(), layout::<K, V, P>(state));
    }
}

impl<K, V, P: PointerKind> Header<K, V, P> {
    /// Sets `bits` and `owned` by one store: who reads both soon after by one
    /// load waits long for two.
    ///
    /// # Safety
    ///
    /// The caller must have the table to itself.
    #[inline(always)]
    pub(in crate::node) unsafe fn set_bits_and_owned(block: NonNull<Self>, bits: u32, owned: u32) {
        const {
            assert!(mem::offset_of!(Self, bits) % 8 == 0);
            assert!(mem::offset_of!(Self, owned) == mem::offset_of!(Self, bits) + 4);
        }
        // SAFETY: by the caller. The two words stand side by side and hold any
        // value; together they are aligned as they should.
        unsafe {
            let both = mem::transmute::<[u32; 2], u64>([bits, owned]);
            (&raw mut (*block.as_ptr()).bits).cast::<u64>().write(both);
        }
    }

    /// Notes that a slot, which the table owns, has a child now or has none any more.
    ///
    /// # Safety
    ///
    /// The caller must have the table to itself.
    #[inline(always)]
    pub(in crate::node) unsafe fn note(block: NonNull<Self>, slot: usize, is_filled: bool) {
        // SAFETY: by the caller.
        unsafe {
            let (bits, owned) = ((*block.as_ptr()).bits, *(*block.as_ptr()).owned.get());
            let (bit, filled) = (1 << slot, u32::from(is_filled) << slot);
            Self::set_bits_and_owned(block, bits & !bit | filled, owned & !bit | filled);
        }
    }
}
