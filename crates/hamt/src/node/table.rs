//! A node with up to 32 numbered slots: its memory, and what may be done with
//! one that others see too.
//!
//! A table is a *branch*, whose slot numbers are five bits of the hash, or a
//! *bucket*, of entries in any order, with a byte of each one's hash as its tag.
//!
//! ```text
//! bytes 4   4       4      4       8      0, 8 or 32   8      8
//! ┌───────┬───────┬──────┬───────┬──────┬────────────┬──────┬──────┬──
//! │ count │ state │ bits │ owned │ link │ tags       │ slot │ slot │ …
//! └───────┴───────┴──────┴───────┴──────┴────────────┴──────┴──────┴──
//! ```
//!
//! Who writes each word, and why a reader is safe:
//!
//! * `bits`, tags and slots: whoever has the table to itself
//!   ([`TableMut`](super::TableMut)), or makes it. Readers need nothing: while
//!   there are others, nobody writes.
//! * `count`: whoever gets or lets go of a hold ([`Count`]).
//! * `state`: whoever holds its lock bit, by the store that unlocks.
//! * `owned` and `link`: whoever holds the lock, or has the table to itself.
#![allow(unsafe_code)]

use alloc::boxed::Box;
use core::{
    alloc::Layout,
    cell::UnsafeCell,
    marker::PhantomData,
    mem,
    ptr::{self, NonNull},
    slice,
};

use super::{
    Node,
    change::SPARSE,
    ledger::{Ledger, indexes},
    state::{Form, Role, State},
    tags,
};
use crate::{
    Entry, block,
    count::Count,
    hash::WIDTH,
    kind::{PointerKind, Word, sealed::Kind},
};

/// What a table's memory begins with. A bucket's tags follow, then the slots.
#[repr(C, align(8))]
pub(super) struct Header<K, V, P: PointerKind> {
    /// First, as in every node.
    pub count: Count<P>,
    state: <P as Kind>::Word,
    /// Bit `i` is set where slot `i` has a child. Other slots are `None`.
    bits: u32,
    /// The slots whose child is counted for this table. The lender counts the
    /// others.
    pub owned: UnsafeCell<u32>,
    link: UnsafeCell<Link<K, V, P>>,
    /// Gives the alignment of what follows.
    slots: [Slot<K, V, P>; 0],
}

pub(super) type Slot<K, V, P> = Option<Node<K, V, P>>;

/// What the state's [`Role`] says it is.
pub(super) union Link<K, V, P: PointerKind> {
    /// Of [`Role::Plain`].
    nothing: (),
    /// Of [`Role::Borrower`].
    lender: NonNull<Header<K, V, P>>,
    /// Of [`Role::LendsToOne`]: the slots that are borrowed.
    lent: u32,
    /// Of [`Role::LendsToMany`]: from `Box::into_raw`.
    ledger: NonNull<Ledger>,
}

/// A table that is alive for `'a`.
pub(crate) struct Table<'a, K, V, P: PointerKind> {
    block: NonNull<Header<K, V, P>>,
    borrows: PhantomData<&'a Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Clone for Table<'_, K, V, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, P: PointerKind> Copy for Table<'_, K, V, P> {}

impl<'a, K, V, P: PointerKind> Table<'a, K, V, P> {
    /// # Safety
    ///
    /// The table must stay allocated for `'a`, and its bits and slots unchanged
    /// while they are borrowed from the result.
    #[inline(always)]
    pub(super) unsafe fn new(block: NonNull<Header<K, V, P>>) -> Self {
        Self {
            block,
            borrows: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn block(self) -> NonNull<Header<K, V, P>> {
        self.block
    }

    #[inline(always)]
    pub(super) fn header(self) -> &'a Header<K, V, P> {
        // SAFETY: alive for `'a` (`new`); the fields that change while shared
        // are atomic or cells.
        unsafe { self.block.as_ref() }
    }

    #[inline(always)]
    pub(super) fn state(self) -> State {
        State(self.header().state.load_acquire())
    }

    /// Which slots have a child.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        self.header().bits
    }

    pub fn len(self) -> usize {
        self.bits().count_ones() as usize
    }

