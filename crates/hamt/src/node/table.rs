//! A node with up to 32 numbered slots: its memory, and what may be done with
//! one that others see too.
//!
//! A table is a *branch*, whose slot numbers are five bits of the hash, or a
//! *bucket*, of entries in any order, with a guide to them ([`guide`]).
//!
//! ```text
//! bytes 4   4       4      4       8      0, 8, 32, 48   8      8
//! ┌───────┬───────┬──────┬───────┬──────┬──────────────┬──────┬──────┬──
//! │ count │ state │ bits │ owned │ link │ guide        │ slot │ slot │ …
//! └───────┴───────┴──────┴───────┴──────┴──────────────┴──────┴──────┴──
//! ```
//!
//! Who writes each word, and why a reader is safe:
//!
//! * `bits`, guide and slots: whoever has the table to itself
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
    Node, Placed,
    change::SPARSE,
    guide,
    ledger::{Ledger, indexes},
    state::{Form, Role, State},
};
use crate::{
    Entry, block,
    count::Count,
    hash::WIDTH,
    kind::{PointerKind, Word, sealed::Kind},
};

/// What a table's memory begins with. A bucket's guide follows, then the slots.
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

    #[cfg(feature = "audit")]
    pub fn form(self) -> Form {
        self.state().form()
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

    /// The first entry of `hash` in a bucket that `is_it` accepts, and its slot,
    /// as `map` makes of them. `rest` is the hash without the bits that the
    /// levels above consumed.
    #[inline(always)]
    pub fn search<R, E>(
        self,
        form: Form,
        rest: u32,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Entry<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        self.header().count.note_read();
        let guide = guide_of(self.block).as_ptr();
        // SAFETY: the slots stand after the guide, and those that it leads to
        // have a leaf, whose handle is an entry, bit for bit. None changes.
        unsafe {
            let entries = guide.add(guide::room(form)).cast::<Entry<K, V, P>>();
            if form == Form::Medium {
                for slot in guide::Chain::of(guide, rest) {
                    let entry = &*entries.add(slot);
                    if entry.hash() == hash && is_it(entry)? {
                        return Ok(Some(map(slot, entry)));
                    }
                }
            } else {
                let mut found = guide::matching(guide, form, rest) & self.header().bits;
                while found != 0 {
                    let slot = found.trailing_zeros() as usize;
                    let entry = &*entries.add(slot);
                    if entry.hash() == hash && is_it(entry)? {
                        return Ok(Some(map(slot, entry)));
                    }
                    found &= found - 1;
                }
            }
        }
        Ok(None)
    }

    /// The first child in a slot after this.
    pub fn child_after(self, slot: usize) -> Option<(usize, &'a Node<K, V, P>)> {
        let after = self.bits() & (!0_u32 << slot << 1);
        let next = (after != 0).then(|| after.trailing_zeros() as usize)?;
        Some((next, self.child(next)?))
    }

    /// The children with their slots.
    pub fn iter(self) -> impl Iterator<Item = (usize, &'a Node<K, V, P>)> + Clone {
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

    /// The children in these slots, which are dropped with the result.
    ///
    /// # Safety
    ///
    /// They must be owned, and nobody may use them again. The table must stay
    /// allocated meanwhile.
    #[inline(always)]
    pub(super) unsafe fn last_of(self, slots: u32) -> Last<'a, K, V, P> {
        Last(self, slots)
    }

    /// Waits for the lock, which holders keep for a few dozen instructions.
    #[inline(always)]
    pub(super) fn lock(self) -> Locked<'a, K, V, P> {
        let state = State(self.header().state.lock_bit(State::LOCKED));
        Locked { table: self, state }
    }
}

/// The children in some slots of a table, on their way out. Returned by
/// [`Table::last_of`].
pub(super) struct Last<'a, K, V, P: PointerKind>(Table<'a, K, V, P>, u32);

impl<K, V, P: PointerKind> Last<'_, K, V, P> {
    #[inline(always)]
    fn drop_all(&mut self) {
        let slots = slots(self.0.block, self.0.state());
        while self.1 != 0 {
            let slot = self.1.trailing_zeros() as usize;
            self.1 &= self.1 - 1;
            // SAFETY: by the caller of `last_of`; noted, so that it is not done
            // twice.
            unsafe { slots.add(slot).drop_in_place() };
        }
    }
}

