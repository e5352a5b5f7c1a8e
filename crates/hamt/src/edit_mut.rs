//! Changes in place, of nodes that no other version sees.
//!
//! One walk finds the *position* of a key, asks the keys' equality, and checks on the way
//! that no other version sees the nodes it passes ([`Node::position`]). Then the change is a
//! few writes, which run no foreign code. Where another version sees a node on the way there
//! is no position, and the caller makes a new version instead ([`crate::edit`]).
//!
//! Most tables neither borrow nor are borrowed from. One that borrows counts the child that
//! is to change for itself first ([`TableMut::ensure_owned`]).
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{marker::PhantomData, mem, ptr::NonNull};

use crate::{
    Leaf,
    edit::{Collision, SPARSE},
    hash::{self, BITS, WIDTH},
    header::{self, Form, Header, Ownership, Role, Shape, Slot, Table},
    index::{BitMask, Tag},
    kind::PointerKind,
    node::{Node, View},
    share::Locked,
};

/// A table that only one node handle knows of: one holder, no borrower. It may
/// still be a borrower itself.
pub(crate) struct TableMut<'a, K, V, P: PointerKind> {
    header: NonNull<Header<K, V, P>>,
    /// Invariant: the table's.
    form: Form,
    node: PhantomData<&'a mut Node<K, V, P>>,
}

/// The slot of a leaf in a bucket, and the leaf.
type PlacedMut<K, V, P> = (usize, NonNull<Leaf<K, V, P>>);

/// A leaf that was removed, or one that is to be removed by a new version, and its place.
type Removed<K, V, P> = Result<Option<Leaf<K, V, P>>, (usize, Leaf<K, V, P>)>;

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns the table of a branch or bucket that no other version sees. Otherwise `None`.
    #[inline(always)]
    pub fn table_mut(&mut self) -> Option<TableMut<'_, K, V, P>> {
        Some(self.table_mut_or_plain()?.0)
    }

    /// As [`table_mut`](Self::table_mut), and whether the table is plain, as most are: it
    /// owns all that it has.
    #[inline(always)]
    fn table_mut_or_plain(&mut self) -> Option<(TableMut<'_, K, V, P>, bool)> {
        let (header, form) = self.as_table()?;
        // SAFETY: of this tag, so a table; counted for this handle.
        let table = unsafe { Table::new(header) };
        // The count comes first: the holder that goes last may have borrowed before.
        if !P::is_one(&table.header().head) {
            return None;
        }
        let state = table.state();
        let table_mut = TableMut {
            header,
            form,
            node: PhantomData,
        };
        if state.is_plain() {
            P::note_write(&table.header().head);
            return Some((table_mut, true));
        }
        table_mut.settle().then_some((table_mut, false))
    }
}

