//! The memory of a branch, and what may be done with one that others see too.
//!
//! ```text
//!  4 bytes  4 bytes  4 bytes  4 bytes  8 bytes  8 bytes a slot
//! ┌────────┬────────┬────────┬────────┬────────┬────────┬────────┬──
//! │ count  │ state  │ bits   │ owned  │ link   │ slot   │ slot   │ …
//! └────────┴────────┴────────┴────────┴────────┴────────┴────────┴──
//! ```
//!
//! Who writes each word, and why a reader is safe:
//!
//! * `bits` and the slots: whoever has the branch to itself
//!   ([`BranchMut`](super::BranchMut)), or makes it. Readers need nothing: while
//!   there are others, nobody writes.
//! * `count`: whoever gets or lets go of a hold ([`Count`]).
//! * `state`: whoever holds its lock bit, by the store that unlocks.
//! * `owned` and `link`: whoever holds the lock, or has the branch to itself.
#![allow(unsafe_code)]

use alloc::{
    alloc::{alloc, dealloc, handle_alloc_error, realloc},
    boxed::Box,
};
use core::{
    alloc::Layout,
    cell::UnsafeCell,
    marker::PhantomData,
    mem::{self, ManuallyDrop},
    ptr::NonNull,
    slice,
};

use super::{
    Node,
    ledger::Ledger,
    state::{Role, State},
};
use crate::{
    count::Count,
    hash::WIDTH,
    kind::{PointerKind, Word, sealed::Kind},
    popcount,
};

/// What a branch's memory begins with. Its slots follow.
#[repr(C)]
pub(super) struct Header<K, V, P: PointerKind> {
    pub count: Count<P>,
    state: <P as Kind>::Word,
    /// Bit `i` is set where there is a child of index `i`; the children stand in
    /// the order of the bits.
    bits: u32,
    /// The slots whose child is counted for this branch. The lender counts the
    /// others.
    owned: UnsafeCell<u32>,
    link: UnsafeCell<Link<K, V, P>>,
    slots: [Node<K, V, P>; 0],
}

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

/// A branch that is alive for `'a`.
pub(crate) struct Branch<'a, K, V, P: PointerKind> {
    block: NonNull<Header<K, V, P>>,
    borrows: PhantomData<&'a Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Clone for Branch<'_, K, V, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, P: PointerKind> Copy for Branch<'_, K, V, P> {}

impl<'a, K, V, P: PointerKind> Branch<'a, K, V, P> {
    /// # Safety
    ///
    /// The branch must stay allocated for `'a`, and its bits and slots unchanged
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

    /// Which indexes have a child.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        self.header().bits
    }

    pub fn len(self) -> usize {
        popcount::count_ones(self.bits()) as usize
    }

    /// The children, in the order of their indexes.
    #[inline(always)]
    pub fn children(self) -> &'a [Node<K, V, P>] {
        self.header().count.note_read();
        // SAFETY: as many slots are initialized as there are bits, and they do
        // not change (`new`). A slot that is not owned is a copy of its
        // lender's, which keeps its child alive.
        unsafe { slice::from_raw_parts(slots(self.block).as_ptr(), self.len()) }
    }

    #[inline(always)]
    pub fn child(self, index: usize) -> Option<&'a Node<K, V, P>> {
        let header = self.header();
        header.count.note_read();
        let bit = 1 << index;
        if header.bits & bit == 0 {
            return None;
        }
        let position = position(header.bits, bit);
        // SAFETY: the bit is set, so there is such a slot; for the rest, see
        // `children`.
        Some(unsafe { &*slots(self.block).as_ptr().add(position) })
    }

    /// The first child after `index`.
    pub fn child_after(self, index: usize) -> Option<&'a Node<K, V, P>> {
        let bit = 1 << index;
        self.children()
            .get(position(self.bits(), bit) + usize::from(self.bits() & bit != 0))
    }

    /// The children with their indexes.
    pub fn iter(self) -> impl Iterator<Item = (usize, &'a Node<K, V, P>)> {
        super::ledger::indexes(self.bits()).zip(self.children())
    }

    /// The lock's guard without the lock, for a branch that nobody else knows
    /// of. Dropping it writes the state, which nobody else reads.
    ///
    /// # Safety
    ///
    /// Nobody else may know of the branch while the result exists.
    #[inline(always)]
    pub(super) unsafe fn alone(self) -> Locked<'a, K, V, P> {
        Locked {
            branch: self,
            state: self.state(),
        }
    }

    /// All slots, owned or not.
    pub(super) fn slots(self) -> NonNull<[Node<K, V, P>]> {
        NonNull::slice_from_raw_parts(slots(self.block), self.len())
    }

    /// Waits for the lock, which holders keep for a few dozen instructions.
    #[inline(always)]
    pub(super) fn lock(self) -> Locked<'a, K, V, P> {
        let state = State(self.header().state.lock_bit(State::LOCKED));
        Locked {
            branch: self,
            state,
        }
    }
}

