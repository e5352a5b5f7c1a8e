//! Changing a tree in place, in one walk: nodes that nobody else sees are
//! changed, others copied.

use core::mem;

use super::{Node, ViewMut, change::most};
use crate::{
    Entry,
    entry::Pair,
    hash::{self, BITS},
    kind::PointerKind,
};

/// What is to be done to the entry of one key.
///
/// Both functions run user code, before anything of the tree has changed.
pub(crate) trait Alteration<K, V, P: PointerKind> {
    type Error;

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
struct Aftermath<K, V, P: PointerKind> {
    /// The way to where an entry was may have nodes that are to be lesser ones.
    shrunk: bool,
    /// Dropped last: it may have become the last holder of what it leads to.
    spent: Option<Node<K, V, P>>,
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Makes a change to the entry of `hash` that `alteration` is about, in a
    /// whole tree, and returns what it displaced. Brings `len`, the number of
    /// entries, up to date.
    #[inline]
    pub fn alter<A: Alteration<K, V, P>>(
        root: &mut Option<Self>,
        hash: u32,
        len: &mut usize,
        alteration: A,
    ) -> Result<Option<Pair<K, V, P>>, A::Error> {
        let mut aftermath = Aftermath {
            shrunk: false,
            spent: None,
        };
        let displaced = Self::alter_leaving(root, hash, len, alteration, &mut aftermath)?;
        if aftermath.shrunk
            && let Some(root) = root
        {
            root.tidy(0, hash);
        }
        Ok(displaced)
    }