impl<K, V, P: PointerKind> TableMut<'_, K, V, P> {
    /// Returns `true` if the table has no borrower. Then takes over an owner that is left to
    /// it, and frees the borrow counts of borrowers that have all gone.
    #[cold]
    fn settle(&self) -> bool {
        let state = self.shared().state();
        if !state.is_unborrowed() {
            return false;
        }
        P::note_write(&self.shared().header().head);
        if state.role() == Role::Borrower {
            drop(self.guarded().take_over());
        } else {
            drop(self.guarded().take_counts());
        }
        true
    }

    /// Returns the table to look at.
    #[inline(always)]
    fn shared(&self) -> Table<'_, K, V, P> {
        // SAFETY: alive and unchanged while `self` is borrowed.
        unsafe { Table::new(self.header) }
    }

    #[inline(always)]
    fn guarded(&self) -> Locked<'_, K, V, P> {
        // SAFETY: nothing else knows of the table.
        unsafe { self.shared().alone() }
    }

    /// Returns a slot of a branch. Its child may be changed if the table owns it; if the caller
    /// fills or empties it, it says so by [`note`](Self::note).
    #[inline(always)]
    fn branch_slot(&mut self, slot: usize) -> NonNull<Slot<K, V, P>> {
        // SAFETY: a branch has all slots.
        unsafe { header::slots(self.header, Form::Branch).add(slot % WIDTH) }
    }

    /// Notes whether a slot, which this table owns, has a child.
    #[inline(always)]
    fn note(&mut self, slot: usize, is_filled: bool) {
        // SAFETY: nothing else knows of the table, and no view of it is left.
        unsafe { header::note(self.header, slot, is_filled) };
    }

    /// Counts the child of a slot for this table alone, if there is one.
    #[inline(always)]
    fn ensure_owned(&mut self, slot: usize) {
        if self.shared().bits() & !self.owned() & 1 << slot != 0 {
            self.own(slot);
        }
    }

    #[inline(always)]
    fn owned(&self) -> u32 {
        // SAFETY: nothing else knows of the table.
        unsafe { *self.shared().owned().get() }
    }

    /// Counts a borrowed child for this table, and ends its borrowing.
    #[cold]
    fn own(&mut self, slot: usize) {
        // The count stays with the slot, which has the pointer already.
        mem::forget(self.shared().child(slot).cloned());
        let (owner, last) = self.guarded().own(slot);
        if let Some(owner) = owner {
            // SAFETY: the slot was borrowed, and is not any more. What this drops is
            // counted here, so nothing goes.
            unsafe { owner.end_borrow(1 << slot, last) };
        }
    }

    /// Returns the slot of the first leaf of `hash` in a bucket that `is_it` accepts, and the
    /// leaf, which may be changed if the table owns it. `rest` is as in [`Table::search`].
    #[inline(always)]
    fn search<E>(
        &mut self,
        rest: u32,
        hash: u32,
        is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<PlacedMut<K, V, P>>, E> {
        let header = self.header;
        // SAFETY: a slot of the bucket, of this form.
        let place = |form| move |slot, _: &_| (slot, unsafe { header::leaf(header, form, slot) });
        let table = self.shared();
        // The form is known at compile time in each.
        match self.form {
            Form::Medium => table.search(Form::Medium, rest, hash, is_it, place(Form::Medium)),
            Form::Small => table.search(Form::Small, rest, hash, is_it, place(Form::Small)),
            _ => table.search(Form::Large, rest, hash, is_it, place(Form::Large)),
        }
    }

    /// Writes a leaf into the first free slot of a bucket. `rest` is its hash without the bits
    /// that the levels above used.
    ///
    /// # Errors
    ///
    /// Returns it if no slot is free.
    #[inline(always)]
    fn push(&mut self, rest: u32, leaf: Leaf<K, V, P>) -> Result<(), Leaf<K, V, P>> {
        let slot = self.shared().bits().trailing_ones() as usize;
        if slot == self.shared().state().capacity() {
            return Err(leaf);
        }
        // SAFETY: a free slot of this bucket, which nothing else knows of. What is
        // there is nothing, and needs no drop.
        unsafe {
            header::tags(self.header, self.form).set(slot, Tag::of(rest));
            let slots = header::slots(self.header, self.form);
            slots.add(slot).write(Some(Node::leaf(leaf)));
        }
        self.note(slot, true);
        Ok(())
    }

    /// Takes all leaves out of a bucket.
    fn take_leaves(&mut self) -> Vec<Leaf<K, V, P>> {
        let mut leaves = Vec::with_capacity(self.shared().len() + 1);
        for slot in BitMask(self.shared().bits()) {
            self.ensure_owned(slot);
            // SAFETY: the slot has a leaf, which the table owns until now.
            leaves.push(unsafe { header::leaf(self.header, self.form, slot).read() });
            self.note(slot, false);
        }
        leaves
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Adds a leaf that the node does not have: a leaf, or a bucket without a free slot, that
    /// no other version sees and that hangs `shift` bits deep.
    #[inline(never)]
    fn add(&mut self, shift: u32, leaf: Leaf<K, V, P>) -> Result<(), P::Refused> {
        if !self.is_table() && shift < u32::BITS {
            // First a bucket, then what comes into it: without memory all stays as it is.
            let bucket = Self::table(Shape::bucket(2), shift, [])?;
            let bound = mem::replace(self, bucket).into_leaf().ok();
            let mut bucket = self.table_mut();
            for leaf in bound.into_iter().chain([leaf]) {
                let _has_room = bucket
                    .as_mut()
                    .map(|bucket| bucket.push(leaf.hash() >> shift, leaf));
            }
            return Ok(());
        }
        let Some(mut bucket) = self.table_mut() else {
            *self = self.join(shift, leaf)?;
            return Ok(());
        };
        let Shape { form, capacity } = bucket.shared().state().shape();
        if capacity >= header::most(shift) {
            // Handles are counted up and down only where memory may be refused.
            let mut leaves = match size_of::<Result<(), P::Refused>>() {
                0 => bucket.take_leaves(),
                _ => bucket.shared().leaves().cloned().collect(),
            };
            leaves.push(leaf);
            *self = Self::of(shift, leaves)?;
            return Ok(());
        }
        let more = match form {
            Form::Small if capacity < form.slots() => capacity / 2 + 1,
            Form::Small => 4,
            _ => form.slots() / 4,
        };
        let shape = Shape::bucket((capacity + more).min(header::most(shift)));
        let larger = header::allocate(shape)?;
        let (bits, owner) = (bucket.shared().bits(), bucket.guarded().owner());
        let ownership = Ownership {
            owner: owner.map(Table::as_ptr),
            borrowed: bits & !bucket.owned(),
        };
        // SAFETY: the copy has this table's owned slots and its owner, which knows its
        // borrowers by number only. This one is freed at once, and nothing of it dropped.
        unsafe {
            header::copy(larger, bucket.shared(), shape, bits, ownership);
            header::free(bucket.header);
            mem::forget(mem::replace(self, Self::new(larger, shape.form as usize)));
        }
        if let Some(mut bucket) = self.table_mut() {
            let _has_room = bucket.push(leaf.hash() >> shift, leaf);
        }
        Ok(())
    }

    /// Returns the collision of the leaves of `hash` in a whole tree, if no other version
    /// sees it.
    #[inline(always)]
    pub fn collision_mut(root: &mut Slot<K, V, P>, hash: u32) -> Option<&mut Collision<K, V, P>> {
        // Where the root is shared, as it mostly is here, nothing else is looked at.
        let root = root.as_mut().filter(|root| root.has_one_holder())?;
        root.collision_below(hash)
    }

    #[cold]
    fn collision_below(&mut self, mut rest: u32) -> Option<&mut Collision<K, V, P>> {
        let (mut node, hash) = (self, rest);
        while node.is_table() {
            let mut table = node.table_mut()?;
            if table.form != Form::Branch {
                return None;
            }
            table.ensure_owned(hash::index(rest, 0));
            // SAFETY: nothing else knows of the branch, whose slots are initialized.
            node = unsafe { table.branch_slot(hash::index(rest, 0)).as_mut() }.as_mut()?;
            rest >>= BITS;
        }
        node.as_collision_mut().filter(|found| found.hash() == hash)
    }
}

/// Where a key's leaf is, or would be. No other version sees it.
///
/// A few words, all of which stay in registers; nothing of a new key and value passes
/// through the walk. (As one struct: of an enum the compiler packs the words of one variant
/// into those of another.)
pub(crate) struct Position<'a, K, V, P: PointerKind> {
    /// A slot with a leaf, a bucket or nothing: the root's, or one of `branch`.
    place: NonNull<Slot<K, V, P>>,
    /// How many bits deep what is there hangs.
    shift: u32,
    /// The branch that `place` is in. Invariant: no other version sees it.
    branch: Option<NonNull<Header<K, V, P>>>,
    /// The bucket, if it is one.
    bucket: Option<TableMut<'a, K, V, P>>,
    /// The slot of the branch; of a bucket, the slot of the key's leaf.
    slot: usize,
    /// The key's leaf, if there is one. Invariant: counted for its table alone.
    bound: Option<NonNull<Leaf<K, V, P>>>,
    tree: PhantomData<&'a mut Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Finds the position of the leaf of `hash` that `is_it` accepts, in a whole tree.
    /// `None` where another version sees a node on the way, and in collisions; then `is_it`
    /// was not called.
    #[inline(always)]
    pub fn position<E>(
        root: &mut Slot<K, V, P>,
        hash: u32,
        mut is_it: impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Position<'_, K, V, P>>, E> {
        let mut position = Position {
            place: NonNull::from(root),
            shift: 0,
            branch: None,
            bucket: None,
            slot: 0,
            bound: None,
            tree: PhantomData,
        };
        let mut rest = hash;
        loop {
            // SAFETY: the root's slot, which is borrowed, or one of a branch that hangs
            // there and that no other version sees.
            let Some(node) = (unsafe { position.place.as_mut() }) else {
                return Ok(Some(position));
            };
            if let Some(leaf) = node.as_leaf_mut() {
                if leaf.hash() == hash && is_it(leaf)? {
                    position.bound = Some(NonNull::from(leaf));
                }
                return Ok(Some(position));
            }
            let Some((mut table, is_plain)) = node.table_mut_or_plain() else {
                return Ok(None);
            };
            if table.form != Form::Branch {
                if let Some((slot, leaf)) = table.search(rest, hash, is_it)? {
                    if !is_plain {
                        table.ensure_owned(slot);
                    }
                    position.slot = slot;
                    position.bound = Some(leaf);
                }
                position.bucket = Some(table);
                return Ok(Some(position));
            }
            position.slot = hash::index(rest, 0);
            if !is_plain {
                table.ensure_owned(position.slot);
            }
            position.place = table.branch_slot(position.slot);
            position.branch = Some(table.header);
            position.shift += BITS;
            rest >>= BITS;
        }
    }
}

