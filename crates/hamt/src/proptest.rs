//! Strategies that create maps and sets, for the crate proptest.

use core::hash::{BuildHasher, Hash};
use std::collections::{HashMap, HashSet};

use proptest::{
    arbitrary::{Arbitrary, any_with},
    collection::{HashMapStrategy, HashSetStrategy, SizeRange, hash_map, hash_set},
    strategy::{Map, Strategy},
};

use crate::{Hamt, HamtSet, InfallibleKind};

/// The strategy that [`hamt`] returns.
pub type HamtStrategy<K, V, S, P> = Map<
    HashMapStrategy<K, V>,
    fn(
        HashMap<<K as Strategy>::Value, <V as Strategy>::Value>,
    ) -> Hamt<<K as Strategy>::Value, <V as Strategy>::Value, S, P>,
>;

/// The strategy that [`hamt_set`] returns.
pub type HamtSetStrategy<T, S, P> = Map<
    HashSetStrategy<T>,
    fn(HashSet<<T as Strategy>::Value>) -> HamtSet<<T as Strategy>::Value, S, P>,
>;

/// Returns a strategy for maps with these keys, values and numbers of entries.
///
/// # Examples
///
/// ```
/// use hamt::Hamt;
/// use proptest::prelude::*;
///
/// proptest!(|(map in hamt::proptest::hamt(0..100_u8, any::<bool>(), 1..10))| {
///     let map: Hamt<u8, bool> = map;
///     prop_assert!((1..10).contains(&map.len()));
/// });
/// ```
pub fn hamt<K, V, S, P>(key: K, value: V, size: impl Into<SizeRange>) -> HamtStrategy<K, V, S, P>
where
    K: Strategy<Value: Hash + Eq>,
    V: Strategy,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    hash_map(key, value, size).prop_map(|map| map.into_iter().collect())
}

/// Returns a strategy for sets with these values and numbers of values.
///
/// # Examples
///
/// ```
/// use hamt::HamtSet;
/// use proptest::prelude::*;
///
/// proptest!(|(set in hamt::proptest::hamt_set(0..100_u8, 1..10))| {
///     let set: HamtSet<u8> = set;
///     prop_assert!((1..10).contains(&set.len()));
/// });
/// ```
pub fn hamt_set<T, S, P>(value: T, size: impl Into<SizeRange>) -> HamtSetStrategy<T, S, P>
where
    T: Strategy<Value: Hash + Eq>,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    hash_set(value, size).prop_map(|set| set.into_iter().collect())
}

impl<K, V, S, P> Arbitrary for Hamt<K, V, S, P>
where
    K: Arbitrary + Hash + Eq,
    V: Arbitrary,
    S: BuildHasher + Default,
    P: InfallibleKind,
    Self: core::fmt::Debug,
{
    type Parameters = (SizeRange, K::Parameters, V::Parameters);
    type Strategy = HamtStrategy<K::Strategy, V::Strategy, S, P>;

    fn arbitrary_with((size, keys, values): Self::Parameters) -> Self::Strategy {
        hamt(any_with::<K>(keys), any_with::<V>(values), size)
    }
}

impl<T, S, P> Arbitrary for HamtSet<T, S, P>
where
    T: Arbitrary + Hash + Eq,
    S: BuildHasher + Default,
    P: InfallibleKind,
    Self: core::fmt::Debug,
{
    type Parameters = (SizeRange, T::Parameters);
    type Strategy = HamtSetStrategy<T::Strategy, S, P>;

    fn arbitrary_with((size, values): Self::Parameters) -> Self::Strategy {
        hamt_set(any_with::<T>(values), size)
    }
}
