use super::RawHamt;
use crate::{
    Entry,
    kind::PointerKind,
    node::{Node, View},
};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Shows `visit` the entries of this map that are not in a part of the tree
    /// that `other` has too: all that `other` lacks or binds otherwise, and
    /// perhaps some more. Costs what the two differ in, times the depth: at each
    /// branch, 32 comparisons of pointers.
    ///
    /// # Errors
    ///
    /// Stops as `visit` fails.
    pub(crate) fn unshared<'a, E>(
        &'a self,
        other: &Self,
        visit: &mut impl FnMut(&'a Entry<K, V, P>) -> Result<(), E>,
    ) -> Result<(), E> {
        match &self.root {
            Some(root) => root.unshared(other.root.as_ref(), visit),
            None => Ok(()),
        }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    fn unshared<'a, E>(
        &'a self,
        other: Option<&Self>,
        visit: &mut impl FnMut(&'a Entry<K, V, P>) -> Result<(), E>,
    ) -> Result<(), E> {
        if other.is_some_and(|other| other.ptr_eq(self)) {
            return Ok(());
        }
        match self.view() {
            View::Leaf(entry) => visit(entry),
            View::Collision(collision) => collision.entries().iter().try_for_each(visit),
            View::Branch(table) | View::Bucket(table) => {
                // A copy keeps the slots: what the other has in one is there.
                let others = other.and_then(|other| match (self.view(), other.view()) {
                    (View::Branch(_), View::Branch(other))
                    | (View::Bucket(_), View::Bucket(other)) => Some(other),
                    _ => None,
                });
                for (slot, child) in table.iter() {
                    child.unshared(others.and_then(|other| other.child(slot)), visit)?;
                }
                Ok(())
            }
        }
    }
}
