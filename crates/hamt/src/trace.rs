//! References of the tree, for a collector.
//!
//! Versions of a map share nodes, so a collector that counts references must visit each node: a
//! shared entry is owned once, by its node, however many maps contain it. A map, and a node of a
//! kind that does not borrow, reports each reference that it counts, once. The collector decides
//! whether to visit the contents of the node. If the node is an object of the collector, that
//! object reports them itself ([`trace_node`]). Otherwise the collector visits them once.
#![allow(unsafe_code)]

use core::ptr::NonNull;

use crate::{
    Leaf,
    header::Form,
    kind::PointerKind,
    node::{self, Node, View},
};

/// A pass of a collector over the references that maps, nodes and leaves hold.
///
/// It must not change or drop a map of the kind.
pub trait Trace<K, V, P: PointerKind> {
    /// Visits a counted reference to a node or leaf, by its head. Returns `true` to visit the
    /// contents of the node too.
    fn node(&mut self, head: &P::Head) -> bool;

    /// Visits the key and the value of a leaf.
    fn entry(&mut self, key: &K, value: &V);
}

/// The form of a node: a leaf, a branch, a bucket of one of three sizes, or leaves of one hash.
/// A kind whose nodes are objects stores it in the head, for [`trace_node`] and [`drop_node`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeForm(pub(crate) u8);

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

impl<K, V, P: PointerKind> Leaf<K, V, P> {
    /// Calls `trace` with the reference to the leaf, and with the entry if `trace` visits it.
    /// As [`RawHamt::trace`](crate::raw::RawHamt::trace).
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
    pub(crate) fn trace(&self, trace: &mut (impl Trace<K, V, P> + ?Sized)) {
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
}

/// Calls `trace` with the contents of a node: the references to its children, or the key and the
/// value of a leaf. For a kind whose nodes are objects of the collector.
///
/// # Safety
///
/// The pointer must be the one that [`PointerKind::allocate`] returned, or derived from it, and not
/// from a reference to the head. The node must be complete ([`PointerKind::track`] is or was
/// called with it, and [`PointerKind::untrack`] was not), of a map or leaf of these types, and of the form
/// that it was allocated for. No thread may change the map meanwhile.
pub unsafe fn trace_node<K, V, P: PointerKind>(
    head: NonNull<P::Head>,
    form: NodeForm,
    trace: &mut (impl Trace<K, V, P> + ?Sized),
) {
    // SAFETY: by the caller.
    unsafe { Node::<K, V, P>::of_head(head, form) }.trace_children(trace);
}

/// Drops the contents of a node, and frees it. For code outside of the map that has released the
/// last reference, for example a collector with a list of objects.
///
/// # Safety
///
/// As for [`trace_node`]; there must be no reference to the node any more, and it must not be used
/// again.
pub unsafe fn drop_node<K, V, P: PointerKind>(head: NonNull<P::Head>, form: NodeForm) {
    // SAFETY: by the caller.
    unsafe { Node::<K, V, P>::of_head(head, form).last_holder_gone() };
}
