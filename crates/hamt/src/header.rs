//! The memory of a table: a branch or a bucket, with up to 32 numbered slots.
//!
//! The slots of a *branch* are numbered by five bits of the hash. A *bucket* has leaves in
//! any order, and an index to them ([`crate::index`]).
//!
//! ```text
//! bytes 4   4       4      4       8      0, 8, 16, 32   8      8
//! ┌───────┬───────┬──────┬───────┬──────┬──────────────┬──────┬──────┬──
//! │ head  │ state │ bits │ owned │ link │ tags         │ slot │ slot │ …
//! └───────┴───────┴──────┴───────┴──────┴──────────────┴──────┴──────┴──
//! ```
//!
//! Which thread writes each word, and why a reader is safe:
//!
//! * `bits`, tags and slots: the thread that is the table's only user
//!   ([`TableMut`](crate::edit_mut::TableMut)), or creates it. Readers need no lock: while
//!   there are several users, no thread writes.
//! * `head`: each thread that gets or drops a handle ([`PointerKind`]; it may be larger).
//! * `state`: the thread that holds its lock bit, by the store that unlocks.
//! * `owned` and `link`: the thread that holds the lock, or is the only user.
//!   [`crate::share`] has their rules.
#![allow(unsafe_code)]

use core::{
    alloc::Layout,
    cell::UnsafeCell,
    marker::PhantomData,
    ptr::{self, NonNull},
    slice,
};

use crate::{
    Leaf,
    index::{self, BitMask, Tag},
    kind::PointerKind,
    node::{Node, WIDTH},
    state::{Role, State},
    trace::NodeForm,
    word::Word,
};

/// The start of the memory of a table. A bucket's tags follow, then the slots.
#[repr(C, align(8))]
pub(crate) struct Header<K, V, P: PointerKind> {
    /// First, as in every node.
    pub head: P::Head,
    pub state: P::Word,
    /// The slots that have a child. Others are `None`. (In a retired owner this includes
    /// slots whose child was dropped; no version reads them.)
    bits: u32,
    /// The slots whose child is counted for this table. The owner counts the others.
    owned: UnsafeCell<u32>,
    /// Its meaning depends on the state's [`Role`].
    pub link: UnsafeCell<Link>,
    /// Sets the alignment of the slots that follow.
    slots: [Slot<K, V, P>; 0],
}

pub(crate) type Slot<K, V, P> = Option<Node<K, V, P>>;

/// The tagged address of a table, the address of borrow counts, or a set of slots.
pub(crate) type Link = *mut ();

/// The forms of a table: a branch, and buckets of three sizes. Each is the tag of the table's
/// handles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Branch = 1,
    Small = 2,
    Large = 4,
    Medium = 6,
}

impl Form {
    /// The bits of a tagged address that are its tag.
    pub const MASK: usize = 7;

    /// Returns the maximal number of slots of a table of this form; a branch has all.
    #[inline(always)]
    pub const fn slots(self) -> usize {
        match self {
            Self::Small => 8,
            Self::Medium => 16,
            Self::Branch | Self::Large => WIDTH,
        }
    }

    /// Returns the bytes between the header and the slots.
    #[inline(always)]
    const fn tag_bytes(self) -> usize {
        match self {
            Self::Branch => 0,
            _ => self.slots(),
        }
    }
}

/// The form and the number of slots of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub form: Form,
    pub capacity: usize,
}

impl Shape {
    pub const BRANCH: Self = Self {
        form: Form::Branch,
        capacity: WIDTH,
    };

    /// Returns the shape of a bucket for this number of leaves.
    #[inline]
    pub fn bucket(leaves: usize) -> Self {
        // The capacity fills an allocation (`pool`), or nearly.
        let (form, capacity) = if leaves <= Form::Small.slots() {
            (Form::Small, leaves | 1)
        } else if leaves <= Form::Medium.slots() {
            (Form::Medium, leaves.next_multiple_of(2))
        } else {
            (Form::Large, leaves.next_multiple_of(4))
        };
        let capacity = capacity.min(form.slots());
        Self { form, capacity }
    }
}

