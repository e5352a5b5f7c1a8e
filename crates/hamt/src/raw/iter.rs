use core::{fmt, iter::FusedIterator, mem, slice};

use super::RawHamt;
use crate::{
    Entry,
    hash::{LEVELS, WIDTH},
    kind::{ArcKind, PointerKind},
    node::{Node, View},
};

/// Borrowed entries of a map, in the order of the tree. Returned by
/// [`RawHamt::iter`].
pub struct Iter<'a, K, V, P: PointerKind = ArcKind> {
    /// What is left of the node last entered.
    top: Left<'a, K, V, P>,
    /// What is left of the nodes above it, first of the map, which has the root
    /// alone. Branches take up to [`LEVELS`] places.
    above: [Left<'a, K, V, P>; LEVELS + 1],
    /// Nodes above the one last entered.
    depth: usize,
    /// Entries left to give.
    len: usize,
}

/// The children of a node that are left to visit.
struct Left<'a, K, V, P: PointerKind> {
    slots: &'a [Option<Node<K, V, P>>],
    /// Which of the first 32 slots have one.
    bits: u32,
}

impl<'a, K, V, P: PointerKind> Left<'a, K, V, P> {
    const NONE: Self = Self {
        slots: &[],
        bits: 0,
    };

    /// Of slots that all have a child.
    fn all(slots: &'a [Option<Node<K, V, P>>]) -> Self {
        let bits = (u64::MAX >> (64 - slots.len().min(WIDTH))) as u32;
        Self { slots, bits }
    }

    #[inline(always)]
    fn next(&mut self) -> Option<&'a Node<K, V, P>> {
        if self.bits == 0 {
            // Only a collision has more slots than bits.
            let rest = self.slots.get(WIDTH..).filter(|rest| !rest.is_empty())?;
            *self = Self::all(rest);
        }
        let slot = self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        self.slots.get(slot)?.as_ref()
    }
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Borrows every entry, in an order that the hashes and the history decide.
    /// The whole takes O(n); it knows how many are left, and recurses nowhere.
    #[inline]
    pub fn iter(&self) -> Iter<'_, K, V, P> {
        Iter {
            top: Left {
                slots: slice::from_ref(&self.root),
                bits: u32::from(self.root.is_some()),
            },
            above: [Left::NONE; LEVELS + 1],
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
            let Some(node) = self.top.next() else {
                self.depth = self.depth.checked_sub(1)?;
                self.top = self.above[self.depth];
                continue;
            };
            let below = match node.view() {
                View::Leaf(entry) => {
                    self.len -= 1;
                    return Some(entry);
                }
                View::Branch(table) | View::Bucket(table) => Left {
                    slots: table.slots(),
                    bits: table.bits(),
                },
                View::Collision(collision) => Left::all(Node::leaves(collision.entries())),
            };
            self.above[self.depth] = mem::replace(&mut self.top, below);
            self.depth += 1;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<K, V, P: PointerKind> Clone for Left<'_, K, V, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, P: PointerKind> Copy for Left<'_, K, V, P> {}

impl<K, V, P: PointerKind> ExactSizeIterator for Iter<'_, K, V, P> {}
impl<K, V, P: PointerKind> FusedIterator for Iter<'_, K, V, P> {}

impl<K, V, P: PointerKind> Clone for Iter<'_, K, V, P> {
    fn clone(&self) -> Self {
        Self {
            top: self.top,
            above: self.above,
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
