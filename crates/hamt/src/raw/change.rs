use core::{convert::Infallible, mem};

use super::RawHamt;
use crate::{
    Displaced, Entry,
    entry::Pair,
    kind::PointerKind,
    node::{Alteration, Change, Node, Spot},
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
        let mut is_its = |bound: &Entry<K, V, P>, entry: &Entry<K, V, P>| {
            Ok(bound.ptr_eq(entry) || eq(bound.key())?)
        };
        if let Some(mut spot) = self.spot(hash, |bound| is_its(bound, &entry))? {
            if let Some(bound) = spot.entry() {
                return Ok(Some(mem::replace(bound, entry)));
            }
            let shrunk = spot.fill(entry);
            self.count_one_more(hash, shrunk);
            return Ok(None);
        }
        if self.is_shared() {
            let (map, displaced) = self.assoc(entry, eq)?;
            let displaced = displaced.cloned();
            // Nothing but this map's hold of what others hold too.
            drop(mem::replace(self, map));
            return Ok(displaced);
        }
        let bind = Bind {
            pair: Pair::Entry(entry),
            is_its: |bound: &Entry<K, V, P>, pair: &Pair<K, V, P>| match pair {
                Pair::Entry(entry) => is_its(bound, entry),
                Pair::Parts(..) => Ok(false),
            },
        };
        let displaced = self.alter_apart(hash, bind)?;
        Ok(displaced.map(|pair| pair.into_entry(hash)))
    }

    /// Adds an entry whose key the map does not have, which the caller knows:
    /// nothing is compared. If the map has the key, it will have it twice, and
    /// either may be found; nothing worse.
    #[inline]
    pub fn insert_unique(&mut self, entry: Entry<K, V, P>) {
        let hash = entry.hash();
        if let Ok(Some(spot)) = self.spot(hash, |_| Ok::<_, Infallible>(false)) {
            let shrunk = spot.fill(entry);
            self.count_one_more(hash, shrunk);
        } else {
            let Ok(_none) = self.alter_apart(hash, Add(entry));
        }
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
        if let Some(mut spot) = self.spot(hash, |bound| eq(bound.key(), &key))? {
            if let Some(bound) = spot.entry() {
                return Ok(Some(bound.replace(key, value).into()));
            }
            let shrunk = spot.fill(Entry::with_kind(hash, key, value));
            self.count_one_more(hash, shrunk);
            return Ok(None);
        }
        let bind = Bind {
            pair: Pair::Parts(key, value),
            is_its: |bound: &Entry<K, V, P>, pair: &Pair<K, V, P>| eq(bound.key(), pair.key()),
        };
        Ok(self.alter_apart(hash, bind)?.map(Displaced::from))
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
        self.remove_where(hash, |bound| eq(bound.key()))
    }

    /// Removes the entry of `hash` that `is_it` accepts.
    #[inline(always)]
    pub(crate) fn remove_where<E>(
        &mut self,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Entry<K, V, P>>, E> {
        if let Some(spot) = self.spot(hash, &mut is_it)? {
            let (removed, shrunk) = spot.remove(hash);
            self.len -= usize::from(removed.is_some());
            if shrunk {
                self.tidy(hash);
            }
            return Ok(removed);
        }
        let removed = self.alter_apart(hash, Remove(is_it))?;
        Ok(removed.map(|pair| pair.into_entry(hash)))
    }

    /// Does to the entry of `hash` that `alteration` is about what it says.
    pub(crate) fn alter<A: Alteration<K, V, P>>(
        &mut self,
        hash: u32,
        mut alteration: A,
    ) -> Result<Option<Pair<K, V, P>>, A::Error> {
        let Some(mut spot) = self.spot(hash, |bound| alteration.is_it(bound))? else {
            return self.alter_apart(hash, alteration);
        };
        match alteration.decide(spot.entry().as_deref()) {
            Change::Bind(pair) => match spot.entry() {
                Some(bound) => Ok(Some(bound.rebind(pair))),
                None => {
                    let shrunk = spot.fill(pair.into_entry(hash));
                    self.count_one_more(hash, shrunk);
                    Ok(None)
                }
            },
            Change::Remove => {
                let (removed, shrunk) = spot.remove(hash);
                self.len -= usize::from(removed.is_some());
                if shrunk {
                    self.tidy(hash);
                }
                Ok(removed.map(Pair::Entry))
            }
            Change::Nothing => Ok(None),
        }
    }

    #[inline(always)]
    pub(super) fn spot<E>(
        &mut self,
        hash: u32,
        is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Spot<'_, K, V, P>>, E> {
        Node::spot(&mut self.root, hash, is_it)
    }

    /// Whether others hold the whole tree too, which is then changed as a new
    /// version.
    #[inline(always)]
    fn is_shared(&self) -> bool {
        match &self.root {
            Some(root) => root.is_table() && !root.has_one_holder(),
            None => false,
        }
    }

    /// Makes a change that has no [`Spot`].
    fn alter_apart<A: Alteration<K, V, P>>(
        &mut self,
        hash: u32,
        alteration: A,
    ) -> Result<Option<Pair<K, V, P>>, A::Error> {
        let len = self.len;
        let altered = Node::alter(&mut self.root, 0, hash, &mut self.len, alteration)?;
        if self.len > len {
            self.prefixes = self.prefixes.with(hash);
        }
        if altered.shrunk {
            self.tidy(hash);
        }
        Ok(altered.displaced)
    }

    #[inline(always)]
    fn count_one_more(&mut self, hash: u32, shrunk: bool) {
        self.len += 1;
        self.prefixes = self.prefixes.with(hash);
        if shrunk {
            self.tidy(hash);
        }
    }

    /// Replaces nodes on the way to `hash` that have become sparse.
    #[cold]
    pub(crate) fn tidy(&mut self, hash: u32) {
        if let Some(root) = &mut self.root {
            root.tidy(0, hash);
        }
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

/// Adds an entry whose key has none.
struct Add<K, V, P: PointerKind>(Entry<K, V, P>);

impl<K, V, P: PointerKind> Alteration<K, V, P> for Add<K, V, P> {
    type Error = Infallible;

    const MAY_BE_BOUND: bool = false;

    fn is_it(&mut self, _: &Entry<K, V, P>) -> Result<bool, Infallible> {
        Ok(false)
    }

    #[inline(always)]
    fn decide(self, _: Option<&Entry<K, V, P>>) -> Change<K, V, P> {
        Change::Bind(Pair::Entry(self.0))
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