/// Returns the maximal number of leaves of a bucket that is `shift` bits deep.
#[inline(always)]
pub(crate) const fn max_leaves(shift: u32) -> usize {
    match shift {
        0 => WIDTH,
        _ => Form::Medium.slots(),
    }
}

/// A table that is alive for `'a`, and its form.
pub(crate) struct Table<'a, K, V, P: PointerKind> {
    header: NonNull<Header<K, V, P>>,
    form: Form,
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
    /// The table must be of this form and initialized. It must stay allocated for `'a`, and
    /// its bits, tags and slots unchanged while they are borrowed from the result.
    #[inline(always)]
    pub unsafe fn new(header: NonNull<Header<K, V, P>>, form: Form) -> Self {
        Self {
            header,
            form,
            borrows: PhantomData,
        }
    }

    /// Returns the address, with the form in its three lowest bits.
    #[inline(always)]
    pub fn tagged(self) -> NonNull<()> {
        let tag = self.form as usize;
        self.header.cast().map_addr(|address| address | tag)
    }

    /// Returns the table at a tagged address, if the tag is a table's.
    ///
    /// # Safety
    ///
    /// If it is, as for [`new`](Self::new).
    #[inline(always)]
    pub unsafe fn of_tagged(tagged: NonNull<()>) -> Option<Self> {
        let tag = tagged.addr().get() & Form::MASK;
        let form = if tag == Form::Branch as usize {
            Form::Branch
        } else if tag == Form::Medium as usize {
            Form::Medium
        } else if tag == Form::Small as usize {
            Form::Small
        } else if tag == Form::Large as usize {
            Form::Large
        } else {
            return None;
        };
        // SAFETY: by the caller; the table is at the address without its tag.
        Some(unsafe { Self::new(tagged.byte_sub(tag).cast(), form) })
    }

    #[inline(always)]
    pub fn form(self) -> Form {
        self.form
    }

    #[inline(always)]
    pub fn header(self) -> &'a Header<K, V, P> {
        // SAFETY: alive for `'a` (`new`); the fields that change while shared
        // are atomic or cells.
        unsafe { self.header.as_ref() }
    }

    #[inline(always)]
    pub fn state(self) -> State {
        State(self.header().state.load_acquire())
    }

    #[inline(always)]
    pub fn shape(self) -> Shape {
        let (form, capacity) = (self.form, self.state().capacity());
        Shape { form, capacity }
    }

    /// Returns the slots that have a child.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        self.header().bits
    }

    /// Returns the slots whose child is counted for this table.
    #[inline(always)]
    pub fn owned(self) -> &'a UnsafeCell<u32> {
        &self.header().owned
    }

    pub fn len(self) -> usize {
        self.bits().count_ones() as usize
    }

    /// Returns the address that a slot has, or would have.
    #[inline(always)]
    pub fn slot(self, slot: usize) -> *mut Slot<K, V, P> {
        first_slot(self.header, self.form).wrapping_add(slot)
    }

    /// Returns the tags of a bucket. A branch has none.
    #[inline(always)]
    fn tags(self) -> &'a [u8] {
        let tags = self.header.as_ptr().wrapping_add(1).cast();
        // SAFETY: they follow the header, are initialized, and do not change (`new`).
        unsafe { slice::from_raw_parts(tags, self.form.tag_bytes()) }
    }

    /// Sets the tag of a slot of a bucket. `rest` is the hash of its leaf without the bits that
    /// the levels above used.
    ///
    /// # Safety
    ///
    /// The caller must be the table's only user.
    #[inline(always)]
    pub unsafe fn set_tag(self, slot: usize, rest: u32) {
        let tags = self.header.as_ptr().wrapping_add(1).cast();
        // SAFETY: as in `tags`; nothing else borrows them.
        let tags = unsafe { slice::from_raw_parts_mut(tags, self.form.tag_bytes()) };
        index::set(tags, slot, Tag::of(rest));
    }

    /// Returns all slots, in their order.
    #[inline(always)]
    pub fn slots(self) -> &'a [Slot<K, V, P>] {
        P::note_read(&self.header().head);
        let capacity = match self.form {
            Form::Branch => WIDTH,
            _ => self.state().capacity(),
        };
        // SAFETY: all slots are initialized, and do not change (`new`). A slot that is
        // not owned is a copy of its owner's, which keeps the child alive.
        unsafe { slice::from_raw_parts(self.slot(0), capacity) }
    }

    #[inline(always)]
    pub fn child(self, slot: usize) -> Option<&'a Node<K, V, P>> {
        self.slots().get(slot)?.as_ref()
    }

    /// Returns the result of `map` for the first leaf of `hash` in a bucket that `is_it`
    /// accepts, and its slot. `rest` is the hash without the bits that the levels above used.
    #[inline(always)]
    pub fn search<R, E>(
        self,
        rest: u32,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Leaf<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        if self.form == Form::Branch {
            return Ok(None);
        }
        P::note_read(&self.header().head);
        for slot in BitMask(index::matching(self.tags(), Tag::of(rest)).0 & self.bits()) {
            // SAFETY: a slot in `bits` of a bucket has a leaf, whose handle has the same bits as a
            // node's; it does not change.
            let leaf = unsafe { &*self.slot(slot).cast::<Leaf<K, V, P>>() };
            if leaf.hash() == hash && is_it(leaf)? {
                return Ok(Some(map(slot, leaf)));
            }
        }
        Ok(None)
    }

    /// Returns the children with their slots.
    pub fn iter(self) -> impl Iterator<Item = (usize, &'a Node<K, V, P>)> + Clone {
        let slots = self.slots().iter().enumerate();
        slots.filter_map(|(slot, child)| Some((slot, child.as_ref()?)))
    }

    /// Records whether a slot, which the table owns, has a child now.
    ///
    /// # Safety
    ///
    /// The caller must be the table's only user, and have written the slot.
    #[inline(always)]
    pub unsafe fn note(self, slot: usize, is_filled: bool) {
        let (bit, new) = (1 << slot, u32::from(is_filled) << slot);
        // SAFETY: by the caller.
        unsafe {
            let header = self.header.as_ptr();
            (*header).bits = (*header).bits & !bit | new;
            let owned = (*header).owned.get();
            *owned = *owned & !bit | new;
        }
    }
}

