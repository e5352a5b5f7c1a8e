//! Building a map from an iterator.

use core::convert::Infallible;

use super::RawHamt;
use crate::{kind::PointerKind, node::Node};

impl<K: Eq, V, P: PointerKind> RawHamt<K, V, P> {
    /// Binds keys with their hashes to values, in this order, and drops what they
    /// displace. Where the map is empty and the code of the keys or the iterator panics,
    /// it stays empty.
    pub(crate) fn extend(&mut self, pairs: impl Iterator<Item = (u32, K, V)>) {
        let expected = pairs.size_hint().0;
        if !self.is_empty() || expected < 2 {
            return self.set_all(pairs);
        }
        // Not `self` yet: a root with room for all may hold too few for its kind.
        let mut built = Self {
            root: Some(Node::root_for(expected)),
            ..Self::with_kind()
        };
        built.set_all(pairs);
        built.root = built.root.and_then(Node::settled_root);
        *self = built;
    }

    fn set_all(&mut self, pairs: impl Iterator<Item = (u32, K, V)>) {
        for (hash, key, value) in pairs {
            let eq = |bound: &K, key: &K| Ok::<_, Infallible>(bound == key);
            let Ok(_displaced) = self.set(hash, key, value, eq);
        }
    }
}
