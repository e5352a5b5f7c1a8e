//! Walking a map: by an iterator that borrows it, by a cursor that borrows nothing, and for
//! a cycle collector.

use core::{fmt, iter::FusedIterator, mem, slice};

use super::RawHamt;
use crate::{
    Leaf,
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
    type Item = &'a Leaf<K, V, P>;

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
                View::Collision(collision) => Left::all(Node::leaves(collision.leaves())),
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
    type Item = &'a Leaf<K, V, P>;
    type IntoIter = Iter<'a, K, V, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A place in the order of iteration that borrows no map: for an interpreter's
/// iterator object, which owns its snapshot.
///
/// It remembers where the entry was that it gave last, and continues with the
/// first entry after that place, in whatever map it is shown. Shown one map
/// throughout, it gives what [`RawHamt::iter`] gives, in the same order. Shown
/// others, it comes to an end all the same.
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

/// Where an entry is in a tree.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Its slot in each table on the way, from the root down.
    slots: [u8; LEVELS + 1],
    /// Its rank in a collision.
    rank: usize,
}

impl Cursor {
    /// Makes a cursor that stands before the first entry.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// Moves to the next entry of `map` and returns it; `None` at the end.
    /// Visits at most twice the nodes that a lookup does.
    pub fn next<'a, K, V, P: PointerKind>(
        &mut self,
        map: &'a RawHamt<K, V, P>,
    ) -> Option<&'a Leaf<K, V, P>> {
        let root = map.root.as_ref()?;
        let mut place = self.last.unwrap_or_default();
        let entry = match self.last {
            None => root.first(0, &mut place)?,
            Some(_) => root.after(0, &mut place)?,
        };
        self.last = Some(place);
        Some(entry)
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// The first entry of this subtree, which hangs below so many tables. Its
    /// place is put in `place`.
    fn first(&self, level: usize, place: &mut Place) -> Option<&Leaf<K, V, P>> {
        match self.view() {
            View::Leaf(entry) => Some(entry),
            View::Collision(collision) => {
                place.rank = 0;
                collision.leaves().first()
            }
            View::Branch(table) | View::Bucket(table) => {
                let (slot, child) = table.iter().next()?;
                *place.slots.get_mut(level)? = slot as u8;
                child.first(level + 1, place)
            }
        }
    }

    /// The first entry of this subtree, which hangs below so many tables, that
    /// comes after `place`, where its own is put.
    fn after(&self, level: usize, place: &mut Place) -> Option<&Leaf<K, V, P>> {
        match self.view() {
            View::Leaf(_) => None,
            View::Collision(collision) => {
                place.rank = place.rank.checked_add(1)?;
                collision.leaves().get(place.rank)
            }
            View::Branch(table) | View::Bucket(table) => {
                let slot = usize::from(*place.slots.get(level)?);
                if let Some(entry) = table
                    .child(slot)
                    .and_then(|child| child.after(level + 1, place))
                {
                    return Some(entry);
                }
                let (slot, child) = table.child_after(slot)?;
                place.slots[level] = slot as u8;
                child.first(level + 1, place)
            }
        }
    }
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Shows a cycle collector the keys and values that this map alone keeps
    /// alive.
    ///
    /// A collector subtracts the references it is shown from each object's
    /// count, so it must be shown each owned reference at most once. Versions
    /// share nodes, and a shared node owns its entries once however many maps
    /// lead to it. So the visit descends only through nodes, and reports only
    /// entries, that have exactly one owner; shared ones are passed by.
    /// An object that is passed by looks alive to the collector, never dead.
    ///
    /// Clones nothing and drops nothing. Takes the lock of one table at a time, for
    /// a few instructions: another thread that drops a version made from this one
    /// may hold it as briefly. `visit` is not called under it. The map must not be
    /// cloned or dropped on another thread meanwhile; a collector that stops
    /// its world has that.
    pub fn visit_exclusive(&self, visit: &mut dyn FnMut(&K, &V)) {
        if let Some(root) = &self.root {
            root.visit_exclusive(visit);
        }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Visits a node that one handle alone leads to, the caller's.
    fn visit_exclusive(&self, visit: &mut dyn FnMut(&K, &V)) {
        match self.view() {
            View::Leaf(entry) => entry.visit_exclusive(visit),
            View::Branch(table) | View::Bucket(table) if self.has_one_holder() => {
                let exclusive = table.exclusive();
                for (slot, child) in table.iter() {
                    if exclusive & 1 << slot != 0 {
                        child.visit_exclusive(visit);
                    }
                }
            }
            View::Collision(collision) if self.has_one_holder() => {
                for entry in collision.leaves() {
                    entry.visit_exclusive(visit);
                }
            }
            View::Branch(_) | View::Bucket(_) | View::Collision(_) => {}
        }
    }
}
