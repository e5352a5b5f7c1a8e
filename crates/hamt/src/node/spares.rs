//! Handles of one node that are counted all at once.
#![allow(unsafe_code)]

use core::{marker::PhantomData, mem::ManuallyDrop};

use super::Node;
use crate::kind::PointerKind;

/// Handles of one node, counted and not given out yet.
pub(crate) struct Spares<K, V, P: PointerKind> {
    /// One of them.
    one: Option<Node<K, V, P>>,
    /// How many there are beside it, at most `u8::MAX - 1`. Invariant: each is
    /// counted; none without one.
    more: u8,
}

impl<K, V, P: PointerKind> Spares<K, V, P> {
    /// No handles.
    pub fn none() -> Self {
        Self { one: None, more: 0 }
    }

    /// Gives one of them.
    #[inline]
    pub fn next(&mut self) -> Option<Node<K, V, P>> {
        let Some(more) = self.more.checked_sub(1) else {
            return self.one.take();
        };
        let one = self.one.as_ref()?;
        self.more = more;
        // Counted, by the invariant.
        Some(one.same())
    }
}

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// Counts so many handles in one step.
    pub fn spares(&self, count: u8) -> Spares<K, V, P> {
        let Some(more) = count.checked_sub(1) else {
            return Spares::none();
        };
        self.count().up_by(count);
        let one = Some(self.same());
        Spares { one, more }
    }

    /// A handle of the same node, which the caller has counted.
    #[inline(always)]
    fn same(&self) -> Self {
        Self {
            tagged: self.tagged,
            owns: PhantomData,
        }
    }
}

impl<K, V, P: PointerKind> Drop for Spares<K, V, P> {
    #[inline]
    fn drop(&mut self) {
        let Some(one) = self.one.take() else {
            return;
        };
        // Never dropped, also where the drop of a value below panics: its count goes
        // with the others'.
        let mut one = ManuallyDrop::new(one);
        if one.count().down_by(self.more + 1) {
            // SAFETY: these were the last handles, and it is not used again.
            unsafe { one.held_no_more() };
        }
    }
}
