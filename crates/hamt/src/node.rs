//! The tree. Its shape depends only on the hashes of its entries, never on the
//! order in which they came and went:
//!
//! * no node is empty, and a subtree of one entry is that entry's leaf;
//! * a subtree whose entries all have one hash is a collision, so it hangs as
//!   high as the other hashes let it;
//! * any other subtree is a branch: a bitmap while it has at most
//!   [`bitmap::CAPACITY`] children, an array above.
//!
//! (CPython's tree remembers: there a removal leaves an array of sixteen, and
//! a collision where its last neighbour pushed it.)
//!
//! Changes are made in place through `Arc::make_mut`, which copies a node that
//! somebody else holds. A persistent change is the same change made to a clone
//! of the root: the clone shares the root, so every node on the path is copied
//! and none off it. Nothing here runs code of the keys or values: lookup, which
//! does, is over before a change begins.

mod array;
mod bitmap;
mod collision;

use alloc::sync::Arc;
use core::{mem, slice};

use crate::{
    Entry,
    hash::{self, BITS},
};
pub(crate) use array::Array;
pub(crate) use bitmap::Bitmap;
pub(crate) use collision::Collision;

/// A counted handle to a subtree.
pub(crate) enum Node<K, V> {
    Leaf(Entry<K, V>),
    Bitmap(Arc<Bitmap<K, V>>),
    Array(Arc<Array<K, V>>),
    Collision(Arc<Collision<K, V>>),
}

/// Where the path of a hash ends.
pub(crate) struct PathEnd<'a, K, V> {
    /// Nodes the path leads through: branches, and the collision if one ends it.
    pub nodes: usize,
    /// The entries of exactly that hash.
    pub entries: &'a [Entry<K, V>],
}

