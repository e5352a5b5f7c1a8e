//! The entries of a map in parts, for several threads.

use alloc::vec::Vec;

use crate::{
    Leaf,
    kind::PointerKind,
    node::{Node, View},
    raw::RawHamt,
};

/// Some subtrees of a map.
pub(super) struct Part<'a, K, V, P: PointerKind>(Vec<&'a Node<K, V, P>>);

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Returns the whole map as one part.
    pub(super) fn part(&self) -> Part<'_, K, V, P> {
        Part(self.root.iter().collect())
    }
}

impl<'a, K, V, P: PointerKind> Part<'a, K, V, P> {
    /// Splits the part into two with about as many subtrees each, if it has more than one leaf
    /// or collision.
    pub(super) fn split(mut self) -> (Self, Option<Self>) {
        while let [node] = *self.0 {
            match node.view() {
                View::Branch(table) | View::Bucket(table) => {
                    self.0 = table.iter().map(|(_, child)| child).collect();
                }
                View::Leaf(_) | View::Collision(_) => return (self, None),
            }
        }
        let second = self.0.split_off(self.0.len() / 2);
        let second = (!second.is_empty()).then_some(Self(second));
        (self, second)
    }

    /// Calls `visit` with each entry, until it returns `false`.
    pub(super) fn visit_while(self, mut visit: impl FnMut(&'a Leaf<K, V, P>) -> bool) {
        let mut subtrees = self.0.into_iter();
        while subtrees
            .next()
            .is_some_and(|node| node.visit_while(&mut visit))
        {}
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Calls `visit` with each entry, until it returns `false`. Returns `false` if it did.
    fn visit_while<'a>(&'a self, visit: &mut impl FnMut(&'a Leaf<K, V, P>) -> bool) -> bool {
        match self.view() {
            View::Leaf(leaf) => visit(leaf),
            View::Collision(leaves) => leaves.iter().all(visit),
            View::Branch(table) | View::Bucket(table) => {
                let mut children = table.iter();
                children.all(|(_, child)| child.visit_while(visit))
            }
        }
    }
}
