//! Parallel iterators over maps and sets, for the crate rayon.
//!
//! Borrowed iteration splits the tree, so it needs no list of the entries. Collecting creates
//! the pairs in parallel and inserts them on one thread.

mod split;

use alloc::vec::Vec;
use core::{
    fmt,
    hash::{BuildHasher, Hash},
};

use rayon::iter::{
    FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator,
    plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed},
};

use crate::{
    Hamt, HamtSet, Leaf,
    kind::{ArcKind, InfallibleKind},
    raw::RawHamt,
};
use split::Part;

/// A parallel iterator over the keys and values of a map. Returned by `par_iter`.
///
/// # Examples
///
/// ```
/// use hamt::Hamt;
/// use rayon::prelude::*;
///
/// let map: Hamt<u32, u32> = (0..1_000).map(|n| (n, n)).collect();
/// assert_eq!(map.par_iter().map(|(_, value)| value).sum::<u32>(), 499_500);
/// ```
pub struct ParIter<'a, K, V, P: InfallibleKind = ArcKind>(&'a RawHamt<K, V, P>);

/// A parallel iterator over the values of a set. Returned by `par_iter`.
pub struct ParSetIter<'a, T, P: InfallibleKind = ArcKind>(&'a RawHamt<T, (), P>);

/// Subtrees, and a function that maps each leaf to an item.
struct Producer<'a, K, V, P: InfallibleKind, F> {
    part: Part<'a, K, V, P>,
    item: F,
}

impl<'a, K, V, P, T, F> UnindexedProducer for Producer<'a, K, V, P, F>
where
    K: Send + Sync,
    V: Send + Sync,
    P: InfallibleKind + Sync,
    F: Fn(&'a Leaf<K, V, P>) -> T + Copy + Send,
{
    type Item = T;

    fn split(self) -> (Self, Option<Self>) {
        let item = self.item;
        let (part, other) = self.part.split();
        let other = other.map(|part| Self { part, item });
        (Self { part, item }, other)
    }

    fn fold_with<R: Folder<T>>(self, folder: R) -> R {
        let mut folder = Some(folder);
        self.part.visit_while(|leaf| {
            let consumed = folder
                .take()
                .map(|folder| folder.consume((self.item)(leaf)));
            let is_full = consumed.as_ref().is_none_or(Folder::full);
            folder = consumed;
            !is_full
        });
        folder.expect("the folder is put back after each leaf")
    }
}

impl<'a, K, V, P> ParallelIterator for ParIter<'a, K, V, P>
where
    K: Send + Sync,
    V: Send + Sync,
    P: InfallibleKind + Sync,
{
    type Item = (&'a K, &'a V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let producer = Producer {
            part: self.0.part(),
            item: |leaf: &'a Leaf<K, V, P>| (leaf.key(), leaf.value()),
        };
        bridge_unindexed(producer, consumer)
    }
}

impl<'a, T: Send + Sync, P: InfallibleKind + Sync> ParallelIterator for ParSetIter<'a, T, P> {
    type Item = &'a T;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let producer = Producer {
            part: self.0.part(),
            item: Leaf::key,
        };
        bridge_unindexed(producer, consumer)
    }
}

impl<K, V, P: InfallibleKind> Clone for ParIter<'_, K, V, P> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<T, P: InfallibleKind> Clone for ParSetIter<'_, T, P> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: InfallibleKind> fmt::Debug for ParIter<'_, K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.iter().map(|leaf| (leaf.key(), leaf.value()));
        f.debug_list().entries(pairs).finish()
    }
}

impl<T: fmt::Debug, P: InfallibleKind> fmt::Debug for ParSetIter<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(Leaf::key))
            .finish()
    }
}

impl<'a, K, V, S, P> IntoParallelIterator for &'a Hamt<K, V, S, P>
where
    K: Send + Sync,
    V: Send + Sync,
    P: InfallibleKind + Sync,
{
    type Item = (&'a K, &'a V);
    type Iter = ParIter<'a, K, V, P>;

    fn into_par_iter(self) -> Self::Iter {
        ParIter(self.raw())
    }
}

impl<'a, T, S, P> IntoParallelIterator for &'a HamtSet<T, S, P>
where
    T: Send + Sync,
    P: InfallibleKind + Sync,
{
    type Item = &'a T;
    type Iter = ParSetIter<'a, T, P>;

    fn into_par_iter(self) -> Self::Iter {
        ParSetIter(self.as_map().raw())
    }
}

/// Inserts the pairs in the order of the iterator: the last of equal keys stays.
impl<K, V, S, P> ParallelExtend<(K, V)> for Hamt<K, V, S, P>
where
    K: Hash + Eq + Send,
    V: Send,
    S: BuildHasher,
    P: InfallibleKind,
{
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, pairs: I) {
        self.extend(pairs.into_par_iter().collect::<Vec<_>>());
    }
}

/// Inserts the values in the order of the iterator: the first of equal ones stays.
impl<T, S, P> ParallelExtend<T> for HamtSet<T, S, P>
where
    T: Hash + Eq + Send,
    S: BuildHasher,
    P: InfallibleKind,
{
    fn par_extend<I: IntoParallelIterator<Item = T>>(&mut self, values: I) {
        self.extend(values.into_par_iter().collect::<Vec<_>>());
    }
}

/// Inserts the pairs in the order of the iterator: the last of equal keys stays.
impl<K, V, S, P> FromParallelIterator<(K, V)> for Hamt<K, V, S, P>
where
    K: Hash + Eq + Send,
    V: Send,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::default();
        map.par_extend(pairs);
        map
    }
}

/// Inserts the values in the order of the iterator: the first of equal ones stays.
impl<T, S, P> FromParallelIterator<T> for HamtSet<T, S, P>
where
    T: Hash + Eq + Send,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    fn from_par_iter<I: IntoParallelIterator<Item = T>>(values: I) -> Self {
        let mut set = Self::default();
        set.par_extend(values);
        set
    }
}
