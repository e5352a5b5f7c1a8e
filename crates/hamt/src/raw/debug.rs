//! Inspecting a tree: a text picture, and for tests a check of every invariant.

use core::fmt;

use super::RawHamt;
use crate::{
    Leaf,
    kind::{ArcKind, PointerKind},
    node::{Node, View},
};

/// A text picture of a map's tree. Returned by [`RawHamt::dump`].
#[derive(Debug)]
pub struct Dump<'a, K, V, P: PointerKind = ArcKind>(&'a RawHamt<K, V, P>);

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Returns a text picture of the tree, for people and tests. It has a line for
    /// each node and entry, indented by depth; a child of a branch comes after its
    /// index. Branches and buckets show their size, entries and collisions their
    /// hash. The counterpart of CPython 3.14's `hamt.__dump__`.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::{Leaf, raw::RawHamt};
    ///
    /// let mut map = RawHamt::new();
    /// for (hash, key) in [(0x01, "a"), (0x22, "b"), (0x42, "c"), (0x42, "d")] {
    ///     map.insert(Leaf::new(hash, key, ()), |k| Ok::<_, ()>(*k == key)).unwrap();
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

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> Node<K, V, P> {
    /// Ends the line that the caller has begun. Indents the lines below it by `depth`.
    fn dump(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = 2 * depth;
        match self.view() {
            View::Leaf(leaf) => {
                let (hash, key, value) = (leaf.hash(), leaf.key(), leaf.value());
                writeln!(f, "{hash:#010x} {key:?}: {value:?}")
            }
            View::Collision(leaves) => {
                let hash = leaves.first().map_or(0, Leaf::hash);
                writeln!(f, "collision of {}, {hash:#010x}", leaves.len())?;
                leaves.iter().try_for_each(|leaf| {
                    writeln!(f, "{:indent$}{:?}: {:?}", "", leaf.key(), leaf.value())
                })
            }
            View::Bucket(bucket) => {
                writeln!(f, "bucket of {}", bucket.len())?;
                bucket.iter().try_for_each(|(_, leaf)| {
                    write!(f, "{:indent$}", "")?;
                    leaf.dump(f, depth + 1)
                })
            }
            View::Branch(branch) => {
                writeln!(f, "branch of {}", branch.len())?;
                branch.iter().try_for_each(|(index, child)| {
                    write!(f, "{:indent$}{index}: ", "")?;
                    child.dump(f, depth + 1)
                })
            }
        }
    }
}

#[cfg(feature = "audit")]
pub(crate) mod audit {
    use alloc::string::{String, ToString};
    use core::{convert::Infallible, fmt::Display};

    use super::{Leaf, Node, PointerKind, RawHamt, View};
    use crate::{
        header,
        node::{BITS, SPARSE},
    };

    /// Returns `wrong` as an error unless `holds`.
    pub(crate) fn ensure(holds: bool, wrong: impl Display) -> Result<(), String> {
        holds.then_some(()).ok_or_else(|| wrong.to_string())
    }

    impl<K, V, P: PointerKind> RawHamt<K, V, P> {
        /// Checks every invariant of the tree: its shape, the place of each entry,
        /// the length, and that owners and borrowers of slots are consistent. For
        /// tests and fuzzers; visits the whole tree.
        ///
        /// # Errors
        ///
        /// Returns a description of what is wrong.
        pub fn audit(&self) -> Result<(), String> {
            let entries = self.root.as_ref().map_or(Ok(0), |root| root.audit(0, 0))?;
            let (len, iterated) = (self.len(), self.iter().count());
            ensure(
                entries == len && iterated == len,
                format_args!("{entries} entries, {iterated} iterated, a length of {len}"),
            )?;
            self.iter().try_for_each(|leaf| {
                let hash = leaf.hash();
                let noted = self.prefixes.may_have(hash);
                ensure(
                    noted,
                    format_args!("the prefix of {hash:#x} is not in the set"),
                )
            })
        }
    }

    impl<K, V, P: PointerKind> Node<K, V, P> {
        /// Checks this subtree, which is `shift` bits deep and for hashes that end
        /// in `path`, and returns the number of its entries.
        fn audit(&self, shift: u32, path: u32) -> Result<usize, String> {
            let used = !u32::MAX.checked_shl(shift).unwrap_or(0);
            let leaves = self.leaves().count();
            for hash in self.leaves().map(Leaf::hash) {
                ensure(
                    (hash ^ path) & used == 0,
                    format_args!("an entry of hash {hash:#x} in the subtree of {path:#x}"),
                )?;
            }
            match self.view() {
                View::Leaf(_) => Ok(1),
                View::Collision(all) => {
                    let one = all.iter().all(|leaf| leaf.hash() == all[0].hash());
                    ensure(
                        leaves >= 2 && one,
                        format_args!("a collision of {leaves}, of one hash: {one}"),
                    )?;
                    Ok(leaves)
                }
                View::Bucket(bucket) => {
                    bucket.audit()?;
                    let fits =
                        (2..=header::max_leaves(shift)).contains(&leaves) && shift < u32::BITS;
                    ensure(
                        fits && leaves == bucket.len(),
                        format_args!("a bucket of {leaves}, {shift} bits deep"),
                    )?;
                    for leaf in self.leaves() {
                        let is_it = |found: &Leaf<_, _, _>| Ok::<_, Infallible>(found.ptr_eq(leaf));
                        let rest = leaf.hash() >> shift;
                        let Ok(found) = bucket.search(rest, leaf.hash(), is_it, |_, _| ());
                        ensure(found.is_some(), "a leaf of a bucket is not found")?;
                    }
                    Ok(leaves)
                }
                View::Branch(branch) => {
                    branch.audit()?;
                    let mut entries = 0;
                    for (slot, child) in branch.iter() {
                        entries += child.audit(shift + BITS, path | (slot as u32) << shift)?;
                    }
                    let children = branch.len();
                    let replaceable = branch.iter().all(|(_, child)| match child.view() {
                        View::Leaf(_) => children <= SPARSE,
                        View::Collision(_) => children == 1,
                        View::Bucket(bucket) => children == 1 && bucket.len() <= SPARSE,
                        View::Branch(_) => false,
                    });
                    ensure(
                        !replaceable,
                        format_args!("a branch of {children}, with {entries} entries"),
                    )?;
                    Ok(entries)
                }
            }
        }
    }
}
