use alloc::sync::Arc;

use super::RawHamt;
use crate::node::Node;

impl<K, V> RawHamt<K, V> {
    /// Shows a cycle collector the keys and values that this map alone keeps
    /// alive.
    ///
    /// A collector subtracts the references it is shown from each object's
    /// count, so it must be shown each owned reference at most once. Versions
    /// share nodes, and a shared node owns its entries once however many maps
    /// lead to it. So the visit descends only through nodes, and reports only
    /// entries, that have exactly one owner: whoever shares one passes it by.
    /// An object that is passed by looks alive to the collector, never dead.
    ///
    /// Takes no lock, clones nothing and drops nothing. The map must not be
    /// cloned or dropped on another thread meanwhile; a collector that stops
    /// its world has that.
    pub fn visit_exclusive(&self, visit: &mut dyn FnMut(&K, &V)) {
        if let Some(root) = &self.root {
            root.visit_exclusive(visit);
        }
    }
}

impl<K, V> Node<K, V> {
    fn visit_exclusive(&self, visit: &mut dyn FnMut(&K, &V)) {
        match self {
            Node::Leaf(entry) => entry.visit_exclusive(visit),
            Node::Bitmap(bitmap) if Arc::strong_count(bitmap) == 1 => {
                for child in bitmap.children() {
                    child.visit_exclusive(visit);
                }
            }
            Node::Array(array) if Arc::strong_count(array) == 1 => {
                for child in array.slots().iter().flatten() {
                    child.visit_exclusive(visit);
                }
            }
            Node::Collision(collision) if Arc::strong_count(collision) == 1 => {
                for entry in collision.entries() {
                    entry.visit_exclusive(visit);
                }
            }
            Node::Bitmap(_) | Node::Array(_) | Node::Collision(_) => {}
        }
    }
}