    /// Whether a branch has so few children that it may have to go.
    #[inline]
    pub fn is_sparse(self) -> bool {
        self.len() <= SPARSE
    }

    /// All slots, in their order.
    #[inline(always)]
    pub fn slots(self) -> &'a [Slot<K, V, P>] {
        self.header().count.note_read();
        let slots = slots(self.block, self.state());
        // SAFETY: all slots are initialized, and do not change (`new`). A slot
        // that is not owned is a copy of its lender's, which keeps its child
        // alive.
        unsafe { slice::from_raw_parts(slots.as_ptr(), self.state().capacity()) }
    }

    #[inline(always)]
    pub fn child(self, slot: usize) -> Option<&'a Node<K, V, P>> {
        self.slots().get(slot)?.as_ref()
    }

    /// The child of a branch.
    #[inline(always)]
    pub fn branch_child(self, slot: usize) -> Option<&'a Node<K, V, P>> {
        self.header().count.note_read();
        // SAFETY: a branch has all slots, right after its header; for the rest,
        // see `slots`.
        unsafe {
            &*self
                .block
                .add(1)
                .cast::<Slot<K, V, P>>()
                .as_ptr()
                .add(slot % WIDTH)
        }
        .as_ref()
    }

    /// The entries of a small bucket whose tag may be `tag`, with their slots.
    #[inline(always)]
    pub fn candidates_of_small(self, tag: u8) -> Candidates<'a, K, V, P> {
        // SAFETY: a small bucket's tags stand right after its header.
        let found = unsafe { tags::matching_small(tags(self.block).as_ptr(), tag) };
        self.among(found, tags::room(1))
    }

    /// As [`candidates_of_small`](Self::candidates_of_small), of a large bucket.
    #[inline(always)]
    pub fn candidates_of_large(self, tag: u8) -> Candidates<'a, K, V, P> {
        // SAFETY: a large bucket's tags stand right after its header.
        let found = unsafe { tags::matching_large(tags(self.block).as_ptr(), tag) };
        self.among(found, tags::room(WIDTH))
    }

    /// The entries of a bucket, which hangs `shift` bits deep, whose hash may be
    /// `hash`, with their slots.
    #[inline(always)]
    pub fn candidates(self, shift: u32, hash: u32) -> Candidates<'a, K, V, P> {
        let tag = tags::of(hash, shift);
        match self.state().form() {
            Form::Large => self.candidates_of_large(tag),
            Form::Small | Form::Branch => self.candidates_of_small(tag),
        }
    }

    #[inline(always)]
    fn among(self, found: u32, tag_room: usize) -> Candidates<'a, K, V, P> {
        let header = self.header();
        header.count.note_read();
        Candidates {
            // SAFETY: the slots stand after the tags.
            slots: unsafe { tags(self.block).add(tag_room).cast() },
            found: found & header.bits,
            borrows: PhantomData,
        }
    }

    /// The first child in a slot after this.
    pub fn child_after(self, slot: usize) -> Option<(usize, &'a Node<K, V, P>)> {
        let after = self.bits() & (!0_u32 << slot << 1);
        let next = (after != 0).then(|| after.trailing_zeros() as usize)?;
        Some((next, self.child(next)?))
    }

    /// The children with their slots.
    pub fn iter(self) -> impl Iterator<Item = (usize, &'a Node<K, V, P>)> {
        let slots = self.slots().iter().enumerate();
        slots.filter_map(|(slot, child)| Some((slot, child.as_ref()?)))
    }

    /// The lock's guard without the lock, for a table that nobody else knows
    /// of. Dropping it writes the state, which nobody else reads.
    ///
    /// # Safety
    ///
    /// Nobody else may know of the table while the result exists.
    #[inline(always)]
    pub(super) unsafe fn alone(self) -> Locked<'a, K, V, P> {
        Locked {
            table: self,
            state: self.state(),
        }
    }

    /// Drops the children in these slots.
    ///
    /// # Safety
    ///
    /// They must be owned, and nobody may use them again.
    #[inline(always)]
    pub(super) unsafe fn drop_slots(self, slots: u32) {
        let mut rest = Rest(self, slots);
        // SAFETY: by the caller.
        unsafe { rest.drop_all() };
    }

    /// Waits for the lock, which holders keep for a few dozen instructions.
    #[inline(always)]
    pub(super) fn lock(self) -> Locked<'a, K, V, P> {
        let state = State(self.header().state.lock_bit(State::LOCKED));
        Locked { table: self, state }
    }
}

