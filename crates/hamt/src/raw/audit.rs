use alloc::{format, string::String};
use core::convert::Infallible;

use super::RawHamt;
use crate::{
    Entry,
    hash::BITS,
    kind::PointerKind,
    node::{Node, SPARSE, View},
};

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
                if collision.entries().len() < 2 {
                    return Err(format!("a collision of {}", collision.entries().len()));
                }
                match collision
                    .entries()
                    .iter()
                    .find(|entry| entry.hash() != collision.hash())
                {
                    Some(entry) => Err(format!("hash {:#x} in a collision", entry.hash())),
                    None => Ok(collision.entries().len()),
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
                    let (hash, same) = (entry.hash(), |found: &Entry<_, _, _>| {
                        Ok::<_, Infallible>(found.ptr_eq(entry))
                    });
                    let found = bucket.search(bucket.form(), hash >> shift, hash, same, |_, _| ());
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
