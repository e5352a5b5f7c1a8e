use core::convert::Infallible;

use super::RawHamt;
use crate::{Entry, kind::PointerKind, node::ViewMut};

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
        let filling = Filling(self);
        if let Some(root) = &mut filling.0.root {
            root.reserve(len);
        }
        filling.0.fill_root(&mut pairs);
        for pair in pairs {
            filling.0.bind(pair);
        }
    }

    /// Does so for as many as a root that is a bucket has room for: there is no
    /// way to be walked for each.
    fn fill_root(&mut self, pairs: &mut impl Iterator<Item = (u32, K, V)>) {
        let Some(ViewMut::Bucket(mut bucket)) = self.root.as_mut().map(|root| root.view_mut())
        else {
            return;
        };
        while bucket.has_room() {
            let Some((hash, key, value)) = pairs.next() else {
                return;
            };
            let is_it = |bound: &Entry<K, V, P>| Ok::<_, Infallible>(*bound.key() == key);
            let Ok(found) = bucket.search(hash, hash, is_it);
            match found.and_then(|slot| bucket.entry_mut(slot)) {
                Some(bound) => drop(bound.replace(key, value)),
                None => {
                    let Ok(()) = bucket.push(0, Entry::with_kind(hash, key, value)) else {
                        return;
                    };
                    self.len += 1;
                    self.prefixes = self.prefixes.with(hash);
                }
            }
        }
    }

    fn bind(&mut self, (hash, key, value): (u32, K, V)) {
        let eq = |bound: &K, key: &K| Ok::<_, Infallible>(bound == key);
        let Ok(_displaced) = self.set(hash, key, value, eq);
    }
}

/// Leaves no root that is too big for what has come, whatever happens.
struct Filling<'a, K, V, P: PointerKind>(&'a mut RawHamt<K, V, P>);

impl<K, V, P: PointerKind> Drop for Filling<'_, K, V, P> {
    fn drop(&mut self) {
        if let Some(root) = &mut self.0.root {
            root.tidy_root();
        }
    }
}