/// Slots of which some are left to be dropped: the others still are, if one
/// panics.
struct Rest<'a, K, V, P: PointerKind>(Table<'a, K, V, P>, u32);

impl<K, V, P: PointerKind> Rest<'_, K, V, P> {
    /// # Safety
    ///
    /// As for [`Table::drop_slots`].
    #[inline(always)]
    unsafe fn drop_all(&mut self) {
        let slots = slots(self.0.block, self.0.state());
        while self.1 != 0 {
            let slot = self.1.trailing_zeros() as usize;
            self.1 &= self.1 - 1;
            // SAFETY: by the caller; noted, so that it is not done twice.
            unsafe { slots.add(slot).drop_in_place() };
        }
    }
}

impl<K, V, P: PointerKind> Drop for Rest<'_, K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.1 != 0 {
            // SAFETY: made by `drop_slots`, whose caller vouches for it.
            unsafe { self.drop_all() };
        }
    }
}

/// Entries of a bucket. Returned by [`Table::candidates`].
pub(crate) struct Candidates<'a, K, V, P: PointerKind> {
    /// The bucket's.
    slots: NonNull<Slot<K, V, P>>,
    /// The slots that are left to visit, of those that have a leaf.
    found: u32,
    borrows: PhantomData<&'a Entry<K, V, P>>,
}

impl<'a, K, V, P: PointerKind> Iterator for Candidates<'a, K, V, P> {
    type Item = (usize, &'a Entry<K, V, P>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.found == 0 {
            return None;
        }
        let slot = self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        // SAFETY: the slot has a leaf, whose handle is an entry, bit for bit; it
        // does not change (`Table::new`).
        let entry = unsafe { self.slots.add(slot).cast::<Entry<K, V, P>>().as_ref() };
        Some((slot, entry))
    }
}

/// A table whose lock is held. Nothing foreign may run meanwhile: no child is
/// dropped, nothing allocated or freed.
pub(super) struct Locked<'a, K, V, P: PointerKind> {
    table: Table<'a, K, V, P>,
    /// What unlocking will store.
    pub state: State,
}

impl<'a, K, V, P: PointerKind> Locked<'a, K, V, P> {
    #[inline(always)]
    pub fn table(&self) -> Table<'a, K, V, P> {
        self.table
    }

    #[inline(always)]
    pub fn owned(&self) -> u32 {
        // SAFETY: read and written under the lock, which is held.
        unsafe { *self.table.header().owned.get() }
    }

    #[inline(always)]
    pub fn set_owned(&mut self, owned: u32) {
        // SAFETY: as in `owned`.
        unsafe { *self.table.header().owned.get() = owned }
    }

    /// The lender of a borrower.
    #[inline(always)]
    pub fn lender(&self) -> Option<Table<'a, K, V, P>> {
        (self.state.role() == Role::Borrower).then(|| {
            // SAFETY: of this role, the link holds the lender, which stays
            // allocated while it has this borrower, and its slots that are
            // borrowed do not change.
            unsafe { Table::new((*self.table.header().link.get()).lender) }
        })
    }

    /// The slots that are lent to a borrower.
    pub fn lent(&self) -> u32 {
        match self.state.role() {
            Role::Plain | Role::Borrower => 0,
            // SAFETY: what the link holds of these roles; under the lock.
            Role::LendsToOne => unsafe { (*self.table.header().link.get()).lent },
            Role::LendsToMany => {
                // SAFETY: as above; the ledger lives as long as the role.
                unsafe { (*self.table.header().link.get()).ledger.as_ref() }.used()
            }
        }
    }

    pub fn set_lent(&mut self, lent: u32) {
        self.set_link(Role::LendsToOne, Link { lent });
    }

    pub fn ledger_mut(&mut self) -> Option<&mut Ledger> {
        (self.state.role() == Role::LendsToMany).then(|| {
            // SAFETY: of this role the link holds a ledger, which only the
            // holder of the lock uses, here exclusively borrowed.
            unsafe { (*self.table.header().link.get()).ledger.as_mut() }
        })
    }

    pub fn set_ledger(&mut self, ledger: Box<Ledger>) {
        let ledger = NonNull::from(Box::leak(ledger));
        self.set_link(Role::LendsToMany, Link { ledger });
    }

    pub fn clear_link(&mut self) {
        self.set_link(Role::Plain, Link { nothing: () });
    }

    fn set_link(&mut self, role: Role, link: Link<K, V, P>) {
        // SAFETY: written under the lock, and the role says what it is.
        unsafe { *self.table.header().link.get() = link };
        self.state = self.state.with_role(role);
    }

    /// Takes the children of these slots, which nobody uses any more, out of
    /// what the table owns. They are dropped with the result: after unlocking.
    pub fn release(&mut self, slots: u32) -> Released<K, V, P> {
        let slots = slots & self.owned();
        self.set_owned(self.owned() & !slots);
        // SAFETY: the table owned the slots until now, and owns them no more.
        unsafe { Released::take(self.table, slots) }
    }

    /// Ends the lock without unlocking: nobody is left to wait for it.
    pub fn into_last(self) -> Table<'a, K, V, P> {
        let table = self.table;
        mem::forget(self);
        table
    }
}