/// How many children stand before that of `bit`.
#[inline(always)]
pub(super) fn position(bits: u32, bit: u32) -> usize {
    popcount::count_ones(bits & (bit - 1)) as usize
}

/// A branch whose lock is held. Nothing foreign may run meanwhile: no child is
/// dropped, nothing allocated or freed.
pub(super) struct Locked<'a, K, V, P: PointerKind> {
    branch: Branch<'a, K, V, P>,
    /// What unlocking will store.
    pub state: State,
}

impl<'a, K, V, P: PointerKind> Locked<'a, K, V, P> {
    #[inline(always)]
    pub fn branch(&self) -> Branch<'a, K, V, P> {
        self.branch
    }

    #[inline(always)]
    pub fn owned(&self) -> u32 {
        // SAFETY: read and written under the lock, which is held.
        unsafe { *self.branch.header().owned.get() }
    }

    #[inline(always)]
    pub fn set_owned(&mut self, owned: u32) {
        // SAFETY: as in `owned`.
        unsafe { *self.branch.header().owned.get() = owned }
    }

    /// The lender of a borrower.
    #[inline(always)]
    pub fn lender(&self) -> Option<Branch<'a, K, V, P>> {
        (self.state.role() == Role::Borrower).then(|| {
            // SAFETY: of this role, the link holds the lender, which stays
            // allocated while it has this borrower, and its slots that are
            // borrowed do not change.
            unsafe { Branch::new((*self.branch.header().link.get()).lender) }
        })
    }

    /// The slots that are lent to a borrower.
    pub fn lent(&self) -> u32 {
        match self.state.role() {
            Role::Plain | Role::Borrower => 0,
            // SAFETY: what the link holds of these roles; under the lock.
            Role::LendsToOne => unsafe { (*self.branch.header().link.get()).lent },
            // SAFETY: as above; the ledger lives as long as the role.
            Role::LendsToMany => unsafe { (*self.branch.header().link.get()).ledger.as_ref() }.used(),
        }
    }

    pub fn set_lent(&mut self, lent: u32) {
        self.set_link(Role::LendsToOne, Link { lent });
    }

    pub fn ledger_mut(&mut self) -> Option<&mut Ledger> {
        (self.state.role() == Role::LendsToMany).then(|| {
            // SAFETY: of this role the link holds a ledger, which only the
            // holder of the lock uses, here exclusively borrowed.
            unsafe { (*self.branch.header().link.get()).ledger.as_mut() }
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
        unsafe { *self.branch.header().link.get() = link };
        self.state = self.state.with_role(role);
    }

    /// Takes the children of these slots, which nobody uses any more, out of
    /// what the branch owns. They are dropped with the result: after unlocking.
    pub fn release(&mut self, slots: u32) -> Released<K, V, P> {
        let slots = slots & self.owned();
        self.set_owned(self.owned() & !slots);
        // SAFETY: the branch owned the slots until now, and owns them no more.
        unsafe { Released::take(self.branch, slots) }
    }

    /// Ends the lock without unlocking: nobody is left to wait for it.
    pub fn into_last(self) -> Branch<'a, K, V, P> {
        let branch = self.branch;
        mem::forget(self);
        branch
    }
}

impl<K, V, P: PointerKind> Drop for Locked<'_, K, V, P> {
    /// Unlocks. From here on the branch may be gone.
    #[inline(always)]
    fn drop(&mut self) {
        self.branch.header().state.store_release(self.state.0);
    }
}

/// Children on their way out: up to a whole branch's.
pub(super) struct Released<K, V, P: PointerKind> {
    nodes: [mem::MaybeUninit<Node<K, V, P>>; WIDTH],
    len: usize,
}

