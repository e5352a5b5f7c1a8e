use super::RawHamt;
use crate::{
    kind::PointerKind,
    node::{Node, View},
};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
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
    /// Clones nothing and drops nothing. Takes the lock of one table at a time, for
    /// a few instructions: another thread that drops a version made from this one
    /// may hold it as briefly. `visit` is not called under it. The map must not be
    /// cloned or dropped on another thread meanwhile; a collector that stops
    /// its world has that.
    pub fn visit_exclusive(&self, visit: &mut dyn FnMut(&K, &V)) {
        if let Some(root) = &self.root {
            root.visit_exclusive(visit);
        }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Visits a node that one handle alone leads to, the caller's.
    fn visit_exclusive(&self, visit: &mut dyn FnMut(&K, &V)) {
        match self.view() {
            View::Leaf(entry) => entry.visit_exclusive(visit),
            View::Branch(table) | View::Bucket(table) if self.has_one_holder() => {
                let exclusive = table.exclusive();
                for (slot, child) in table.iter() {
                    if exclusive & 1 << slot != 0 {
                        child.visit_exclusive(visit);
                    }
                }
            }
            View::Collision(collision) if self.has_one_holder() => {
                for entry in collision.entries() {
                    entry.visit_exclusive(visit);
                }
            }
            View::Branch(_) | View::Bucket(_) | View::Collision(_) => {}
        }
    }
}
