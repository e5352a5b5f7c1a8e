//! Which leaves of a tree its map has to itself.
//!
//! A leaf is the map's alone if no other handle counts it, and no other map leads to a node
//! above it. A child that a table borrows is counted for the owner, so each table here counts
//! its children for itself first.

use alloc::vec::Vec;
use core::{convert::Infallible, ptr::NonNull};

use super::{Node, View, ViewMut, indexes};
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
};

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Adds to `found` the leaves below this node that another map or handle holds too.
    pub fn shared_leaves(&mut self, found: &mut Vec<Entry<K, V, P>>) {
        match self.view_mut() {
            ViewMut::Leaf(leaf) if leaf.has_one_holder() => {}
            ViewMut::Leaf(leaf) => found.push(leaf.clone()),
            ViewMut::Branch(mut table) | ViewMut::Bucket(mut table) => {
                for slot in indexes(table.shared().bits()) {
                    table.ensure_owned(slot);
                    if let Some(Some(child)) = table.slot(slot) {
                        child.shared_leaves(found);
                    }
                }
            }
            ViewMut::Collision(collision) => {
                let shared = collision.entries().iter();
                found.extend(shared.filter(|leaf| !leaf.has_one_holder()).cloned());
            }
            ViewMut::Shared(node) => node.all_leaves(found),
        }
    }

    fn all_leaves(&self, found: &mut Vec<Entry<K, V, P>>) {
        match self.view() {
            View::Leaf(leaf) => found.push(leaf.clone()),
            View::Collision(collision) => found.extend_from_slice(collision.entries()),
            View::Branch(table) | View::Bucket(table) => {
                table.iter().for_each(|(_, child)| child.all_leaves(found));
            }
        }
    }

    /// Returns the place of the leaf of `hash` that `is_it` accepts, in a subtree that hangs
    /// `shift` bits deep. `None` if there is none, or if another map leads to a node above it.
    #[cold]
    pub fn leaf_place(
        &mut self,
        shift: u32,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> bool,
    ) -> Option<NonNull<Entry<K, V, P>>> {
        match self.view_mut() {
            ViewMut::Leaf(leaf) => {
                (leaf.hash() == hash && is_it(leaf)).then(|| NonNull::from(leaf))
            }
            ViewMut::Branch(mut branch) => {
                let child = branch.branch_slot_mut(hash::index(hash, shift)).as_mut()?;
                child.leaf_place(shift + BITS, hash, &mut is_it as &mut dyn FnMut(&_) -> bool)
            }
            ViewMut::Bucket(mut bucket) => {
                let rest = hash.checked_shr(shift).unwrap_or(0);
                let is_it = |leaf: &Entry<K, V, P>| Ok::<_, Infallible>(is_it(leaf));
                let Ok(found) = bucket.bucket().search(rest, hash, is_it);
                let (slot, leaf) = found?;
                bucket.ensure_owned(slot);
                Some(leaf)
            }
            ViewMut::Collision(collision) if collision.hash() == hash => {
                let rank = collision.entries().iter().position(is_it)?;
                collision.entry_mut(rank).map(NonNull::from)
            }
            ViewMut::Collision(_) | ViewMut::Shared(_) => None,
        }
    }
}
