use alloc::{vec, vec::Vec};

use super::{Array, Node};
use crate::hash::WIDTH;

/// Children above which a branch becomes an [`Array`].
pub(crate) const CAPACITY: usize = WIDTH / 2;

/// A branch that stores only the children it has.
pub(crate) struct Bitmap<K, V> {
    /// Bit `i` is set where there is a child of index `i`.
    bits: u32,
    /// Invariant: one child for each set bit, in the bits' order.
    children: Vec<Node<K, V>>,
}

impl<K, V> Bitmap<K, V> {
    pub fn of_one(index: usize, child: Node<K, V>) -> Self {
        Self {
            bits: bit(index),
            children: vec![child],
        }
    }

    /// The two indexes must differ.
    pub fn of_two((i, a): (usize, Node<K, V>), (j, b): (usize, Node<K, V>)) -> Self {
        let children = if i < j { vec![a, b] } else { vec![b, a] };
        Self {
            bits: bit(i) | bit(j),
            children,
        }
    }

    pub fn bits(&self) -> u32 {
        self.bits
    }

    pub fn children(&self) -> &[Node<K, V>] {
        &self.children
    }

    pub fn is_full(&self) -> bool {
        self.children.len() >= CAPACITY
    }

    pub fn only_child(&self) -> Option<&Node<K, V>> {
        match &*self.children {
            [child] => Some(child),
            _ => None,
        }
    }

    pub fn child(&self, index: usize) -> Option<&Node<K, V>> {
        self.has(index)
            .then(|| &self.children[self.position(index)])
    }

    pub fn child_mut(&mut self, index: usize) -> Option<&mut Node<K, V>> {
        let position = self.position(index);
        self.has(index).then(|| &mut self.children[position])
    }

    /// The first child after `index`.
    pub fn child_after(&self, index: usize) -> Option<&Node<K, V>> {
        self.children
            .get(self.position(index) + usize::from(self.has(index)))
    }

    /// Adds a child where there is none. Grows by exactly one, since most nodes
    /// of a large map never change again.
    pub fn insert(&mut self, index: usize, child: Node<K, V>) {
        let position = self.position(index);
        self.children.reserve_exact(1);
        self.children.insert(position, child);
        self.bits |= bit(index);
    }

    pub fn remove(&mut self, index: usize) {
        if self.has(index) {
            self.children.remove(self.position(index));
            self.bits &= !bit(index);
        }
    }

    /// The children with their indexes, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Node<K, V>)> {
        self.indexes().zip(&self.children)
    }

    /// The children with their indexes, in order.
    pub fn into_children(self) -> impl Iterator<Item = (usize, Node<K, V>)> {
        self.indexes().zip(self.children)
    }

    /// The indexes that have a child, in order.
    fn indexes(&self) -> impl Iterator<Item = usize> + use<K, V> {
        let bits = self.bits;
        (0..WIDTH).filter(move |&index| bits & bit(index) != 0)
    }

    fn has(&self, index: usize) -> bool {
        self.bits & bit(index) != 0
    }

    /// How many children stand before `index`.
    fn position(&self, index: usize) -> usize {
        (self.bits & (bit(index) - 1)).count_ones() as usize
    }
}

fn bit(index: usize) -> u32 {
    1 << index
}

/// Demotes an array that has lost its seventeenth child.
impl<K, V> From<Array<K, V>> for Bitmap<K, V> {
    fn from(array: Array<K, V>) -> Self {
        let mut bitmap = Self {
            bits: 0,
            children: Vec::with_capacity(array.len()),
        };
        for (index, child) in array.into_children() {
            bitmap.bits |= bit(index);
            bitmap.children.push(child);
        }
        bitmap
    }
}

impl<K, V> Default for Bitmap<K, V> {
    fn default() -> Self {
        Self {
            bits: 0,
            children: Vec::new(),
        }
    }
}

impl<K, V> Clone for Bitmap<K, V> {
    fn clone(&self) -> Self {
        Self {
            bits: self.bits,
            children: self.children.clone(),
        }
    }
}
