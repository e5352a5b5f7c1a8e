use core::fmt;

use super::RawHamt;
use crate::{Entry, node::Node};

/// A text picture of a map's tree. Returned by [`RawHamt::dump`].
pub struct Dump<'a, K, V>(&'a RawHamt<K, V>);

impl<K, V> RawHamt<K, V> {
    /// Returns a text picture of the tree, for people and tests: a line for
    /// each node and entry, indented by depth, each child after its index in
    /// the branch above. Branches show their size, bitmaps in binary which
    /// indexes are taken, entries and collisions their hash. No addresses: equal
    /// trees have equal pictures. Serves as CPython 3.14's `hamt.__dump__` does.
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
    /// bitmap of 2, 0b110
    ///   1: 0x00000001 \"a\": ()
    ///   2: bitmap of 2, 0b110
    ///     1: 0x00000022 \"b\": ()
    ///     2: collision of 2, 0x00000042
    ///       \"c\": ()
    ///       \"d\": ()
    /// ",
    /// );
    /// ```
    pub fn dump(&self) -> Dump<'_, K, V> {
        Dump(self)
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Display for Dump<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.root {
            Some(root) => root.dump(f, 1),
            None => writeln!(f, "empty"),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Dump<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: fmt::Debug, V: fmt::Debug> Node<K, V> {
    /// Ends the line that the caller has begun; below it, indents by `depth`.
    fn dump(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Node::Leaf(entry) => {
                write!(f, "{:#010x} ", entry.hash())?;
                dump_entry(entry, f)
            }
            Node::Collision(collision) => {
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
            Node::Bitmap(bitmap) => {
                writeln!(
                    f,
                    "bitmap of {}, {:#b}",
                    bitmap.children().len(),
                    bitmap.bits()
                )?;
                dump_children(bitmap.iter(), f, depth)
            }
            Node::Array(array) => {
                writeln!(f, "array of {}", array.len())?;
                dump_children(array.iter(), f, depth)
            }
        }
    }
}

fn dump_children<'a, K: fmt::Debug + 'a, V: fmt::Debug + 'a>(
    mut children: impl Iterator<Item = (usize, &'a Node<K, V>)>,
    f: &mut fmt::Formatter<'_>,
    depth: usize,
) -> fmt::Result {
    children.try_for_each(|(index, child)| {
        indent(f, depth)?;
        write!(f, "{index}: ")?;
        child.dump(f, depth + 1)
    })
}

fn dump_entry<K: fmt::Debug, V: fmt::Debug>(
    entry: &Entry<K, V>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    writeln!(f, "{:?}: {:?}", entry.key(), entry.value())
}

fn indent(f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    write!(f, "{:width$}", "", width = 2 * depth)
}