impl<K, V, P: PointerKind> Released<K, V, P> {
    /// # Safety
    ///
    /// Each of these slots must be owned by the branch, which must no longer
    /// use the ownership.
    pub unsafe fn take(branch: Branch<'_, K, V, P>, slots_taken: u32) -> Self {
        let mut released = Self {
            nodes: [const { mem::MaybeUninit::uninit() }; WIDTH],
            len: 0,
        };
        for index in super::ledger::indexes(slots_taken) {
            let position = position(branch.bits(), 1 << index);
            // SAFETY: a slot of the branch, whose ownership goes to the copy.
            let node = unsafe { slots(branch.block).as_ptr().add(position).read() };
            released.nodes[released.len].write(node);
            released.len += 1;
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
pub(super) fn slots<K, V, P: PointerKind>(
    block: NonNull<Header<K, V, P>>,
) -> NonNull<Node<K, V, P>> {
    // SAFETY: the slots follow the header in one allocation.
    unsafe { block.add(1).cast() }
}

fn layout<K, V, P: PointerKind>(capacity: usize) -> Layout {
    let size = size_of::<Header<K, V, P>>() + capacity * size_of::<Node<K, V, P>>();
    let align = align_of::<Header<K, V, P>>();
    // SAFETY: a capacity is at most 32, so the size is far from overflow; the
    // alignment is a type's.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

/// Who counts the children of a branch that is being made.
pub(super) enum Ownership<K, V, P: PointerKind> {
    /// The branch.
    All,
    /// Its lender, which has noted it as a borrower of these slots; the branch
    /// counts the rest.
    Borrows(NonNull<Header<K, V, P>>, u32),
}

/// Allocates a branch held once, whose slots the caller must fill at once.
///
/// # Safety
///
/// The result's slots, as many as `bits`, must be initialized before anything
/// else is done with it. What [`Ownership`] says must be true.
#[inline(always)]
pub(super) unsafe fn allocate<K, V, P: PointerKind>(
    bits: u32,
    capacity: usize,
    ownership: Ownership<K, V, P>,
) -> NonNull<Header<K, V, P>> {
    popcount::detect();
    let layout = layout::<K, V, P>(capacity);
    // SAFETY: the layout has the size of a header at least.
    let Some(block) = NonNull::new(unsafe { alloc(layout) }) else {
        handle_alloc_error(layout)
    };
    let block = block.cast::<Header<K, V, P>>();
    let (role, owned, link) = match ownership {
        Ownership::All => (Role::Plain, bits, Link { nothing: () }),
        Ownership::Borrows(lender, borrowed) => (Role::Borrower, bits & !borrowed, Link { lender }),
    };
    let header = Header {
        count: Count::one(),
        state: Word::new(State::new(capacity, role).0),
        bits,
        owned: UnsafeCell::new(owned),
        link: UnsafeCell::new(link),
        slots: [],
    };
    // SAFETY: freshly allocated for this.
    unsafe { block.write(header) };
    block
}

/// Frees a branch's memory and ledger. Its slots are not dropped.
///
/// # Safety
///
/// Nobody else may know of the branch any more.
pub(super) unsafe fn free<K, V, P: PointerKind>(block: NonNull<Header<K, V, P>>) {
    // SAFETY: the caller has the branch to itself. The header has no drop of
    // its own but a model checker's witnesses.
    let mut header = ManuallyDrop::new(unsafe { block.read() });
    let state = State(header.state.load_acquire());
    if state.role() == Role::LendsToMany {
        // SAFETY: of this role the link holds a ledger, which is from a box.
        drop(unsafe { Box::from_raw(header.link.get_mut().ledger.as_ptr()) });
    }
    // SAFETY: read out above, and not used again.
    unsafe { ManuallyDrop::drop(&mut header) };
    // SAFETY: allocated by `allocate` or `grow` with this layout.
    unsafe { dealloc(block.as_ptr().cast(), layout::<K, V, P>(state.capacity())) };
}

/// Moves a branch to a block with room for more slots.
///
/// # Safety
///
/// Nobody else may know of the branch: the old pointer is void.
pub(super) unsafe fn grow<K, V, P: PointerKind>(
    block: NonNull<Header<K, V, P>>,
    capacity: usize,
) -> NonNull<Header<K, V, P>> {
    // SAFETY: the caller has the branch to itself.
    let state = State(unsafe { block.as_ref() }.state.load_acquire());
    let old = layout::<K, V, P>(state.capacity());
    let new = layout::<K, V, P>(capacity);
    // SAFETY: allocated with the old layout; the new size is not zero.
    let moved = unsafe { realloc(block.as_ptr().cast(), old, new.size()) };
    let Some(moved) = NonNull::new(moved) else {
        handle_alloc_error(new)
    };
    let moved = moved.cast::<Header<K, V, P>>();
    // SAFETY: the header was moved with the block.
    let header = unsafe { moved.as_ref() };
    header.state.store_release(state.with_capacity(capacity).0);
    moved
}

impl<K, V, P: PointerKind> Header<K, V, P> {
    /// # Safety
    ///
    /// The caller must have the branch to itself.
    #[inline(always)]
    pub(super) unsafe fn bits_mut(block: &mut NonNull<Self>) -> &mut u32 {
        // SAFETY: by the caller.
        unsafe { &mut block.as_mut().bits }
    }
}
