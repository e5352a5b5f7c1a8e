use core::convert::Infallible;

use super::RawHamt;
use crate::{
    Displaced, Entry,
    entry::Pair,
    kind::PointerKind,
    node::{Alteration, Change, Node},
};

/// In place: nodes that no other version holds are changed, others copied.
impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Does what [`assoc`](Self::assoc) does to this map itself, and returns
    /// the displaced entry.
    ///
    /// `eq` runs while the map is borrowed. Whoever keeps the map in a cell or
    /// behind a lock, and runs foreign code in `eq`, should clone the map and
    /// use `assoc`.
    ///
    /// # Errors
    ///
    /// Fails as `eq` fails; the map is unchanged.
    #[inline]
    pub fn insert<E>(
        &mut self,
        entry: Entry<K, V, P>,
        mut eq: impl FnMut(&K) -> Result<bool, E>,
    ) -> Result<Option<Entry<K, V, P>>, E> {
        let hash = entry.hash();
        let bind = Bind {
            pair: Pair::Entry(entry),
            is_its: |bound: &Entry<K, V, P>, pair: &Pair<K, V, P>| {
                let is_itself = matches!(pair, Pair::Entry(entry) if entry.ptr_eq(bound));
                Ok(is_itself || eq(bound.key())?)
            },
        };
        let displaced = self.alter(hash, bind)?;
        Ok(displaced.map(|pair| pair.into_entry(hash)))
    }

    /// Adds an entry whose key the map does not have, which the caller knows:
    /// nothing is compared. If the map has the key, it will have it twice, and
    /// either may be found; nothing worse.
    #[inline]
    pub fn insert_unique(&mut self, entry: Entry<K, V, P>) {
        let Ok(_none) = self.insert(entry, |_| Ok::<_, Infallible>(false));
    }

    /// Binds a key to a value in this map itself, in place of an equal key and
    /// its value. Allocates nothing if there is one and nobody else holds it.
    /// For `eq`, see [`insert`](Self::insert).
    ///
    /// # Errors
    ///
    /// Fails as `eq` fails; the map is unchanged.
    #[inline]
    pub fn set<E>(
        &mut self,
        hash: u32,
        key: K,
        value: V,
        mut eq: impl FnMut(&K, &K) -> Result<bool, E>,
    ) -> Result<Option<Displaced<K, V, P>>, E> {
        let bind = Bind {
            pair: Pair::Parts(key, value),
            is_its: |bound: &Entry<K, V, P>, pair: &Pair<K, V, P>| eq(bound.key(), pair.key()),
        };
        Ok(self.alter(hash, bind)?.map(Displaced::from))
    }

    /// Removes a key from this map itself and returns its entry; `None` if the
    /// key is absent. For `eq`, see [`insert`](Self::insert).
    ///
    /// # Errors
    ///
    /// Fails as `eq` fails; the map is unchanged.
    #[inline]
    pub fn remove<E>(
        &mut self,
        hash: u32,
        mut eq: impl FnMut(&K) -> Result<bool, E>,
    ) -> Result<Option<Entry<K, V, P>>, E> {
        let remove = Remove(|bound: &Entry<K, V, P>| eq(bound.key()));
        let removed = self.alter(hash, remove)?;
        Ok(removed.map(|pair| pair.into_entry(hash)))
    }

    /// Removes this very entry, if the map has it.
    pub(crate) fn remove_entry(&mut self, entry: &Entry<K, V, P>) {
        let remove = Remove(|bound: &Entry<K, V, P>| Ok::<_, Infallible>(bound.ptr_eq(entry)));
        let Ok(_removed) = self.alter(entry.hash(), remove);
    }

    /// Changes the entry of one key, and returns what was displaced.
    #[inline]
    pub(crate) fn alter<A: Alteration<K, V, P>>(
        &mut self,
        hash: u32,
        alteration: A,
    ) -> Result<Option<Pair<K, V, P>>, A::Error> {
        Node::alter(&mut self.root, hash, &mut self.len, alteration)
    }
}

/// Binds a key anew.
struct Bind<K, V, P: PointerKind, F> {
    pair: Pair<K, V, P>,
    /// Tells whether an entry is of the pair's key.
    is_its: F,
}

impl<K, V, P, E, F> Alteration<K, V, P> for Bind<K, V, P, F>
where
    P: PointerKind,
    F: FnMut(&Entry<K, V, P>, &Pair<K, V, P>) -> Result<bool, E>,
{
    type Error = E;

    #[inline(always)]
    fn is_it(&mut self, bound: &Entry<K, V, P>) -> Result<bool, E> {
        (self.is_its)(bound, &self.pair)
    }

    #[inline(always)]
    fn decide(self, _: Option<&Entry<K, V, P>>) -> Change<K, V, P> {
        Change::Bind(self.pair)
    }
}

/// Removes the entry of which the function is true.
struct Remove<F>(F);

impl<K, V, P, E, F> Alteration<K, V, P> for Remove<F>
where
    P: PointerKind,
    F: FnMut(&Entry<K, V, P>) -> Result<bool, E>,
{
    type Error = E;

    #[inline(always)]
    fn is_it(&mut self, bound: &Entry<K, V, P>) -> Result<bool, E> {
        (self.0)(bound)
    }

    #[inline(always)]
    fn decide(self, _: Option<&Entry<K, V, P>>) -> Change<K, V, P> {
        Change::Remove
    }
}
