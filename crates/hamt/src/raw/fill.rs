use super::RawHamt;
use crate::kind::PointerKind;

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Calls `bind` with this map until it returns `false`, for about so many
    /// new entries: the root is made for them all at once.
    pub(crate) fn fill(&mut self, more: usize, mut bind: impl FnMut(&mut Self) -> bool) {
        /// Leaves no root that is too big for what has come, whatever happens.
        struct Filling<'a, K, V, P: PointerKind>(&'a mut RawHamt<K, V, P>);
        impl<K, V, P: PointerKind> Drop for Filling<'_, K, V, P> {
            fn drop(&mut self) {
                if let Some(root) = &mut self.0.root {
                    root.tidy_root();
                }
            }
        }
        let len = self.len.saturating_add(more);
        // A root with room needs two entries to begin with.
        while self.len < 2 {
            if !bind(self) {
                return;
            }
        }
        let filling = Filling(self);
        if let Some(root) = &mut filling.0.root {
            root.reserve(len);
        }
        while bind(filling.0) {}
    }
}
