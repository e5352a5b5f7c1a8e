use core::fmt;

use super::RawHamt;
use crate::{
    Entry,
    kind::{ArcKind, PointerKind},
    node::{Node, View},
};

/// A text picture of a map's tree. Returned by [`RawHamt::dump`].
pub struct Dump<'a, K, V, P: PointerKind = ArcKind>(&'a RawHamt<K, V, P>);

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Returns a text picture of the tree, for people and tests: a line for
    /// each node and entry, indented by depth, each child of a
    /// branch after its index there. Branches and buckets show their size, entries
    /// and collisions their hash. Serves as CPython 3.14's `hamt.__dump__` does.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Entry, raw::RawHamt};
    ///
    /// let mut map = RawHamt::new();
    /// for (hash, key) in [(0x01, "a"), (0x22, "b"), (0x42, "c"), (0x42, "d")] {
    ///     map.insert(Entry::new(hash, key, ()), |k| Ok::<_, ()>(*k == key)).unwrap();
    /// }
    /// assert_eq!(
    ///     map.dump().to_string(),
    ///     "\
    /// bucket of 4
    ///   0x00000001 \"a\": ()
    ///   0x00000022 \"b\": ()
    ///   0x00000042 \"c\": ()
    ///   0x00000042 \"d\": ()
    /// ",
    /// );
    /// ```
    pub fn dump(&self) -> Dump<'_, K, V, P> {
        Dump(self)
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Display for Dump<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.root {
            Some(root) => root.dump(f, 1),
            None => writeln!(f, "empty"),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for Dump<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> Node<K, V, P> {
    /// Ends the line that the caller has begun; below it, indents by `depth`.
    fn dump(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self.view() {
            View::Leaf(entry) => {
                write!(f, "{:#010x} ", entry.hash())?;
                dump_entry(entry, f)
            }
            View::Collision(collision) => {
                let entries = collision.entries();
                writeln!(
                    f,
                    "collision of {}, {:#010x}",
                    entries.len(),
                    collision.hash()
                )?;
                entries.iter().try_for_each(|entry| {
                    indent(f, depth)?;
                    dump_entry(entry, f)
                })
            }
            View::Bucket(bucket) => {
                writeln!(f, "bucket of {}", bucket.len())?;
                bucket.iter().try_for_each(|(_, leaf)| {
                    indent(f, depth)?;
                    leaf.dump(f, depth + 1)
                })
            }
            View::Branch(branch) => {
                writeln!(f, "branch of {}", branch.len())?;
                branch.iter().try_for_each(|(index, child)| {
                    indent(f, depth)?;
                    write!(f, "{index}: ")?;
                    child.dump(f, depth + 1)
                })
            }
        }
    }
}

fn dump_entry<K: fmt::Debug, V: fmt::Debug, P: PointerKind>(
    entry: &Entry<K, V, P>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    writeln!(f, "{:?}: {:?}", entry.key(), entry.value())
}

fn indent(f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    write!(f, "{:width$}", "", width = 2 * depth)
}