impl<K, V, P: PointerKind> Position<'_, K, V, P> {
    /// Returns the leaf, if there is one, counted for its table alone.
    #[inline(always)]
    pub fn leaf(&mut self) -> Option<&mut Leaf<K, V, P>> {
        // SAFETY: its table is borrowed, and not used while the result is.
        self.bound.map(|mut leaf| unsafe { leaf.as_mut() })
    }

    /// Writes the key's leaf there, which has none.
    ///
    /// Returns the leaf where a new version has to be made: if it belongs to a bucket that is
    /// full, and its branch's only child, or if an allocation may run code that gets hold of
    /// what is to change.
    ///
    /// # Errors
    ///
    /// Returns why there is no memory; nothing has changed.
    #[inline(always)]
    pub fn fill(mut self, leaf: Leaf<K, V, P>) -> Result<Option<Leaf<K, V, P>>, P::Refused> {
        let leaf = match &mut self.bucket {
            Some(bucket) => match bucket.push(leaf.hash() >> self.shift, leaf) {
                Ok(()) => return Ok(None),
                // It may become a collision, which does not stay below a branch by itself.
                Err(leaf) if self.is_only_child() => return Ok(Some(leaf)),
                Err(leaf) => leaf,
            },
            None => leaf,
        };
        // SAFETY: as in `position`.
        match unsafe { self.place.as_mut() } {
            Some(_) if P::RUNS_CODE => return Ok(Some(leaf)),
            Some(node) => node.add(self.shift, leaf)?,
            empty => {
                *empty = Some(Node::leaf(leaf));
                self.note_in_branch(true);
            }
        }
        Ok(None)
    }

    /// Takes the leaf, which is there, out.
    ///
    /// # Errors
    ///
    /// Returns a handle of it and its place where the way to it would have to change: a
    /// branch that has so few children may become a bucket.
    #[inline(always)]
    pub fn remove(mut self) -> Removed<K, V, P> {
        let Some(leaf) = self.bound else {
            return Ok(None);
        };
        let left = self
            .bucket
            .as_ref()
            .map_or(0, |bucket| bucket.shared().len() - 1);
        let branch = self.branch_bits().map(|bits| bits.count_ones() as usize);
        let stays = match (left, branch) {
            (_, None) => true,
            (0 | 1, Some(children)) => children > SPARSE + 1,
            (_, Some(children)) => left > SPARSE || children > 1,
        };
        if !stays {
            // SAFETY: the leaf is there.
            let leaf = unsafe { leaf.as_ref() }.clone();
            return Err((self.bucket.map_or(0, |_| self.slot), leaf));
        }
        // SAFETY: its table owns it, and is not used before the slot is empty.
        let removed = unsafe { leaf.read() };
        match &mut self.bucket {
            // SAFETY: as in `position`. The leaf that was there is taken out.
            None => unsafe { self.place.write(None) },
            Some(bucket) => {
                // SAFETY: the leaf's slot.
                unsafe { leaf.cast::<Slot<K, V, P>>().write(None) };
                bucket.note(self.slot, false);
                if left == 1 {
                    let last = bucket.shared().bits().trailing_zeros() as usize;
                    bucket.ensure_owned(last);
                    // SAFETY: as in `position`. The last leaf, which is the bucket's own
                    // now, takes the bucket's place, and the bucket is freed without it.
                    unsafe {
                        self.place
                            .cast()
                            .write(header::leaf(bucket.header, bucket.form, last).read());
                        header::free(bucket.header);
                    }
                }
                return Ok(Some(removed));
            }
        }
        self.note_in_branch(false);
        Ok(Some(removed))
    }

    /// Returns `true` if there is a branch that has only this child.
    #[inline(always)]
    fn is_only_child(&self) -> bool {
        self.branch_bits().is_some_and(u32::is_power_of_two)
    }

    #[inline(always)]
    fn branch_bits(&self) -> Option<u32> {
        // SAFETY: as in `position`.
        self.branch
            .map(|branch| unsafe { Table::new(branch) }.bits())
    }

    /// Notes in the branch, if there is one, whether its slot has a child.
    #[inline(always)]
    fn note_in_branch(&mut self, is_filled: bool) {
        if let Some(branch) = self.branch {
            // SAFETY: no other version sees it, and it owns the slot.
            unsafe { header::note(branch, self.slot, is_filled) };
        }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Adds to `found` the hashes and addresses of the leaves below this node that another map
    /// or handle may hold too. Counts all others for their tables alone.
    pub fn shared_leaves(&mut self, found: &mut Vec<(u32, usize)>) {
        if !self.has_one_holder() {
            self.all_leaves(found);
        } else if !self.is_table() {
            let leaves = self.as_collision_mut().map_or(&[][..], |of| of.leaves());
            let shared = leaves.iter().filter(|leaf| !leaf.has_one_holder());
            found.extend(shared.map(|leaf| (leaf.hash(), leaf.address())));
        } else if let Some(mut table) = self.table_mut() {
            for slot in BitMask(table.shared().bits()) {
                table.ensure_owned(slot);
                // SAFETY: nothing else knows of the table, whose slots are initialized.
                let child = unsafe { header::slots(table.header, table.form).add(slot).as_mut() };
                if let Some(child) = child {
                    child.shared_leaves(found);
                }
            }
        } else {
            self.all_leaves(found);
        }
    }

    fn all_leaves(&self, found: &mut Vec<(u32, usize)>) {
        match self.view() {
            View::Leaf(leaf) => found.push((leaf.hash(), leaf.address())),
            View::Collision(collision) => {
                let leaves = collision.leaves().iter();
                found.extend(leaves.map(|leaf| (leaf.hash(), leaf.address())));
            }
            View::Branch(table) | View::Bucket(table) => {
                table.iter().for_each(|(_, child)| child.all_leaves(found));
            }
        }
    }
}
