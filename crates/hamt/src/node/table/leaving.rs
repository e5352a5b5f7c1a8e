//! Children on their way out of a table, dropped when all bookkeeping is done.
#![allow(unsafe_code)]

use core::{mem, ptr::NonNull};

use super::{Table, slots};
use crate::{hash::WIDTH, kind::PointerKind, node::Node};

/// The children in some slots of a table, on their way out. Returned by
/// [`Table::last_of`].
pub(in crate::node) struct Last<'a, K, V, P: PointerKind>(
    pub(super) Table<'a, K, V, P>,
    pub(super) u32,
);

impl<K, V, P: PointerKind> Last<'_, K, V, P> {
    #[inline(always)]
    fn drop_all(&mut self) {
        let slots = slots(self.0.block, self.0.state());
        while self.1 != 0 {
            let slot = self.1.trailing_zeros() as usize;
            self.1 &= self.1 - 1;
            // SAFETY: by the caller of `last_of`; noted, so that it is not done
            // twice.
            unsafe { slots.add(slot).drop_in_place() };
        }
    }
}

impl<K, V, P: PointerKind> Drop for Last<'_, K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        /// Goes on with the rest if one panics.
        struct Rest<'a, 'b, K, V, P: PointerKind>(&'a mut Last<'b, K, V, P>);
        impl<K, V, P: PointerKind> Drop for Rest<'_, '_, K, V, P> {
            #[cold]
            fn drop(&mut self) {
                self.0.drop_all();
            }
        }
        let rest = Rest(self);
        rest.0.drop_all();
        mem::forget(rest);
    }
}

/// Children on their way out: up to a whole table's. Large, and so filled where
/// it is.
pub(in crate::node) struct Released<K, V, P: PointerKind> {
    nodes: [mem::MaybeUninit<Node<K, V, P>>; WIDTH],
    len: usize,
}

impl<K, V, P: PointerKind> Released<K, V, P> {
    #[inline(always)]
    pub const fn none() -> Self {
        Self {
            nodes: [const { mem::MaybeUninit::uninit() }; WIDTH],
            len: 0,
        }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, node: Node<K, V, P>) {
        self.nodes[self.len].write(node);
        self.len += 1;
    }
}

impl<K, V, P: PointerKind> Drop for Released<K, V, P> {
    fn drop(&mut self) {
        let taken = NonNull::slice_from_raw_parts(
            NonNull::from(&mut self.nodes).cast::<Node<K, V, P>>(),
            self.len,
        );
        // SAFETY: `push` initialized this many, and nothing else drops them.
        // Dropping a slice goes on with the rest if one panics.
        unsafe { taken.drop_in_place() };
    }
}
