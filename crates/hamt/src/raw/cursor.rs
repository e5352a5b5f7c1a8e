use core::cmp::Ordering;

use super::RawHamt;
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
    node::{Node, View},
};

/// A place in the order of iteration that borrows no map: for an interpreter's
/// iterator object, which owns its snapshot.
///
/// It remembers the hash of the last entry it gave, and continues with the
/// first entry after that, in whatever map it is shown. Shown one map
/// throughout, it gives what [`RawHamt::iter`] gives, in the same order.
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
/// assert_eq!(cursor.next(&map).map(Entry::key), Some(&"three"));
/// assert_eq!(cursor.next(&map).map(Entry::key), Some(&"seven"));
/// assert!(cursor.next(&map).is_none());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Cursor {
    /// Hash of the last entry given, and its rank among the entries of that hash.
    last: Option<(u32, usize)>,
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
        map: &'a RawHamt<K, V, P>) -> Option<&'a Entry<K, V, P>> {
        let root = map.root.as_ref()?;
        let (rank, entry) = match self.last {
            None => (0, root.first()?),
            Some((hash, rank)) => root.after(0, hash, rank)?,
        };
        self.last = Some((entry.hash(), rank));
        Some(entry)
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// The first entry of this subtree.
    fn first(&self) -> Option<&Entry<K, V, P>> {
        let mut node = self;
        while let View::Branch(branch) = node.view() {
            node = branch.children().first()?;
        }
        node.sole_entries()?.first()
    }

    /// The first entry of this subtree, which hangs `shift` bits deep, that
    /// comes after the `rank`th entry of `hash`; with its own rank.
    fn after(&self, shift: u32, hash: u32, rank: usize) -> Option<(usize, &Entry<K, V, P>)> {
        if let Some(entries) = self.sole_entries() {
            let rank = match hash::compare(entries.first()?.hash(), hash) {
                Ordering::Less => return None,
                Ordering::Equal => rank.checked_add(1)?,
                Ordering::Greater => 0,
            };
            return entries.get(rank).map(|entry| (rank, entry));
        }
        let branch = self.as_branch()?;
        let index = hash::index(hash, shift);
        branch
            .child(index)
            .and_then(|child| child.after(shift + BITS, hash, rank))
            .or_else(|| {
                let next = branch.child_after(index)?;
                next.first().map(|entry| (0, entry))
            })
    }
}
