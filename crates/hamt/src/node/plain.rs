//! Tables that are alone and have no part in lending: they own all that they have,
//! and are changed with fewer questions than others ([`TableMut`](super::TableMut)).
//! Most are.
#![allow(unsafe_code)]

use core::{marker::PhantomData, ptr::NonNull};

use super::{
    Node, guide,
    state::Form,
    table::{Header, Slot, Table, guide_of},
};
use crate::{Entry, hash::WIDTH, kind::PointerKind};

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// A slot, to be changed as this node may be, of a branch that is alone and has
    /// no part in lending. That is what most levels of a deep tree are, and all
    /// there is to ask of them.
    #[inline(always)]
    pub(super) fn plain_branch_slot(&mut self, slot: usize) -> Option<NonNull<Slot<K, V, P>>> {
        let branch = self.as_branch()?;
        if !branch.header().count.is_one() || !branch.state().is_plain() {
            return None;
        }
        branch.header().count.note_write();
        // SAFETY: a branch has all slots, right after its header.
        Some(unsafe { branch.block().add(1).cast().add(slot % WIDTH) })
    }
}

/// The slot of an entry, and the entry, which may be changed.
pub(super) type PlacedMut<K, V, P> = (usize, NonNull<Entry<K, V, P>>);

/// A bucket that is alone and has no part in lending: it may be changed as its node
/// may be, and owns all that it has.
pub(super) struct PlainBucket<'a, K, V, P: PointerKind> {
    block: NonNull<Header<K, V, P>>,
    form: Form,
    node: PhantomData<&'a mut Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// The node as such a bucket, if it is one.
    #[inline(always)]
    pub(super) fn plain_bucket(&mut self) -> Option<PlainBucket<'_, K, V, P>> {
        let form = match self.tag() {
            tag if tag == Form::Medium as usize => Form::Medium,
            tag if tag == Form::Small as usize => Form::Small,
            tag if tag == Form::Large as usize => Form::Large,
            _ => return None,
        };
        let bucket = self.as_bucket(form)?;
        if !bucket.header().count.is_one() || !bucket.state().is_plain() {
            return None;
        }
        bucket.header().count.note_write();
        Some(PlainBucket {
            block: bucket.block(),
            form,
            node: PhantomData,
        })
    }
}

impl<K, V, P: PointerKind> PlainBucket<'_, K, V, P> {
    /// The slot of the first entry of `hash` that `is_it` accepts, and the entry,
    /// which may be changed for as long as the node is borrowed to do so. `rest` is
    /// as in [`Table::search`].
    #[inline(always)]
    pub fn search<E>(
        &self,
        rest: u32,
        hash: u32,
        is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<PlacedMut<K, V, P>>, E> {
        // SAFETY: the node is borrowed, so its block is there. The slot found has a
        // leaf, whose handle is an entry, bit for bit; the slots stand after the guide.
        unsafe {
            let bucket = Table::new(self.block);
            let found = bucket.search(self.form, rest, hash, is_it, |slot, _| slot)?;
            let entries = guide_of(self.block).add(guide::room(self.form)).cast();
            Ok(found.map(|slot| (slot, entries.add(slot))))
        }
    }
}
