//! Iterating over a map: by an iterator that borrows it, or by a cursor that borrows nothing.

#![allow(unsafe_code)]

use core::{fmt, iter::FusedIterator, marker::PhantomData};

use super::RawHamt;
use crate::{
    Leaf,
    header::Slot,
    index::BitMask,
    kind::{ArcKind, PointerKind},
    node::{LEVELS, Node, Slots, View},
};

/// An iterator over the entries of a map, in the order of the tree. Returned by
/// [`RawHamt::iter`].
pub struct Iter<'a, K, V, P: PointerKind = ArcKind> {
    /// Invariant: of a tree that is borrowed for `'a`.
    walk: Walk<K, V, P>,
    /// The number of entries that are left.
    len: usize,
    leaves: PhantomData<&'a Leaf<K, V, P>>,
}

/// The slots of a tree that are left to visit.
pub(crate) struct Walk<K, V, P: PointerKind> {
    /// The slots that are left of the node last entered.
    top: Slots<K, V, P>,
    /// Those of the nodes above it. The first is that of the map, which has the
    /// root only. Branches take up to [`LEVELS`] elements.
    above: [Slots<K, V, P>; LEVELS + 1],
    /// The number of nodes above the one last entered.
    depth: usize,
}

// SAFETY: a walk borrows nodes, shared or exclusively.
unsafe impl<K, V, P: PointerKind> Send for Walk<K, V, P> where Leaf<K, V, P>: Send + Sync {}
// SAFETY: as above.
unsafe impl<K, V, P: PointerKind> Sync for Walk<K, V, P> where Leaf<K, V, P>: Send + Sync {}

impl<K, V, P: PointerKind> Walk<K, V, P> {
    /// Creates a walk that begins with the root's slot.
    #[inline]
    pub fn new(root: *const Slot<K, V, P>) -> Self {
        Self {
            top: Slots::new(root, 1),
            above: [Slots::new(root, 0); LEVELS + 1],
            depth: 0,
        }
    }

    /// Returns the next slot that is left. It has a node.
    #[inline(always)]
    pub fn next(&mut self) -> Option<*const Slot<K, V, P>> {
        loop {
            if let Some(slot) = self.top.next() {
                return Some(slot);
            }
            self.depth = self.depth.checked_sub(1)?;
            self.top.set(&self.above[self.depth]);
        }
    }

    /// Continues with the slots of the node that was returned last.
    #[inline(always)]
    pub fn enter(&mut self, slots: Slots<K, V, P>) {
        self.above[self.depth].set(&self.top);
        self.top = slots;
        self.depth += 1;
    }
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Returns an iterator over the entries. The order depends on hashes and
    /// history. O(n) in all; of exact size, and without recursion.
    #[inline]
    pub fn iter(&self) -> Iter<'_, K, V, P> {
        Iter::new(Walk::new(&self.root), self.len())
    }
}

impl<K, V, P: PointerKind> Iter<'_, K, V, P> {
    #[inline]
    pub(crate) fn new(walk: Walk<K, V, P>, len: usize) -> Self {
        let leaves = PhantomData;
        Self { walk, len, leaves }
    }
}

impl<'a, K, V, P: PointerKind> Iterator for Iter<'a, K, V, P> {
    type Item = &'a Leaf<K, V, P>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // SAFETY: a slot of the tree, which is borrowed for `'a`.
            let node = unsafe { &*self.walk.next()? }.as_ref()?;
            if let Some(leaf) = node.as_leaf() {
                self.len -= 1;
                return Some(leaf);
            }
            self.walk.enter(node.slots());
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<K, V, P: PointerKind> Clone for Walk<K, V, P> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<K, V, P: PointerKind> ExactSizeIterator for Iter<'_, K, V, P> {}
impl<K, V, P: PointerKind> FusedIterator for Iter<'_, K, V, P> {}

impl<K, V, P: PointerKind> Clone for Iter<'_, K, V, P> {
    fn clone(&self) -> Self {
        Self::new(self.walk.clone(), self.len)
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for Iter<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a, K, V, P: PointerKind> IntoIterator for &'a RawHamt<K, V, P> {
    type Item = &'a Leaf<K, V, P>;
    type IntoIter = Iter<'a, K, V, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A position in the order of iteration that borrows no map: for an interpreter's
/// iterator object, which owns its snapshot.
///
/// It stores the place of the entry that it returned last, and continues with the
/// first entry after that place in the given map. With one map throughout, it
/// returns what [`RawHamt::iter`] returns, in the same order. With different maps
/// it comes to an end all the same.
///
/// # Examples
///
/// ```
/// use hamt::{Leaf, raw::{Cursor, RawHamt}};
///
/// let mut map = RawHamt::new();
/// for (hash, key) in [(7, "seven"), (3, "three")] {
///     map.insert(Leaf::new(hash, key, ()), |k| Ok::<_, ()>(*k == key)).unwrap();
/// }
/// let mut cursor = Cursor::new();
/// assert_eq!(cursor.next(&map).map(Leaf::key), Some(&"seven"));
/// assert_eq!(cursor.next(&map).map(Leaf::key), Some(&"three"));
/// assert!(cursor.next(&map).is_none());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Cursor {
    last: Option<Place>,
}

/// The place of an entry in a tree.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Its slot in each table on the path, from the root down.
    slots: [u8; LEVELS + 1],
    /// Its rank in a collision.
    rank: usize,
}

impl Cursor {
    /// Creates a cursor before the first entry.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// Moves to the next entry of `map` and returns it; `None` at the end.
    /// Visits at most twice as many nodes as a lookup.
    pub fn next<'a, K, V, P: PointerKind>(
        &mut self,
        map: &'a RawHamt<K, V, P>,
    ) -> Option<&'a Leaf<K, V, P>> {
        let mut place = self.last.unwrap_or_default();
        let root = map.root.as_ref()?;
        let entry = root.next(0, &mut place, self.last.is_some())?;
        self.last = Some(place);
        Some(entry)
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Returns the first entry of this subtree, which is below `level` tables; with `after`, the
    /// first one after `place`. Stores its place in `place`.
    fn next(&self, level: usize, place: &mut Place, after: bool) -> Option<&Leaf<K, V, P>> {
        match self.view() {
            View::Leaf(entry) => (!after).then_some(entry),
            View::Collision(leaves) => {
                place.rank = if after { place.rank + 1 } else { 0 };
                leaves.get(place.rank)
            }
            View::Branch(table) | View::Bucket(table) => {
                let mut bits = table.bits();
                if after {
                    let last = *place.slots.get(level)?;
                    let child = table.child(last.into());
                    if let Some(entry) = child.and_then(|child| child.next(level + 1, place, true))
                    {
                        return Some(entry);
                    }
                    bits &= !0 << last << 1;
                }
                let slot = BitMask(bits).next()?;
                *place.slots.get_mut(level)? = slot as u8;
                table.child(slot)?.next(level + 1, place, false)
            }
        }
    }
}
