use core::convert::Infallible;

use super::RawHamt;
use crate::{hash::WIDTH, kind::PointerKind, node::ViewMut};

impl<K: Eq, V, P: PointerKind> RawHamt<K, V, P> {
    /// Binds keys with their hashes to values, in this order, and drops what they
    /// displace. The root is made for them all at once.
    pub(crate) fn fill(&mut self, mut pairs: impl Iterator<Item = (u32, K, V)>) {
        let len = self.len.saturating_add(pairs.size_hint().0);
        // A root with room needs two entries to begin with.
        while self.len < 2 {
            let Some(pair) = pairs.next() else {
                return;
            };
            self.bind(pair);
        }
        let Self {
            root: Some(root),
            len: bound,
            prefixes,
            ..
        } = self
        else {
            return;
        };
        if len > WIDTH {
            root.spread_root();
            let spread = Spread(self);
            for pair in pairs {
                spread.0.bind(pair);
            }
            return;
        }
        if let ViewMut::Bucket(bucket) = root.view_mut() {
            bucket.fill_root(len, &mut pairs, bound, |hash| {
                *prefixes = prefixes.with(hash);
            });
        }
        // Where it stands: moved, it would be loaded right after its parts were stored.
        for pair in pairs.by_ref() {
            self.bind(pair);
        }
    }

    fn bind(&mut self, (hash, key, value): (u32, K, V)) {
        let eq = |bound: &K, key: &K| Ok::<_, Infallible>(bound == key);
        let Ok(_displaced) = self.set(hash, key, value, eq);
    }
}

/// A map whose root was spread for many entries: leaves no root that is too big for
/// what has come, whatever happens.
struct Spread<'a, K, V, P: PointerKind>(&'a mut RawHamt<K, V, P>);

impl<K, V, P: PointerKind> Drop for Spread<'_, K, V, P> {
    fn drop(&mut self) {
        if let Some(root) = &mut self.0.root {
            root.tidy_root();
        }
    }
}