    #[inline(always)]
    fn alter_leaving<A: Alteration<K, V, P>>(
        root: &mut Option<Self>,
        hash: u32,
        len: &mut usize,
        mut alteration: A,
        aftermath: &mut Aftermath<K, V, P>,
    ) -> Result<Option<Pair<K, V, P>>, A::Error> {
        let Some(mut node) = root.as_mut() else {
            if let Change::Bind(pair) = alteration.decide(None) {
                *len = 1;
                *root = Some(Self::leaf(pair.into_entry(hash)));
            }
            return Ok(None);
        };
        let (mut shift, mut rest) = (0, hash);
        while node.is_branch() && node.is_alone() {
            // SAFETY: just seen.
            let mut branch = unsafe { node.table_mut() };
            let index = hash::index(rest, 0);
            let Some(child) = branch.branch_slot_mut(index) else {
                if let Change::Bind(pair) = alteration.decide(None) {
                    *len += 1;
                    branch.fill(index, Self::leaf(pair.into_entry(hash)));
                }
                return Ok(None);
            };
            shift += BITS;
            rest >>= BITS;
            let Some(bound) = child.as_leaf_mut() else {
                let Some(child) = branch.into_child_mut(index) else {
                    return Ok(None);
                };
                node = child;
                continue;
            };
            if bound.hash() == hash && alteration.is_it(bound)? {
                return Ok(match alteration.decide(Some(bound)) {
                    Change::Bind(pair) => Some(bound.rebind(pair)),
                    Change::Remove => {
                        *len -= 1;
                        let removed = branch.remove(index);
                        aftermath.shrunk = branch.shared().is_sparse();
                        removed.and_then(Self::into_leaf_pair)
                    }
                    Change::Nothing => None,
                });
            }
            if let Change::Bind(pair) = alteration.decide(None) {
                *len += 1;
                let entry = pair.into_entry(hash);
                child.replace_with(|child| child.join(shift, entry));
            }
            return Ok(None);
        }
        match node.view_mut() {
            ViewMut::Bucket(mut bucket) => {
                let mut found = None;
                for (slot, bound) in bucket.shared().candidates(shift, hash) {
                    if bound.hash() == hash && alteration.is_it(bound)? {
                        found = Some((slot, bound));
                        break;
                    }
                }
                let Some((slot, bound)) = found else {
                    if let Change::Bind(pair) = alteration.decide(None) {
                        *len += 1;
                        let entry = pair.into_entry(hash);
                        if let Err(entry) = bucket.push(shift, most(shift), entry) {
                            let mut leaves = bucket.take_leaves();
                            leaves.push(entry);
                            *node = Self::split(shift, leaves);
                        }
                    }
                    return Ok(None);
                };
                Ok(match alteration.decide(Some(bound)) {
                    Change::Bind(pair) => bucket.entry_mut(slot).map(|bound| bound.rebind(pair)),
                    Change::Remove => {
                        *len -= 1;
                        let removed = bucket.remove(slot);
                        if let Some(left) = bucket.take_only_child() {
                            *node = left;
                            aftermath.shrunk = true;
                        }
                        removed.and_then(Self::into_leaf_pair)
                    }
                    Change::Nothing => None,
                })
            }
            ViewMut::Leaf(bound) => {
                if bound.hash() == hash && alteration.is_it(bound)? {
                    return Ok(match alteration.decide(Some(bound)) {
                        Change::Bind(pair) => Some(bound.rebind(pair)),
                        Change::Remove => {
                            *len = 0;
                            root.take().and_then(Self::into_leaf_pair)
                        }
                        Change::Nothing => None,
                    });
                }
                if let Change::Bind(pair) = alteration.decide(None) {
                    *len += 1;
                    let entry = pair.into_entry(hash);
                    node.replace_with(|node| node.join(shift, entry));
                }
                Ok(None)
            }
            ViewMut::Collision(collision) => {
                let is_of_hash = collision.hash() == hash;
                let found = match is_of_hash {
                    true => collision.find(|bound| alteration.is_it(bound))?,
                    false => None,
                };
                let rank = found.map(|(rank, _)| rank);
                match (alteration.decide(found.map(|(_, bound)| bound)), rank) {
                    (Change::Bind(pair), Some(rank)) => {
                        let bound = collision.entry_mut(rank);
                        Ok(bound.map(|bound| bound.rebind(pair)))
                    }
                    (Change::Bind(pair), None) => {
                        *len += 1;
                        let entry = pair.into_entry(hash);
                        if is_of_hash {
                            collision.push(entry);
                        } else {
                            node.replace_with(|node| node.join(shift, entry));
                        }
                        Ok(None)
                    }
                    (Change::Remove, Some(rank)) => {
                        *len -= 1;
                        let removed = collision.remove(rank);
                        if let [last] = collision.entries() {
                            *node = Self::leaf(last.clone());
                            aftermath.shrunk = true;
                        }
                        Ok(removed.map(Pair::Entry))
                    }
                    (Change::Remove, None) | (Change::Nothing, _) => Ok(None),
                }
            }
            // The loop has passed those.
            ViewMut::Branch(_) => Ok(None),
            ViewMut::Shared(node) => {
                let found = node.find(shift, hash, |bound| alteration.is_it(bound))?;
                match (alteration.decide(found.map(|(_, bound)| bound)), found) {
                    (Change::Bind(Pair::Entry(entry)), Some((_, bound)))
                        if bound.ptr_eq(&entry) =>
                    {
                        Ok(Some(Pair::Entry(entry)))
                    }
                    (Change::Bind(pair), found) => {
                        let displaced = found.map(|(_, bound)| Pair::Entry(bound.clone()));
                        let place = found.map(|(place, _)| place);
                        *len += usize::from(found.is_none());
                        let changed = node.assoc(shift, place, pair.into_entry(hash));
                        aftermath.spent = Some(mem::replace(node, changed));
                        Ok(displaced)
                    }
                    (Change::Remove, Some((place, bound))) => {
                        let removed = Pair::Entry(bound.clone());
                        // A shared node has two entries at least.
                        if let Some(changed) = node.without(shift, hash, place) {
                            *len -= 1;
                            aftermath.shrunk = !changed.is_branch();
                            aftermath.spent = Some(mem::replace(node, changed));
                        }
                        Ok(Some(removed))
                    }
                    (Change::Remove, None) | (Change::Nothing, _) => Ok(None),
                }
            }
        }
    }

    fn into_leaf_pair(self) -> Option<Pair<K, V, P>> {
        self.into_leaf().ok().map(Pair::Entry)
    }

    /// Replaces nodes on the way to `hash` that have become sparse, in a subtree
    /// that hangs `shift` bits deep.
    #[cold]
    fn tidy(&mut self, shift: u32, hash: u32) {
        let ViewMut::Branch(mut branch) = self.view_mut() else {
            return;
        };
        let index = hash::index(hash, shift);
        if let Some(child) = branch.branch_slot_mut(index) {
            child.tidy(shift + BITS, hash);
        }
        if branch.shared().is_sparse()
            && let Some(lesser) = branch.take_lesser(shift)
        {
            *self = lesser;
        }
    }
}
