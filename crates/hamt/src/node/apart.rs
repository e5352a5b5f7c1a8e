//! Changes in place of what is seldom met: a tree of one entry, a collision, and
//! subtrees that others see too, whose way to the change is copied.

use core::mem;

use super::{Node, View, ViewMut};
use crate::{
    Entry,
    entry::Pair,
    hash::{self, BITS, WIDTH},
    kind::PointerKind,
};

/// What is to be done to the entry of one key. All functions run before
/// anything of the tree has changed.
pub(crate) trait Alteration<K, V, P: PointerKind> {
    type Error;

    /// Whether the key may have an entry: if not, [`is_it`](Self::is_it) is not
    /// asked.
    const MAY_BE_BOUND: bool = true;

    /// Tells whether an entry of the key's hash is the key's.
    fn is_it(&mut self, bound: &Entry<K, V, P>) -> Result<bool, Self::Error>;

    /// Decides what becomes of the key's entry, if there is one.
    fn decide(self, bound: Option<&Entry<K, V, P>>) -> Change<K, V, P>;
}

/// What becomes of a key's entry.
pub(crate) enum Change<K, V, P: PointerKind> {
    Bind(Pair<K, V, P>),
    Remove,
    Nothing,
}

/// What a change leaves to be done.
pub(crate) struct Altered<K, V, P: PointerKind> {
    pub displaced: Option<Pair<K, V, P>>,
    /// Whether the way to the entry should be tidied.
    pub shrunk: bool,
    /// To be dropped when all else is done: it may have become the last holder
    /// of what it leads to.
    pub spent: Option<Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Default for Altered<K, V, P> {
    fn default() -> Self {
        Self {
            displaced: None,
            shrunk: false,
            spent: None,
        }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Makes a change to the entry of `hash` that `alteration` is about, in the
    /// tree that hangs in `slot`, `shift` bits deep. Brings `len`, the number of
    /// entries of the whole map, up to date.
    #[inline(never)]
    pub fn alter<A: Alteration<K, V, P>>(
        slot: &mut Option<Self>,
        shift: u32,
        hash: u32,
        len: &mut usize,
        mut alteration: A,
    ) -> Result<Altered<K, V, P>, A::Error> {
        let mut altered = Altered::default();
        let Some(node) = slot else {
            if let Change::Bind(pair) = alteration.decide(None) {
                *len += 1;
                *slot = Some(Node::leaf(pair.into_entry(hash)));
            }
            return Ok(altered);
        };
        match node.view_mut() {
            ViewMut::Branch(mut branch) => {
                let index = hash::index(hash, shift);
                let child = branch.branch_slot_mut(index);
                altered = Self::alter(child, shift + BITS, hash, len, alteration)?;
                let is_filled = child.is_some();
                branch.note_filled(index, is_filled);
            }
            ViewMut::Leaf(bound) => {
                let is_it = A::MAY_BE_BOUND && bound.hash() == hash && alteration.is_it(bound)?;
                match (alteration.decide(is_it.then_some(bound)), is_it) {
                    (Change::Bind(pair), true) => altered.displaced = Some(bound.rebind(pair)),
                    (Change::Bind(pair), false) => {
                        *len += 1;
                        let entry = pair.into_entry(hash);
                        node.replace_with(|node| node.join(shift, entry));
                    }
                    (Change::Remove, true) => {
                        *len -= 1;
                        let removed = slot.take().and_then(|leaf| leaf.into_leaf().ok());
                        altered.displaced = removed.map(Pair::Entry);
                        altered.shrunk = true;
                    }
                    (Change::Remove, false) | (Change::Nothing, _) => {}
                }
            }
            ViewMut::Collision(collision) => {
                let is_of_hash = collision.hash() == hash;
                let found = match A::MAY_BE_BOUND && is_of_hash {
                    true => collision.find(|bound| alteration.is_it(bound))?,
                    false => None,
                };
                let rank = found.map(|(rank, _)| rank);
                match (alteration.decide(found.map(|(_, bound)| bound)), rank) {
                    (Change::Bind(pair), Some(rank)) => {
                        let bound = collision.entry_mut(rank);
                        altered.displaced = bound.map(|bound| bound.rebind(pair));
                    }
                    (Change::Bind(pair), None) => {
                        *len += 1;
                        let entry = pair.into_entry(hash);
                        if is_of_hash {
                            collision.push(entry);
                        } else {
                            node.replace_with(|node| node.join(shift, entry));
                        }
                    }
                    (Change::Remove, Some(rank)) => {
                        *len -= 1;
                        altered.displaced = collision.remove(rank).map(Pair::Entry);
                        if let [last] = collision.entries() {
                            *node = Node::leaf(last.clone());
                            altered.shrunk = true;
                        }
                    }
                    (Change::Remove, None) | (Change::Nothing, _) => {}
                }
            }
            // A bucket of its own has a spot, unless it has become so since.
            ViewMut::Bucket(bucket) => {
                return bucket
                    .into_node()
                    .alter_copying(shift, hash, len, alteration);
            }
            ViewMut::Shared(node) => return node.alter_copying(shift, hash, len, alteration),
        }
        Ok(altered)
    }

    /// Makes the change in a copy, which takes the place of this node.
    fn alter_copying<A: Alteration<K, V, P>>(
        &mut self,
        shift: u32,
        hash: u32,
        len: &mut usize,
        mut alteration: A,
    ) -> Result<Altered<K, V, P>, A::Error> {
        let mut altered = Altered::default();
        let found = match A::MAY_BE_BOUND {
            true => self.find(shift, hash, |bound| alteration.is_it(bound))?,
            false => None,
        };
        match (alteration.decide(found.map(|(_, bound)| bound)), found) {
            (Change::Bind(Pair::Entry(entry)), Some((_, bound))) if bound.ptr_eq(&entry) => {
                altered.displaced = Some(Pair::Entry(entry));
            }
            (Change::Bind(pair), found) => {
                *len += usize::from(found.is_none());
                altered.displaced = found.map(|(_, bound)| Pair::Entry(bound.clone()));
                let place = found.map(|(place, _)| place);
                let changed = self.assoc(shift, place, pair.into_entry(hash));
                // A collision does not stay below a branch by itself.
                altered.shrunk = changed.is_collision();
                altered.spent = Some(mem::replace(self, changed));
            }
            (Change::Remove, Some((place, bound))) => {
                altered.displaced = Some(Pair::Entry(bound.clone()));
                // What is no leaf has two entries at least.
                if let Some(changed) = self.without(shift, hash, place) {
                    *len -= 1;
                    altered.shrunk = !changed.is_branch();
                    altered.spent = Some(mem::replace(self, changed));
                }
            }
            (Change::Remove, None) | (Change::Nothing, _) => {}
        }
        Ok(altered)
    }

    /// Makes an empty root for so many entries, to be settled when they have come.
    pub fn root_for(entries: usize) -> Self {
        if entries > WIDTH {
            Self::empty_branch()
        } else {
            Self::bucket(0, entries, [])
        }
    }

    /// Returns what a root that [`root_for`](Self::root_for) made has become: no node where
    /// no entries have come, and a smaller one where few have.
    pub fn settled_root(self) -> Option<Self> {
        match self.view() {
            View::Bucket(bucket) if bucket.len() < 2 => {
                bucket.iter().next().map(|(_, leaf)| leaf.clone())
            }
            View::Branch(branch) if branch.len() == 0 => None,
            _ => Some(self.lesser(0).unwrap_or(self)),
        }
    }

    /// Replaces nodes on the way to `hash` that have become sparse, in a subtree
    /// that hangs `shift` bits deep.
    #[cold]
    pub fn tidy(&mut self, shift: u32, hash: u32) {
        let ViewMut::Branch(mut branch) = self.view_mut() else {
            return;
        };
        let index = hash::index(hash, shift);
        if let Some(child) = branch.branch_slot_mut(index) {
            child.tidy(shift + BITS, hash);
        }
        if let Some(lesser) = self.lesser(shift) {
            *self = lesser;
        }
    }
}