impl<K, V, P: PointerKind> Drop for Locked<'_, K, V, P> {
    /// Unlocks. From here on the table may be gone.
    #[inline(always)]
    fn drop(&mut self) {
        self.table.header().state.store_release(self.state.0);
    }
}

/// Children on their way out: up to a whole table's.
pub(super) struct Released<K, V, P: PointerKind> {
    nodes: [mem::MaybeUninit<Node<K, V, P>>; WIDTH],
    len: usize,
}

impl<K, V, P: PointerKind> Released<K, V, P> {
    /// # Safety
    ///
    /// Each of these slots must be owned by the table, which must no longer
    /// use the ownership.
    pub unsafe fn take(table: Table<'_, K, V, P>, taken: u32) -> Self {
        let mut released = Self {
            nodes: [const { mem::MaybeUninit::uninit() }; WIDTH],
            len: 0,
        };
        let slots = slots(table.block, table.state());
        for slot in indexes(taken) {
            // SAFETY: a slot of the table, whose ownership goes to the copy.
            if let Some(node) = unsafe { slots.add(slot).read() } {
                released.nodes[released.len].write(node);
                released.len += 1;
            }
        }
        released
    }
}

impl<K, V, P: PointerKind> Drop for Released<K, V, P> {
    fn drop(&mut self) {
        let taken = NonNull::slice_from_raw_parts(
            NonNull::from(&mut self.nodes).cast::<Node<K, V, P>>(),
            self.len,
        );
        // SAFETY: `take` initialized this many, and nothing else drops them.
        // Dropping a slice goes on with the rest if one panics.
        unsafe { taken.drop_in_place() };
    }
}

#[inline(always)]
pub(super) fn tags<K, V, P: PointerKind>(block: NonNull<Header<K, V, P>>) -> NonNull<u8> {
    // SAFETY: what follows the header is in the same allocation.
    unsafe { block.add(1).cast() }
}

/// `state` is the table's, of any time: the part that counts here stays.
#[inline(always)]
pub(super) fn slots<K, V, P: PointerKind>(
    block: NonNull<Header<K, V, P>>,
    state: State,
) -> NonNull<Slot<K, V, P>> {
    // SAFETY: in the same allocation. The room for tags is a multiple of eight,
    // which the slots' alignment divides.
    unsafe { tags(block).add(state.tag_room()).cast() }
}

