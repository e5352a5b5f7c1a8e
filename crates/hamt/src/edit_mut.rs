//! Changes in place, of nodes that no other version shares.
//!
//! One walk finds the *position* of a key, calls the keys' equality, and checks that no other
//! version shares the nodes on the path ([`Node::position`]). Then the change is an allocation
//! if there is no room, and a few writes, which run no foreign code. If another version shares
//! a node on the path, there is no position, and the caller creates a new version instead
//! ([`crate::edit`]).
//!
//! Most tables neither borrow nor are borrowed from. One that borrows first counts the child
//! that will change for itself ([`TableMut::ensure_owned`]).
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::{
    marker::PhantomData,
    mem,
    ptr::{self, NonNull},
};

use crate::{
    Leaf,
    header::{self, Form, Ownership, Shape, Slot, Table},
    index::BitMask,
    kind::PointerKind,
    node::{self, BITS, Node, SPARSE, WIDTH},
    share::Locked,
};

/// A table that only one node handle refers to: one holder, no borrower. It may
/// be a borrower itself.
pub(crate) struct TableMut<'a, K, V, P: PointerKind> {
    /// Other files only read it.
    pub table: Table<'a, K, V, P>,
    node: PhantomData<&'a mut Node<K, V, P>>,
}

/// The rank of a leaf in a collision, and the leaf, if there is one.
type Ranked<K, V, P> = (usize, Option<NonNull<Leaf<K, V, P>>>);

/// A leaf that was removed, or one that a new version has to remove, with its place.
type Removed<K, V, P> = Result<Option<Leaf<K, V, P>>, (usize, Leaf<K, V, P>)>;

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns the table of a branch or bucket that no other version shares. Otherwise `None`.
    #[inline(always)]
    pub fn table_mut(&mut self) -> Option<TableMut<'_, K, V, P>> {
        Some(self.table_mut_or_plain()?.0)
    }

    /// As [`table_mut`](Self::table_mut), and also returns whether the table is plain: it
    /// neither borrows nor is borrowed from. Most are.
    #[inline(always)]
    fn table_mut_or_plain(&mut self) -> Option<(TableMut<'_, K, V, P>, bool)> {
        let table = self.as_table()?;
        // The count comes first: the last other holder may have created a borrower.
        if !P::is_one(&table.header().head) {
            return None;
        }
        let is_plain = table.state().is_plain();
        let node = PhantomData;
        let table_mut = TableMut { table, node };
        if is_plain {
            P::note_write(&table.header().head);
            return Some((table_mut, true));
        }
        table_mut.settle().then_some((table_mut, false))
    }
}

impl<'a, K, V, P: PointerKind> TableMut<'a, K, V, P> {
    /// Creates a table without children; [`into_node`](Self::into_node) returns its node.
    #[inline(always)]
    pub fn empty(shape: Shape) -> Result<Self, P::Refused> {
        let (table, node) = (header::empty(shape)?, PhantomData);
        Ok(Self { table, node })
    }