/// Returns where the slots of a table of this form begin.
#[inline(always)]
fn first_slot<K, V, P: PointerKind>(
    table: NonNull<Header<K, V, P>>,
    form: Form,
) -> *mut Slot<K, V, P> {
    // The size of the tags is a multiple of eight, which the slots' alignment divides.
    let tags = table.as_ptr().wrapping_add(1);
    tags.wrapping_byte_add(form.tag_bytes()).cast()
}

fn layout<K, V, P: PointerKind>(shape: Shape) -> Layout {
    let slots = shape.capacity * size_of::<Slot<K, V, P>>();
    let size = size_of::<Header<K, V, P>>() + shape.form.tag_bytes() + slots;
    let layout = Layout::from_size_align(size, align_of::<Header<K, V, P>>());
    layout.expect("32 slots are no more than an allocation may have")
}

/// Which children of a new table are counted for it.
pub(crate) struct Ownership<'a, K, V, P: PointerKind> {
    /// The table that owns the others, if there is one. The borrower is recorded there.
    pub owner: Option<Table<'a, K, V, P>>,
    /// The slots that the owner counts. The new table counts the rest.
    pub borrowed: u32,
}

impl<K, V, P: PointerKind> Ownership<'_, K, V, P> {
    /// The table counts all its children.
    pub const ALL: Self = Self {
        owner: None,
        borrowed: 0,
    };
}

/// Allocates a table with one holder. All but its head is uninitialized.
#[inline(always)]
pub(crate) fn allocate<K, V, P: PointerKind>(
    shape: Shape,
) -> Result<NonNull<Header<K, V, P>>, P::Refused> {
    let form = NodeForm::of_table(shape.form);
    // SAFETY: the layout is that of a header, with the tags and slots.
    unsafe { P::allocate(layout::<K, V, P>(shape), form) }.map(NonNull::cast)
}

