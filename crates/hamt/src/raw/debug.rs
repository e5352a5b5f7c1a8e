//! Looking at a tree: its text picture, what a lookup costs, and for tests a check of every
//! invariant.

use core::fmt;

use super::RawHamt;
use crate::{
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

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for Dump<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> Node<K, V, P> {
    /// Ends the line that the caller has begun; below it, indents by `depth`.
    fn dump(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = 2 * depth;
        match self.view() {
            View::Leaf(leaf) => {
                let (hash, key, value) = (leaf.hash(), leaf.key(), leaf.value());
                writeln!(f, "{hash:#010x} {key:?}: {value:?}")
            }
            View::Collision(collision) => {
                let (leaves, hash) = (collision.leaves(), collision.hash());
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

/// What a lookup costs. Returned by [`RawHamt::probe`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Probe {
    /// The nodes on the way: at most seven branches, and a bucket or a collision.
    pub nodes: usize,
    /// The entries at its end that have the very hash: the equality is asked
    /// about these at most.
    pub candidates: usize,
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Returns what finding `hash` costs in this tree, by walking as [`find`](Self::find)
    /// walks where the key may be there.
    #[must_use]
    pub fn probe(&self, hash: u32) -> Probe {
        let root = self.root.as_ref();
        let (end, branches) = root.map_or((None, 0), |root| root.follow(hash));
        let (below, candidates) = match end.map(Node::view) {
            None => (0, 0),
            Some(View::Leaf(leaf)) => (0, usize::from(leaf.hash() == hash)),
            Some(View::Bucket(bucket)) => {
                let of_hash = bucket.leaves().filter(|leaf| leaf.hash() == hash);
                (1, of_hash.count())
            }
            Some(View::Collision(found)) if found.hash() == hash => (1, found.leaves().len()),
            Some(View::Collision(_) | View::Branch(_)) => (1, 0),
        };
        Probe {
            nodes: branches + below,
            candidates,
        }
    }
}

#[cfg(feature = "audit")]
mod audit {
    use alloc::{format, string::String};
    use core::convert::Infallible;

    use super::{Node, PointerKind, RawHamt, View};
    use crate::{Leaf, edit::SPARSE, hash::BITS};

    impl<K, V, P: PointerKind> RawHamt<K, V, P> {
        /// Checks every invariant of the tree: its shape, that each entry is where
        /// its hash leads, that the length is right, and that versions that share
        /// slots agree on who counts what. For tests and fuzzers; walks everything.
        ///
        /// # Errors
        ///
        /// Says what is wrong.
        pub fn audit(&self) -> Result<(), String> {
            let entries = match &self.root {
                Some(root) => root.audit(0, 0)?,
                None => 0,
            };
            if entries != self.len() {
                return Err(format!("{entries} entries, but a length of {}", self.len()));
            }
            match self
                .iter()
                .find(|entry| !self.prefixes.may_have(entry.hash()))
            {
                Some(entry) => Err(format!("a prefix of {:#x} not noted", entry.hash())),
                None => Ok(()),
            }
        }
    }

    /// Whether an only child can take its branch's place.
    fn could_replace<K, V, P: PointerKind>(child: &Node<K, V, P>) -> bool {
        match child.view() {
            View::Leaf(_) | View::Collision(_) => true,
            View::Bucket(bucket) => bucket.len() <= SPARSE,
            View::Branch(_) => false,
        }
    }

    impl<K, V, P: PointerKind> Node<K, V, P> {
        /// Counts the entries of this subtree, which hangs `shift` bits deep, where
        /// hashes that end in `path` lead.
        fn audit(&self, shift: u32, path: u32) -> Result<usize, String> {
            let leads_here = |hash: u32| {
                let used = !u32::MAX.checked_shl(shift).unwrap_or(0);
                if (hash ^ path) & used == 0 {
                    Ok(())
                } else {
                    Err(format!("an entry of hash {hash:#x} where {path:#x} leads"))
                }
            };
            match self.view() {
                View::Leaf(entry) => leads_here(entry.hash()).map(|()| 1),
                View::Collision(collision) => {
                    leads_here(collision.hash())?;
                    if collision.leaves().len() < 2 {
                        return Err(format!("a collision of {}", collision.leaves().len()));
                    }
                    match collision
                        .leaves()
                        .iter()
                        .find(|entry| entry.hash() != collision.hash())
                    {
                        Some(entry) => Err(format!("hash {:#x} in a collision", entry.hash())),
                        None => Ok(collision.leaves().len()),
                    }
                }
                View::Bucket(bucket) => {
                    bucket.audit()?;
                    if bucket.len() < 2 || shift >= u32::BITS {
                        return Err(format!("a bucket of {}, {shift} bits deep", bucket.len()));
                    }
                    for (slot, leaf) in bucket.iter() {
                        let Some(entry) = leaf.as_leaf() else {
                            return Err(format!("no leaf in slot {slot} of a bucket"));
                        };
                        leads_here(entry.hash())?;
                        let (hash, same) = (entry.hash(), |found: &Leaf<_, _, _>| {
                            Ok::<_, Infallible>(found.ptr_eq(entry))
                        });
                        let found = bucket.search(
                            bucket.state().form(),
                            hash >> shift,
                            hash,
                            same,
                            |_, _| (),
                        );
                        if found.is_ok_and(|found| found.is_none()) {
                            return Err(format!("nothing leads to slot {slot}"));
                        }
                    }
                    Ok(bucket.len())
                }
                View::Branch(branch) => {
                    branch.audit()?;
                    let mut entries = 0;
                    let mut leaves = 0;
                    for (slot, child) in branch.iter() {
                        entries += child.audit(shift + BITS, path | (slot as u32) << shift)?;
                        leaves += usize::from(child.as_leaf().is_some());
                        if branch.len() == 1 && could_replace(child) {
                            return Err("a branch whose only child could replace it".into());
                        }
                    }
                    if entries < 2 {
                        return Err(format!("a branch of {entries} entries"));
                    }
                    if leaves == branch.len() && leaves <= SPARSE {
                        return Err(format!("a branch of {leaves} leaves"));
                    }
                    Ok(entries)
                }
            }
        }
    }
}