    /// Returns the lock's guard without locking.
    #[inline(always)]
    pub fn guarded(&self) -> Locked<'_, K, V, P> {
        // SAFETY: nothing else refers to the table.
        unsafe { self.table.alone() }
    }

    /// Returns the slots whose child is counted for this table.
    #[inline(always)]
    pub fn owned(&self) -> u32 {
        *self.guarded().owned()
    }

    /// Writes a leaf into the first free slot of a bucket. `rest` is its hash without the bits
    /// that the levels above used.
    ///
    /// # Errors
    ///
    /// Returns it if no slot is free.
    #[inline(always)]
    fn push(&mut self, rest: u32, leaf: Leaf<K, V, P>) -> Result<(), Leaf<K, V, P>> {
        let slot = self.table.bits().trailing_ones() as usize;
        if self.table.form() == Form::Branch || slot == self.table.state().capacity() {
            return Err(leaf);
        }
        // SAFETY: a free slot of this bucket, to which nothing else refers. The slot is
        // `None`, and needs no drop.
        unsafe {
            self.table.set_tag(slot, rest);
            self.table.slot(slot).write(Some(Node::leaf(leaf)));
            self.table.note(slot, true);
        }
        Ok(())
    }

    /// Takes the child out of a slot, if there is one.
    #[inline(always)]
    fn take(&mut self, slot: usize) -> Slot<K, V, P> {
        self.ensure_owned(slot);
        let is_filled = self.table.bits() & 1 << slot != 0;
        // SAFETY: a slot of this table, whose child it owns. Nothing else refers to it.
        is_filled.then(|| unsafe {
            self.table.note(slot, false);
            self.table.slot(slot).replace(None)
        })?
    }

    /// Takes all leaves out of a bucket.
    fn take_leaves(&mut self) -> Vec<Leaf<K, V, P>> {
        let mut leaves = Vec::with_capacity(self.table.len() + 1);
        for slot in BitMask(self.table.bits()) {
            leaves.extend(self.take(slot).and_then(Node::into_leaf));
        }
        leaves
    }

    /// As [`push`](Self::push), into a bucket that was created with room for the leaf.
    #[inline(always)]
    pub fn push_into_room(&mut self, rest: u32, leaf: Leaf<K, V, P>) {
        if self.push(rest, leaf).is_err() {
            unreachable!("a bucket that was created with room for a leaf has none");
        }
    }

    /// Puts a child into an empty slot of a new branch.
    pub fn fill(&mut self, slot: usize, child: Node<K, V, P>) {
        assert!(self.table.form() == Form::Branch && slot < WIDTH);
        assert!(self.table.bits() & 1 << slot == 0, "a slot is filled twice");
        // SAFETY: a slot of this branch, without a child. Nothing else refers to it.
        unsafe {
            self.table.slot(slot).write(Some(child));
            self.table.note(slot, true);
        }
    }

    /// Returns the handle of a new table.
    #[inline(always)]
    pub fn into_node(self) -> Node<K, V, P> {
        // SAFETY: complete; created by `empty`, or by `add` in place of one that it frees. Nothing else
        // refers to it.
        unsafe { Node::new(self.table.tagged()) }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns the rank of the leaf of `hash` that `is_it` accepts in a collision, and the
    /// leaf, if there is one. Returns `None` if another version shares the collision, and for
    /// any other node.
    #[inline(never)]
    fn bound_in_collision<E>(
        &mut self,
        hash: u32,
        is_it: Option<impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>>,
    ) -> Result<Option<Ranked<K, V, P>>, E> {
        let Some(leaves) = self.as_collision_mut() else {
            return Ok(None);
        };
        let rank = is_it.map_or(Ok(None), |is_it| node::rank_in(leaves, hash, is_it))?;
        let bound = rank.and_then(|rank| leaves.get_mut(rank));
        Ok(Some((rank.unwrap_or(0), bound.map(NonNull::from))))
    }

    /// Adds a leaf with a new key to a leaf, a full bucket or a collision, which no other
    /// version shares and which is `shift` bits deep. Returns it as [`Position::fill`] does.
    #[inline(never)]
    fn add(
        &mut self,
        shift: u32,
        leaf: Leaf<K, V, P>,
    ) -> Result<Option<Leaf<K, V, P>>, P::Refused> {
        if let Some(leaves) = self.as_collision_mut() {
            if leaves
                .iter()
                .take(1)
                .all(|bound| bound.hash() == leaf.hash())
            {
                leaves.push(leaf);
                return Ok(None);
            }
        }
        if P::RUNS_CODE {
            return Ok(Some(leaf));
        }
        if let (Some(bound), true) = (self.as_leaf_mut(), shift < u32::BITS) {
            let mut bucket = TableMut::empty(Shape::bucket(2))?;
            // SAFETY: moved into the bucket, which replaces it.
            let bound = unsafe { ptr::read(bound) };
            for leaf in [bound, leaf] {
                bucket.push_into_room(leaf.hash() >> shift, leaf);
            }
            mem::forget(mem::replace(self, bucket.into_node()));
            return Ok(None);
        }
        let Some(mut bucket) = self.table_mut() else {
            *self = self.with_one_more(shift, leaf)?;
            return Ok(None);
        };
        let Shape { form, capacity } = bucket.table.shape();
        if capacity >= header::max_leaves(shift) {
            // Leaves are moved and not counted, except where memory may be refused: where the error
            // has a size.
            *self = if size_of::<Result<(), P::Refused>>() == 0 {
                let mut leaves = bucket.take_leaves();
                leaves.push(leaf);
                Self::of(shift, leaves)?
            } else {
                self.with_one_more(shift, leaf)?
            };
            return Ok(None);
        }
        let more = match form {
            Form::Small if capacity < form.slots() => capacity / 2 + 1,
            Form::Small => 4,
            _ => form.slots() / 4,
        };
        let shape = Shape::bucket((capacity + more).min(header::max_leaves(shift)));
        let larger = header::allocate(shape)?;
        let owned = bucket.owned();
        let ownership = Ownership {
            owner: bucket.guarded().owner(),
            borrowed: bucket.table.bits() & !owned,
        };
        // SAFETY: the copy has this table's owned slots and its owner. The owner records how many
        // borrow, not which, so the copy takes this table's place there. This table is freed at once, and its children are not dropped. The copy
        // is complete, and nothing else refers to it.
        unsafe {
            let table = header::copy(larger, bucket.table, shape, bucket.table.bits(), ownership);
            header::free(bucket.table);
            let mut larger = TableMut {
                table,
                node: PhantomData,
            };
            larger.push_into_room(leaf.hash() >> shift, leaf);
            mem::forget(mem::replace(self, larger.into_node()));
        }
        Ok(None)
    }
}

