use core::{array, fmt, iter::FusedIterator, slice};

use super::RawHamt;
use crate::{Entry, hash::LEVELS, node::Node};

/// Borrowed entries of a map, in the order of the tree. Returned by
/// [`RawHamt::iter`].
pub struct Iter<'a, K, V> {
    /// What is left to visit: in `stack[0]` of the root, below of the node last
    /// entered, and so on. Branches take [`LEVELS`] places, a collision one more.
    stack: [Rest<'a, K, V>; LEVELS + 1],
    /// Places of the stack in use.
    depth: usize,
    /// Entries left to give.
    len: usize,
}

/// The part of one node that is left to visit.
enum Rest<'a, K, V> {
    Children(slice::Iter<'a, Node<K, V>>),
    Slots(slice::Iter<'a, Option<Node<K, V>>>),
    Entries(slice::Iter<'a, Entry<K, V>>),
}

/// One step within a node.
enum Step<'a, K, V> {
    Give(&'a Entry<K, V>),
    Descend(Rest<'a, K, V>),
    Ascend,
}

impl<K, V> RawHamt<K, V> {
    /// Borrows every entry, in an order that the hashes decide; entries of one
    /// hash come in the order in which their keys were first bound. The whole
    /// takes O(n); it knows how many are left, and recurses nowhere.
    pub fn iter(&self) -> Iter<'_, K, V> {
        let mut stack = array::from_fn(|_| Rest::Entries([].iter()));
        if let Some(root) = &self.root {
            stack[0] = Rest::of(root);
        }
        Iter {
            stack,
            depth: 1,
            len: self.len(),
        }
    }
}

impl<'a, K, V> Rest<'a, K, V> {
    fn of(node: &'a Node<K, V>) -> Self {
        match node {
            Node::Leaf(entry) => Self::Entries(slice::from_ref(entry).iter()),
            Node::Bitmap(bitmap) => Self::Children(bitmap.children().iter()),
            Node::Array(array) => Self::Slots(array.slots().iter()),
            Node::Collision(collision) => Self::Entries(collision.entries().iter()),
        }
    }

    fn step(&mut self) -> Step<'a, K, V> {
        let child = match self {
            Self::Entries(entries) => return entries.next().map_or(Step::Ascend, Step::Give),
            Self::Children(children) => children.next(),
            Self::Slots(slots) => slots.find_map(Option::as_ref),
        };
        match child {
            Some(Node::Leaf(entry)) => Step::Give(entry),
            Some(node) => Step::Descend(Self::of(node)),
            None => Step::Ascend,
        }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = &'a Entry<K, V>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(top) = self.depth.checked_sub(1) {
            match self.stack[top].step() {
                Step::Give(entry) => {
                    self.len -= 1;
                    return Some(entry);
                }
                Step::Descend(rest) => {
                    self.stack[self.depth] = rest;
                    self.depth += 1;
                }
                Step::Ascend => self.depth = top,
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}
impl<K, V> FusedIterator for Iter<'_, K, V> {}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self {
            stack: self.stack.clone(),
            depth: self.depth,
            len: self.len,
        }
    }
}

impl<K, V> Clone for Rest<'_, K, V> {
    fn clone(&self) -> Self {
        match self {
            Self::Children(children) => Self::Children(children.clone()),
            Self::Slots(slots) => Self::Slots(slots.clone()),
            Self::Entries(entries) => Self::Entries(entries.clone()),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a, K, V> IntoIterator for &'a RawHamt<K, V> {
    type Item = &'a Entry<K, V>;
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