impl<K, V> Node<K, V> {
    /// Follows the path of `hash` to its end.
    pub fn follow(&self, hash: u32) -> PathEnd<'_, K, V> {
        let mut node = self;
        let mut shift = 0;
        let mut nodes = 0;
        let entries: &[_] = loop {
            let child = match node {
                Node::Leaf(entry) if entry.hash() == hash => break slice::from_ref(entry),
                Node::Leaf(_) => break &[],
                Node::Bitmap(bitmap) => bitmap.child(hash::index(hash, shift)),
                Node::Array(array) => array.child(hash::index(hash, shift)),
                Node::Collision(collision) => {
                    nodes += 1;
                    break collision.entries_of(hash);
                }
            };
            nodes += 1;
            shift += BITS;
            match child {
                Some(child) => node = child,
                None => break &[],
            }
        };
        PathEnd { nodes, entries }
    }

    /// Returns the `rank`th entry of `hash`, to be replaced by one of the same
    /// hash. Unshares the path.
    pub fn entry_mut(&mut self, hash: u32, rank: usize) -> Option<&mut Entry<K, V>> {
        let mut node = self;
        let mut shift = 0;
        loop {
            node = match node {
                Node::Leaf(entry) => return Some(entry),
                Node::Collision(collision) => return Arc::make_mut(collision).entry_mut(rank),
                Node::Bitmap(_) | Node::Array(_) => node.child_mut(hash::index(hash, shift))?,
            };
            shift += BITS;
        }
    }

    /// Adds an entry whose key is not in this subtree, which hangs `shift` bits
    /// deep.
    pub fn insert(&mut self, shift: u32, entry: Entry<K, V>) {
        match self.sole_hash() {
            Some(hash) if hash == entry.hash() => self.collide(entry),
            Some(hash) => *self = Self::split(shift, (hash, self.clone()), entry),
            None => {
                let index = hash::index(entry.hash(), shift);
                match self.child_mut(index) {
                    Some(child) => child.insert(shift + BITS, entry),
                    None => self.add_child(index, Node::Leaf(entry)),
                }
            }
        }
    }

    /// Takes the `rank`th entry of `hash` out of this subtree, which hangs
    /// `shift` bits deep. `None` if there is none, or if it is all there is: a
    /// leaf is removed by its owner.
    pub fn remove(&mut self, shift: u32, hash: u32, rank: usize) -> Option<Entry<K, V>> {
        if let Node::Collision(collision) = self {
            let collision = Arc::make_mut(collision);
            let removed = collision.remove(rank);
            if let [last] = collision.entries() {
                *self = Node::Leaf(last.clone());
            }
            return removed;
        }
        let index = hash::index(hash, shift);
        let removed = match self.child_mut(index)? {
            Node::Leaf(entry) => {
                let entry = entry.clone();
                self.remove_child(index);
                entry
            }
            child => child.remove(shift + BITS, hash, rank)?,
        };
        self.inline_only_child();
        Some(removed)
    }

    /// Tells whether two handles are of one node.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Node::Leaf(a), Node::Leaf(b)) => a.ptr_eq(b),
            (Node::Bitmap(a), Node::Bitmap(b)) => Arc::ptr_eq(a, b),
            (Node::Array(a), Node::Array(b)) => Arc::ptr_eq(a, b),
            (Node::Collision(a), Node::Collision(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// The hash that all entries of a leaf or a collision have; `None` for a
    /// branch, which always has several.
    fn sole_hash(&self) -> Option<u32> {
        match self {
            Node::Leaf(entry) => Some(entry.hash()),
            Node::Collision(collision) => Some(collision.hash()),
            Node::Bitmap(_) | Node::Array(_) => None,
        }
    }

    /// A branch's child, unshared from other versions together with its parent.
    fn child_mut(&mut self, index: usize) -> Option<&mut Node<K, V>> {
        match self {
            Node::Bitmap(bitmap) => Arc::make_mut(bitmap).child_mut(index),
            Node::Array(array) => Arc::make_mut(array).child_mut(index),
            Node::Leaf(_) | Node::Collision(_) => None,
        }
    }

    /// Adds an entry of the same hash to a leaf or a collision.
    fn collide(&mut self, entry: Entry<K, V>) {
        match self {
            Node::Leaf(first) => {
                let collision = Collision::of_two(first.clone(), entry);
                *self = Node::Collision(Arc::new(collision));
            }
            Node::Collision(collision) => Arc::make_mut(collision).push(entry),
            Node::Bitmap(_) | Node::Array(_) => {}
        }
    }

    /// Makes the branches that tell a leaf or collision from an entry of
    /// another hash.
    fn split(shift: u32, (hash, node): (u32, Self), entry: Entry<K, V>) -> Self {
        let index = hash::index(hash, shift);
        let entry_index = hash::index(entry.hash(), shift);
        let bitmap = if index == entry_index {
            Bitmap::of_one(index, Self::split(shift + BITS, (hash, node), entry))
        } else {
            Bitmap::of_two((index, node), (entry_index, Node::Leaf(entry)))
        };
        Node::Bitmap(Arc::new(bitmap))
    }

    fn add_child(&mut self, index: usize, child: Node<K, V>) {
        match self {
            Node::Bitmap(bitmap) => {
                let bitmap = Arc::make_mut(bitmap);
                if bitmap.is_full() {
                    let mut array = Array::from(mem::take(bitmap));
                    array.insert(index, child);
                    *self = Node::Array(Arc::new(array));
                } else {
                    bitmap.insert(index, child);
                }
            }
            Node::Array(array) => Arc::make_mut(array).insert(index, child),
            Node::Leaf(_) | Node::Collision(_) => {}
        }
    }

    fn remove_child(&mut self, index: usize) {
        match self {
            Node::Bitmap(bitmap) => Arc::make_mut(bitmap).remove(index),
            Node::Array(array) => {
                let array = Arc::make_mut(array);
                array.remove(index);
                if array.len() <= bitmap::CAPACITY {
                    *self = Node::Bitmap(Arc::new(Bitmap::from(mem::take(array))));
                }
            }
            Node::Leaf(_) | Node::Collision(_) => {}
        }
    }

    /// Puts a leaf or collision that has become a branch's only child in the
    /// branch's place.
    fn inline_only_child(&mut self) {
        if let Node::Bitmap(bitmap) = self
            && let Some(child) = bitmap.only_child()
            && child.sole_hash().is_some()
        {
            *self = child.clone();
        }
    }
}

impl<K, V> Clone for Node<K, V> {
    fn clone(&self) -> Self {
        match self {
            Node::Leaf(entry) => Node::Leaf(entry.clone()),
            Node::Bitmap(bitmap) => Node::Bitmap(Arc::clone(bitmap)),
            Node::Array(array) => Node::Array(Arc::clone(array)),
            Node::Collision(collision) => Node::Collision(Arc::clone(collision)),
        }
    }
}