/// Where a key's leaf is, or would be. No other version shares it.
///
/// A few words, all of which stay in registers: a new key and value do not pass through the
/// walk. (It is not an enum: there the compiler packs the words of one variant into those of
/// another.)
pub(crate) struct Position<'a, K, V, P: PointerKind> {
    /// A slot with a leaf, a bucket, a collision or nothing: the root's, or one of `branch`.
    at: *mut Slot<K, V, P>,
    /// How many bits deep the slot is.
    shift: u32,
    /// The branch that `at` is in. Invariant: no other version shares it.
    branch: Option<Table<'a, K, V, P>>,
    /// The bucket in `at`, if it is one.
    bucket: Option<TableMut<'a, K, V, P>>,
    /// The slot of the branch; of a bucket or collision, the slot or rank of the key's leaf.
    slot: usize,
    /// The key's leaf, if there is one. Invariant: no table borrows it.
    bound: Option<NonNull<Leaf<K, V, P>>>,
    tree: PhantomData<&'a mut Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns the position of the leaf of `hash` that `is_it` accepts, in the tree of `root`.
    /// Without `is_it` there is no such leaf.
    ///
    /// Returns `None` if another version shares a node on the path; then `is_it` was not
    /// called.
    #[inline(always)]
    pub fn position<E>(
        root: &mut Slot<K, V, P>,
        hash: u32,
        is_it: Option<impl FnMut(&Leaf<K, V, P>) -> Result<bool, E>>,
    ) -> Result<Option<Position<'_, K, V, P>>, E> {
        let mut position = Position {
            at: root,
            shift: 0,
            branch: None,
            bucket: None,
            slot: 0,
            bound: None,
            tree: PhantomData,
        };
        let mut rest = hash;
        loop {
            // SAFETY: the root's slot, which is borrowed, or one of a branch in its tree that
            // no other version shares.
            let Some(node) = (unsafe { &mut *position.at }) else {
                return Ok(Some(position));
            };
            if let Some(leaf) = node.as_leaf_mut() {
                if let Some(mut is_it) = is_it.filter(|_| leaf.hash() == hash) {
                    position.bound = is_it(leaf)?.then(|| NonNull::from(leaf));
                }
                return Ok(Some(position));
            }
            let Some((mut table, is_plain)) = node.table_mut_or_plain() else {
                let node = position.node().as_mut();
                let found = node.map_or(Ok(None), |node| node.bound_in_collision(hash, is_it))?;
                return Ok(found.map(|(rank, bound)| {
                    (position.slot, position.bound) = (rank, bound);
                    position
                }));
            };
            if table.table.form() != Form::Branch {
                let search = |is_it| table.table.search(rest, hash, is_it, |slot, _| slot);
                if let Some(slot) = is_it.map_or(Ok(None), search)? {
                    if !is_plain {
                        table.ensure_owned(slot);
                    }
                    position.slot = slot;
                    position.bound = NonNull::new(table.table.slot(slot).cast());
                }
                position.bucket = Some(table);
                return Ok(Some(position));
            }
            position.slot = node::slot_of(rest, 0);
            if !is_plain {
                table.ensure_owned(position.slot);
            }
            position.at = table.table.slot(position.slot);
            position.branch = Some(table.table);
            position.shift += BITS;
            rest >>= BITS;
        }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns the first branch or bucket on the path of `hash` that another version shares, for a
    /// kind whose nodes do not borrow.
    pub fn first_shared(root: &mut Slot<K, V, P>, hash: u32) -> Option<&mut Self> {
        let (mut at, mut rest) = (&raw mut *root, hash);
        if P::BORROWS {
            return None;
        }
        loop {
            // SAFETY: the root's slot, which is borrowed, or one of a branch in its tree that
            // no other version shares.
            let node = unsafe { &mut *at }.as_mut()?;
            if !node.has_one_holder() {
                return node.as_table().is_some().then_some(node);
            }
            at = node.as_branch()?.slot(node::slot_of(rest, 0));
            rest >>= BITS;
        }
    }
}