fn layout<K, V, P: PointerKind>(state: State) -> Layout {
    let slots = state.capacity() * size_of::<Slot<K, V, P>>();
    let size = size_of::<Header<K, V, P>>() + state.tag_room() + slots;
    let align = align_of::<Header<K, V, P>>();
    // SAFETY: at most 32 slots, so the size is far from overflow; the alignment
    // is a type's.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

/// Who counts the children of a table that is being made.
pub(super) enum Ownership<K, V, P: PointerKind> {
    /// The table.
    All,
    /// Its lender, which has noted it as a borrower of these slots; the table
    /// counts the rest.
    Borrows(NonNull<Header<K, V, P>>, u32),
}

impl<K, V, P: PointerKind> Ownership<K, V, P> {
    fn role(&self) -> Role {
        match self {
            Self::All => Role::Plain,
            Self::Borrows(..) => Role::Borrower,
        }
    }

    /// The slots that the lender counts.
    pub fn borrowed(&self) -> u32 {
        match self {
            Self::All => 0,
            Self::Borrows(_, slots) => *slots,
        }
    }
}

/// What a table to be made is.
pub(super) enum Shape {
    Branch,
    /// A bucket with so many slots.
    Bucket(usize),
}

/// Allocates a table held once, whose slots the caller must fill at once.
///
/// # Safety
///
/// All slots, and the tags of a bucket, must be initialized before
/// anything else is done with the result. What [`Ownership`] says must be true.
#[inline(always)]
pub(super) unsafe fn allocate<K, V, P: PointerKind>(
    shape: Shape,
    bits: u32,
    ownership: Ownership<K, V, P>,
) -> NonNull<Header<K, V, P>> {
    let state = match shape {
        Shape::Branch => State::of_branch(ownership.role()),
        Shape::Bucket(capacity) => State::of_bucket(capacity, ownership.role()),
    };
    let layout = layout::<K, V, P>(state);
    let block = block::allocate(layout).cast::<Header<K, V, P>>();
    let owned = bits & !ownership.borrowed();
    let link = match ownership {
        Ownership::All => Link { nothing: () },
        Ownership::Borrows(lender, _) => Link { lender },
    };
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

/// Makes a copy of a table, all but its counts: the pointers of those children
/// that it has room for, and of a bucket the tags.
///
/// # Safety
///
/// The children in `bits`, which the copy must have room for, must be counted
/// for it, or borrowed, as `ownership` says, but for slots and tags that the
/// caller writes before anything else is done with the result. `shape` must be
/// the table's own.
#[inline(always)]
pub(super) unsafe fn copy<K, V, P: PointerKind>(
    from: Table<'_, K, V, P>,
    shape: Shape,
    bits: u32,
    ownership: Ownership<K, V, P>,
) -> NonNull<Header<K, V, P>> {
    let room = match shape {
        Shape::Branch => WIDTH,
        Shape::Bucket(room) => room,
    };
    // SAFETY: by the caller. Slots are copied as far as both have them, the
    // rest made empty; tags likewise.
    unsafe {
        let block = allocate(shape, bits, ownership);
        let state = Table::new(block).state();
        let source = slots(from.block, from.state());
        let target = slots(block, state);
        let common = from.state().capacity().min(room);
        target.copy_from_nonoverlapping(source, common);
        for slot in common..room {
            target.add(slot).write(None);
        }
        let tag_room = from.state().tag_room().min(state.tag_room());
        tags(block).copy_from_nonoverlapping(tags(from.block), tag_room);
        let tags_left = state.tag_room() - tag_room;
        tags(block).add(tag_room).write_bytes(0, tags_left);
        block
    }
}

/// The slots of a bucket for so many entries.
pub(super) fn capacity_for(entries: usize) -> usize {
    if entries <= tags::SMALL {
        // An odd number fills a block (`block`).
        (entries | 1).min(tags::SMALL)
    } else {
        entries.next_multiple_of(4).min(WIDTH)
    }
}

/// Frees a table's memory and ledger. Its slots are not dropped.
///
/// # Safety
///
/// Nobody else may know of the table any more.
pub(super) unsafe fn free<K, V, P: PointerKind>(block: NonNull<Header<K, V, P>>) {
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
    /// # Safety
    ///
    /// The caller must have the table to itself.
    #[inline(always)]
    pub(super) unsafe fn set_owned(mut block: NonNull<Self>, owned: u32) {
        // SAFETY: by the caller.
        *unsafe { block.as_mut() }.owned.get_mut() = owned;
    }

    /// # Safety
    ///
    /// The caller must have the table to itself.
    #[inline(always)]
    pub(super) unsafe fn set_bits(mut block: NonNull<Self>, bits: u32) {
        // SAFETY: by the caller.
        unsafe { block.as_mut() }.bits = bits;
    }
}
