//! Serialization: a map as a map, a set as a sequence.

use core::{
    fmt,
    hash::{BuildHasher, Hash},
    marker::PhantomData,
};

use serde_core::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
};

use crate::{Hamt, HamtSet, InfallibleKind};

/// In the order of iteration.
impl<K: Serialize, V: Serialize, S, P: InfallibleKind> Serialize for Hamt<K, V, S, P> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        serializer.collect_map(self)
    }
}

/// The last of equal keys stays.
impl<'de, K, V, S, P> Deserialize<'de> for Hamt<K, V, S, P>
where
    K: Deserialize<'de> + Hash + Eq,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// In the order of iteration.
impl<T: Serialize, S, P: InfallibleKind> Serialize for HamtSet<T, S, P> {
    fn serialize<R: Serializer>(&self, serializer: R) -> Result<R::Ok, R::Error> {
        serializer.collect_seq(self)
    }
}

/// The first of equal values stays.
impl<'de, T, S, P> Deserialize<'de> for HamtSet<T, S, P>
where
    T: Deserialize<'de> + Hash + Eq,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Values(PhantomData))
    }
}

struct Entries<M>(PhantomData<M>);

impl<'de, K, V, S, P> Visitor<'de> for Entries<Hamt<K, V, S, P>>
where
    K: Deserialize<'de> + Hash + Eq,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    type Value = Hamt<K, V, S, P>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = Hamt::default();
        while let Some((key, value)) = entries.next_entry()? {
            map.insert(key, value);
        }
        Ok(map)
    }
}

struct Values<M>(PhantomData<M>);

impl<'de, T, S, P> Visitor<'de> for Values<HamtSet<T, S, P>>
where
    T: Deserialize<'de> + Hash + Eq,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    type Value = HamtSet<T, S, P>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let mut set = HamtSet::default();
        while let Some(value) = values.next_element()? {
            set.insert(value);
        }
        Ok(set)
    }
}