impl<'a, K, V, P: PointerKind> Position<'a, K, V, P> {
    #[inline(always)]
    fn node(&mut self) -> &mut Slot<K, V, P> {
        // SAFETY: as in `position`.
        unsafe { &mut *self.at }
    }

    /// Returns the leaf, if there is one, which no table borrows.
    #[inline(always)]
    pub fn leaf(&mut self) -> Option<&mut Leaf<K, V, P>> {
        // SAFETY: its node is borrowed, and not used while the result is.
        self.bound.map(|mut leaf| unsafe { leaf.as_mut() })
    }

    /// Writes the key's leaf to this position, which has none.
    ///
    /// Returns the leaf if a new version has to be created: if its bucket has no free slot and is the
    /// only child of its branch, or if an allocation may run code that gets references to the nodes
    /// that change.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no memory, with nothing changed.
    #[inline(always)]
    pub fn fill(mut self, leaf: Leaf<K, V, P>) -> Result<Option<Leaf<K, V, P>>, P::Refused> {
        let leaf = match &mut self.bucket {
            Some(bucket) => match bucket.push(leaf.hash() >> self.shift, leaf) {
                Ok(()) => return Ok(None),
                // It may become a collision, which does not stay the only child of a branch.
                Err(leaf) if self.is_only_child() => return Ok(Some(leaf)),
                Err(leaf) => leaf,
            },
            None => leaf,
        };
        let shift = self.shift;
        match self.node() {
            Some(node) => node.add(shift, leaf),
            empty => {
                *empty = Some(Node::leaf(leaf));
                self.note_in_branch(true);
                Ok(None)
            }
        }
    }

    /// Removes the key's leaf, if there is one, and returns it.
    ///
    /// # Errors
    ///
    /// Returns a handle of the leaf and its place if nodes above would have to change: a
    /// branch with so few children may become a bucket, a collision of one leaf that leaf.
    #[inline(always)]
    pub fn remove(mut self) -> Removed<K, V, P> {
        if self.bound.is_none() {
            return Ok(None);
        }
        let slot = self.slot;
        let children = self.branch.map_or(usize::MAX, Table::len);
        if let Some(bucket) = &mut self.bucket {
            let left = bucket.table.len() - 1;
            let stays = match left {
                0 | 1 => children > SPARSE + 1,
                _ => left > SPARSE || children > 1,
            };
            if stays {
                let removed = bucket.take(slot);
                if left == 1 {
                    let last = bucket.take(bucket.table.bits().trailing_zeros() as usize);
                    // SAFETY: the bucket is empty. The last leaf replaces it, without a drop of
                    // its handle.
                    unsafe {
                        header::free(bucket.table);
                        self.at.write(last);
                    }
                }
                return Ok(removed.and_then(Node::into_leaf));
            }
        } else if let Some(leaves) = self.node().as_mut().and_then(Node::as_collision_mut) {
            if leaves.len() > 2 {
                return Ok(Some(leaves.remove(slot)));
            }
        } else if children > SPARSE + 1 {
            let removed = self.node().take();
            self.note_in_branch(false);
            return Ok(removed.and_then(Node::into_leaf));
        }
        // A lone leaf is read from its slot, which was borrowed above: `bound` is an older
        // borrow.
        let lone = match self.bucket {
            None => self.node().as_ref().and_then(Node::as_leaf).cloned(),
            Some(_) => None,
        };
        match lone.or_else(|| self.leaf().cloned()) {
            Some(leaf) => Err((slot, leaf)),
            None => Ok(None),
        }
    }

    /// Returns `true` if there is a branch that has only this child.
    #[inline(always)]
    fn is_only_child(&self) -> bool {
        self.branch.is_some_and(|branch| branch.len() == 1)
    }

    /// Records in the branch, if there is one, whether its slot has a child.
    #[inline(always)]
    fn note_in_branch(&mut self, is_filled: bool) {
        if let Some(branch) = self.branch {
            // SAFETY: no other version shares it, and it owns the slot.
            unsafe { branch.note(self.slot, is_filled) };
        }
    }
}
