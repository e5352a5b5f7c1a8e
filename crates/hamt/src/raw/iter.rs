use core::{fmt, iter::FusedIterator, slice};

use super::RawHamt;
use crate::{
    Entry,
    hash::LEVELS,
    kind::{ArcKind, PointerKind},
    node::{Node, View},
};

/// Borrowed entries of a map, in the order of the tree. Returned by
/// [`RawHamt::iter`].
pub struct Iter<'a, K, V, P: PointerKind = ArcKind> {
    /// What is left of the node last entered.
    top: slice::Iter<'a, Option<Node<K, V, P>>>,
    /// What is left of the nodes above it, first of the map, which has the root
    /// alone. Branches take up to [`LEVELS`] places.
    above: [slice::Iter<'a, Option<Node<K, V, P>>>; LEVELS + 1],
    /// Nodes above the one last entered.
    depth: usize,
    /// Entries left to give.
    len: usize,
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Borrows every entry, in an order that the hashes and the history decide.
    /// The whole takes O(n); it knows how many are left, and recurses nowhere.
    #[inline]
    pub fn iter(&self) -> Iter<'_, K, V, P> {
        Iter {
            top: slice::from_ref(&self.root).iter(),
            above: [const { [].as_slice() }; LEVELS + 1].map(<[_]>::iter),
            depth: 0,
            len: self.len(),
        }
    }
}

impl<'a, K, V, P: PointerKind> Iterator for Iter<'a, K, V, P> {
    type Item = &'a Entry<K, V, P>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(slot) = self.top.next() else {
                self.depth = self.depth.checked_sub(1)?;
                self.top = self.above[self.depth].clone();
                continue;
            };
            let Some(node) = slot else { continue };
            let slots = match node.view() {
                View::Leaf(entry) => {
                    self.len -= 1;
                    return Some(entry);
                }
                View::Branch(table) | View::Bucket(table) => table.slots(),
                View::Collision(collision) => Node::leaves(collision.entries()),
            };
            self.above[self.depth] = core::mem::replace(&mut self.top, slots.iter());
            self.depth += 1;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<K, V, P: PointerKind> ExactSizeIterator for Iter<'_, K, V, P> {}
impl<K, V, P: PointerKind> FusedIterator for Iter<'_, K, V, P> {}

impl<K, V, P: PointerKind> Clone for Iter<'_, K, V, P> {
    fn clone(&self) -> Self {
        Self {
            top: self.top.clone(),
            above: self.above.clone(),
            depth: self.depth,
            len: self.len,
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for Iter<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a, K, V, P: PointerKind> IntoIterator for &'a RawHamt<K, V, P> {
    type Item = &'a Entry<K, V, P>;
    type IntoIter = Iter<'a, K, V, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