/// Initializes the header of a table.
///
/// # Safety
///
/// It must be freshly allocated with this shape. All slots, and the tags of a bucket, must be
/// initialized before any other use. `ownership` must be true of the table.
#[inline(always)]
unsafe fn initialize<K, V, P: PointerKind>(
    table: NonNull<Header<K, V, P>>,
    shape: Shape,
    bits: u32,
    ownership: Ownership<'_, K, V, P>,
) {
    let (role, link) = match ownership.owner {
        None => (Role::Plain, ptr::null_mut()),
        Some(owner) => (Role::Borrower, owner.tagged().as_ptr()),
    };
    let table = table.as_ptr();
    // SAFETY: by the caller.
    unsafe {
        (&raw mut (*table).state).write(Word::new(State::of(shape.capacity, role).0));
        (&raw mut (*table).bits).write(bits);
        (&raw mut (*table).owned).write(UnsafeCell::new(bits & !ownership.borrowed));
        (&raw mut (*table).link).write(UnsafeCell::new(link));
    }
}

/// Allocates a table without children.
#[inline(always)]
pub(crate) fn empty<'a, K, V, P: PointerKind>(
    shape: Shape,
) -> Result<Table<'a, K, V, P>, P::Refused> {
    let table = allocate(shape)?;
    // SAFETY: tags and slots are written at once; the table lives until it is freed.
    unsafe {
        initialize(table, shape, 0, Ownership::ALL);
        table
            .add(1)
            .cast::<u8>()
            .write_bytes(0, shape.form.tag_bytes());
        for slot in 0..shape.capacity {
            first_slot(table, shape.form).add(slot).write(None);
        }
        Ok(Table::new(table, shape.form))
    }
}

/// Initializes a table that was just allocated as a copy of another: with the pointers to the
/// children that it has room for, and the tags of a bucket. Counts no children.
///
/// # Safety
///
/// The children in `bits` must be counted for the copy, or borrowed, as `ownership` says,
/// except for slots that the caller writes, with their tags, before any other use. `shape`
/// must be the one that the table was allocated with: a branch's if the other table is one,
/// otherwise a bucket's.
#[inline(always)]
pub(crate) unsafe fn copy<'a, K, V, P: PointerKind>(
    table: NonNull<Header<K, V, P>>,
    from: Table<'_, K, V, P>,
    shape: Shape,
    bits: u32,
    ownership: Ownership<'_, K, V, P>,
) -> Table<'a, K, V, P> {
    let old = from.shape();
    // SAFETY: by the caller. Between tables of one shape all tags and slots are copied;
    // otherwise those that both have, and the rest is initialized as empty.
    unsafe {
        initialize(table, shape, bits, ownership);
        let (target, source) = (table.add(1).cast::<u8>(), from.header.add(1).cast::<u8>());
        if shape == old {
            let bytes = shape.form.tag_bytes() + shape.capacity * size_of::<Slot<K, V, P>>();
            target.copy_from_nonoverlapping(source, bytes);
        } else {
            target.write_bytes(0, shape.form.tag_bytes());
            target
                .copy_from_nonoverlapping(source, old.form.tag_bytes().min(shape.form.tag_bytes()));
            let common = old.capacity.min(shape.capacity);
            let target = first_slot(table, shape.form);
            target.copy_from_nonoverlapping(from.slot(0), common);
            for slot in common..shape.capacity {
                target.add(slot).write(None);
            }
        }
        Table::new(table, shape.form)
    }
}

/// Frees a table's memory. Drops neither its children nor what its link points to.
///
/// # Safety
///
/// Nothing else may refer to the table any more.
#[inline]
pub(crate) unsafe fn free<K, V, P: PointerKind>(table: Table<'_, K, V, P>) {
    let (header, layout) = (table.header, layout::<K, V, P>(table.shape()));
    // SAFETY: the caller is the table's only user, and will not use it again. Its shape is the one that
    // it was allocated with. Besides the head, only a model checker's word has a drop.
    unsafe {
        P::untrack(header.cast());
        (&raw mut (*header.as_ptr()).state).drop_in_place();
        P::free(header.cast(), layout);
    }
}