impl<K, V, P: PointerKind> Drop for Last<'_, K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        /// Goes on with the rest if one panics.
        struct Rest<'a, 'b, K, V, P: PointerKind>(&'a mut Last<'b, K, V, P>);
        impl<K, V, P: PointerKind> Drop for Rest<'_, '_, K, V, P> {
            #[cold]
            fn drop(&mut self) {
                self.0.drop_all();
            }
        }
        let rest = Rest(self);
        rest.0.drop_all();
        mem::forget(rest);
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
    /// what the table owns, to be dropped after unlocking.
    #[inline(always)]
    pub fn release(&mut self, slots: u32, released: &mut Released<K, V, P>) {
        let taken = slots & self.owned();
        self.set_owned(self.owned() & !taken);
        let slots = self::slots(self.table.block, self.table.state());
        for slot in indexes(taken) {
            // SAFETY: a slot of the table, which owned it until now, and owns it
            // no more.
            if let Some(node) = unsafe { slots.add(slot).read() } {
                released.push(node);
            }
        }
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

/// Children on their way out: up to a whole table's. Large, and so filled where
/// it is.
pub(super) struct Released<K, V, P: PointerKind> {
    nodes: [mem::MaybeUninit<Node<K, V, P>>; WIDTH],
    len: usize,
}

impl<K, V, P: PointerKind> Released<K, V, P> {
    #[inline(always)]
    pub const fn none() -> Self {
        Self {
            nodes: [const { mem::MaybeUninit::uninit() }; WIDTH],
            len: 0,
        }
    }

    #[inline(always)]
    fn push(&mut self, node: Node<K, V, P>) {
        self.nodes[self.len].write(node);
        self.len += 1;
    }
}

impl<K, V, P: PointerKind> Drop for Released<K, V, P> {
    fn drop(&mut self) {
        let taken = NonNull::slice_from_raw_parts(
            NonNull::from(&mut self.nodes).cast::<Node<K, V, P>>(),
            self.len,
        );
        // SAFETY: `push` initialized this many, and nothing else drops them.
        // Dropping a slice goes on with the rest if one panics.
        unsafe { taken.drop_in_place() };
    }
}

#[inline(always)]
pub(super) fn guide_of<K, V, P: PointerKind>(block: NonNull<Header<K, V, P>>) -> NonNull<u8> {
    // SAFETY: what follows the header is in the same allocation.
    unsafe { block.add(1).cast() }
}

/// `state` is the table's, of any time: the part that counts here stays.
#[inline(always)]
pub(super) fn slots<K, V, P: PointerKind>(
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
pub(super) struct Ownership<K, V, P: PointerKind> {
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
pub(super) struct Shape {
    pub form: Form,
    pub capacity: usize,
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
pub(super) unsafe fn allocate<K, V, P: PointerKind>(
    shape: Shape,
    bits: u32,
    ownership: Ownership<K, V, P>,
) -> NonNull<Header<K, V, P>> {
    let (role, link) = ownership.link();
    let state = State::of(shape, role);
    let layout = layout::<K, V, P>(state);
    let block = block::allocate(layout).cast::<Header<K, V, P>>();
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
pub(super) unsafe fn copy<K, V, P: PointerKind>(
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
        let rest = |entry: &Entry<K, V, P>| entry.hash() >> shift;
        if shape.form != old.form {
            guide.write_bytes(0, guide_room);
            for (slot, entry) in entries(from, kept) {
                guide::add(guide.as_ptr(), shape.form, slot, rest(entry));
            }
        } else if shape.form != Form::Branch {
            for (slot, entry) in entries(from, from.bits() & !kept) {
                guide::remove(guide.as_ptr(), shape.form, slot, rest(entry));
            }
        }
        block
    }
}

/// The entries in these slots of a bucket.
fn entries<K, V, P: PointerKind>(
    bucket: Table<'_, K, V, P>,
    slots: u32,
) -> impl Iterator<Item = Placed<'_, K, V, P>> {
    indexes(slots).filter_map(move |slot| Some((slot, bucket.child(slot)?.as_leaf()?)))
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
    /// Sets `bits` and `owned` by one store: who reads both soon after by one
    /// load waits long for two.
    ///
    /// # Safety
    ///
    /// The caller must have the table to itself.
    #[inline(always)]
    pub(super) unsafe fn set_bits_and_owned(block: NonNull<Self>, bits: u32, owned: u32) {
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
}
