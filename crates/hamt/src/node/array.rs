use super::{Bitmap, Node};
use crate::hash::WIDTH;

/// A branch of more children than [`super::bitmap::CAPACITY`]: a slot for
/// every index, so that finding a child counts no bits.
pub(crate) struct Array<K, V> {
    /// Invariant: the number of slots taken.
    len: usize,
    slots: [Option<Node<K, V>>; WIDTH],
}

impl<K, V> Array<K, V> {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn slots(&self) -> &[Option<Node<K, V>>; WIDTH] {
        &self.slots
    }

    pub fn child(&self, index: usize) -> Option<&Node<K, V>> {
        self.slots[index].as_ref()
    }

    pub fn child_mut(&mut self, index: usize) -> Option<&mut Node<K, V>> {
        self.slots[index].as_mut()
    }

    /// The first child after `index`.
    pub fn child_after(&self, index: usize) -> Option<&Node<K, V>> {
        self.slots[index + 1..].iter().flatten().next()
    }

    /// Adds a child where there is none.
    pub fn insert(&mut self, index: usize, child: Node<K, V>) {
        self.slots[index] = Some(child);
        self.len += 1;
    }

    pub fn remove(&mut self, index: usize) {
        if self.slots[index].take().is_some() {
            self.len -= 1;
        }
    }

    /// The children with their indexes, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Node<K, V>)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| slot.as_ref().map(|child| (index, child)))
    }

    /// The children with their indexes, in order.
    pub fn into_children(self) -> impl Iterator<Item = (usize, Node<K, V>)> {
        let slots = self.slots.into_iter().enumerate();
        slots.filter_map(|(index, slot)| slot.map(|child| (index, child)))
    }
}

/// Promotes a bitmap that is about to get its seventeenth child.
impl<K, V> From<Bitmap<K, V>> for Array<K, V> {
    fn from(bitmap: Bitmap<K, V>) -> Self {
        let mut array = Self::default();
        for (index, child) in bitmap.into_children() {
            array.insert(index, child);
        }
        array
    }
}

impl<K, V> Default for Array<K, V> {
    fn default() -> Self {
        Self {
            len: 0,
            slots: [const { None }; WIDTH],
        }
    }
}

impl<K, V> Clone for Array<K, V> {
    fn clone(&self) -> Self {
        Self {
            len: self.len,
            slots: self.slots.clone(),
        }
    }
}
