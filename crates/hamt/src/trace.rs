//! What a collector sees of the tree.
//!
//! Versions of a map share nodes, so a collector that counts references must know of each node:
//! what is shared is owned once, by the node, however many maps lead to it. A map, and a node of
//! a kind that does not borrow, shows a collector each reference that it counts, once. Whether
//! the collector goes on to what the node holds is its own affair: it does not where the node is
//! one of its objects, which shows that itself ([`trace_node`]); it does once where the node is
//! not.
#![allow(unsafe_code)]

use core::{mem::ManuallyDrop, ptr::NonNull};

use crate::{
    Leaf,
    header::Form,
    kind::PointerKind,
    node::{self, Node, View},
    raw::RawHamt,
};

/// One pass of a collector over the references that maps, nodes and leaves hold.
///
/// It must not change or drop a map of the kind.
pub trait Trace<K, V, P: PointerKind> {
    /// Visits a counted reference to a node or leaf, by its head. Returns `true` to go on to
    /// what that holds.
    fn node(&mut self, head: &P::Head) -> bool;

    /// Visits the key and the value of a leaf.
    fn entry(&mut self, key: &K, value: &V);
}

/// Which form a node has: a leaf, a branch, a bucket of one of three sizes, or leaves of one
/// hash. A kind whose nodes are objects keeps it in the head, for [`trace_node`] and
/// [`drop_node`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeForm(u8);

impl NodeForm {
    /// Returns `true` if the node is a leaf. All leaves of one type of map have one size.
    #[must_use]
    pub const fn is_leaf(self) -> bool {
        self.0 == Self::LEAF.0
    }

    pub(crate) const LEAF: Self = Self(node::LEAF as u8);
    pub(crate) const COLLISION: Self = Self(node::COLLISION as u8);

    #[inline(always)]
    pub(crate) const fn of_table(form: Form) -> Self {
        Self(form as u8)
    }
}

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Shows a collector what this version of the map holds: a reference to its root, if there
    /// is one, and whatever `trace` goes on to. Clones and drops nothing. O(what is visited).
    ///
    /// Does not compile for a kind that [borrows](PointerKind::BORROWS).
    pub fn trace(&self, trace: &mut (impl Trace<K, V, P> + ?Sized)) {
        if let Some(root) = &self.root {
            root.trace(trace);
        }
    }
}

impl<K, V, P: PointerKind> Leaf<K, V, P> {
    /// Shows a collector what this handle holds: a reference to its leaf, and the entry if
    /// `trace` goes on to it. As [`RawHamt::trace`].
    pub fn trace(&self, trace: &mut (impl Trace<K, V, P> + ?Sized)) {
        const {
            assert!(
                !P::BORROWS,
                "a kind that a collector traces does not borrow"
            )
        }
        if trace.node(self.head()) {
            trace.entry(self.key(), self.value());
        }
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    fn trace(&self, trace: &mut (impl Trace<K, V, P> + ?Sized)) {
        const {
            assert!(
                !P::BORROWS,
                "a kind that a collector traces does not borrow"
            )
        }
        if trace.node(self.head()) {
            self.trace_children(trace);
        }
    }

    fn trace_children(&self, trace: &mut (impl Trace<K, V, P> + ?Sized)) {
        match self.view() {
            View::Leaf(leaf) => trace.entry(leaf.key(), leaf.value()),
            View::Branch(table) | View::Bucket(table) => {
                table.iter().for_each(|(_, child)| child.trace(trace));
            }
            View::Collision(leaves) => leaves.iter().for_each(|leaf| leaf.trace(trace)),
        }
    }

    /// Makes a handle that is not counted.
    ///
    /// # Safety
    ///
    /// The head must be that of a node of this form and of these types.
    unsafe fn of_head(head: NonNull<P::Head>, form: NodeForm) -> ManuallyDrop<Self> {
        let tagged = head
            .cast::<()>()
            .map_addr(|address| address | usize::from(form.0));
        // SAFETY: by the caller.
        ManuallyDrop::new(unsafe { Self::of_tagged(tagged) })
    }
}

/// Shows a collector what a node holds: references to its children, or the key and the value of a
/// leaf. For a kind whose nodes are objects of the collector's.
///
/// # Safety
///
/// The pointer must be the one that [`PointerKind::allocate`] returned, or one made of it, and of no
/// reference to the head. The node must be whole ([`PointerKind::track`] has been called with it, and
/// [`PointerKind::untrack`] has not), of a map or leaf of these types, and of the form that it was
/// allocated for. No thread may change the map meanwhile.
pub unsafe fn trace_node<K, V, P: PointerKind>(
    head: NonNull<P::Head>,
    form: NodeForm,
    trace: &mut (impl Trace<K, V, P> + ?Sized),
) {
    // SAFETY: by the caller.
    unsafe { Node::<K, V, P>::of_head(head, form) }.trace_children(trace);
}

/// Drops what a node holds, and frees it: where its last reference was given back by other code
/// than the map's, for example by a collector that had it in a list of objects.
///
/// # Safety
///
/// As for [`trace_node`]; there must be no reference to the node any more, and it must not be used
/// again.
pub unsafe fn drop_node<K, V, P: PointerKind>(head: NonNull<P::Head>, form: NodeForm) {
    // SAFETY: by the caller.
    unsafe { Node::<K, V, P>::of_head(head, form).last_holder_gone() };
}
