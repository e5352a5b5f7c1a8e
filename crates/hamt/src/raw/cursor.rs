use super::RawHamt;
use crate::{
    Entry,
    hash::LEVELS,
    kind::PointerKind,
    node::{Node, View},
};

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
/// use hamt::{Entry, raw::{Cursor, RawHamt}};
///
/// let mut map = RawHamt::new();
/// for (hash, key) in [(7, "seven"), (3, "three")] {
///     map.insert(Entry::new(hash, key, ()), |k| Ok::<_, ()>(*k == key)).unwrap();
/// }
/// let mut cursor = Cursor::new();
/// assert_eq!(cursor.next(&map).map(Entry::key), Some(&"seven"));
/// assert_eq!(cursor.next(&map).map(Entry::key), Some(&"three"));
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
    ) -> Option<&'a Entry<K, V, P>> {
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
    fn first(&self, level: usize, place: &mut Place) -> Option<&Entry<K, V, P>> {
        match self.view() {
            View::Leaf(entry) => Some(entry),
            View::Collision(collision) => {
                place.rank = 0;
                collision.entries().first()
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
    fn after(&self, level: usize, place: &mut Place) -> Option<&Entry<K, V, P>> {
        match self.view() {
            View::Leaf(_) => None,
            View::Collision(collision) => {
                place.rank = place.rank.checked_add(1)?;
                collision.entries().get(place.rank)
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
