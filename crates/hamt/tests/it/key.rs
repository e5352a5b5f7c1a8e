//! Keys whose hash the test chooses, and the raw operations on them.

use std::{convert::Infallible, fmt::Debug};

use hamt::{Leaf, raw::RawHamt};

/// A key: compared by its name, with a hash that the test chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub hash: u32,
    pub name: u32,
}

pub const fn key(hash: u32, name: u32) -> Key {
    Key { hash, name }
}

pub type Map = RawHamt<Key, u32>;

pub fn is(key: Key) -> impl Fn(&Key) -> Result<bool, Infallible> {
    move |bound| {
        assert_eq!(bound.hash, key.hash, "compared with a key of another hash");
        Ok(bound.name == key.name)
    }
}

pub fn assoc(map: &Map, key: Key, value: u32) -> Map {
    let Ok((map, _)) = map.assoc(Leaf::new(key.hash, key, value), is(key));
    map
}

pub fn without(map: &Map, key: Key) -> Map {
    let Ok(removed) = map.without(key.hash, is(key));
    removed.expect("the key is there").0
}

pub fn find(map: &Map, key: Key) -> Option<u32> {
    let Ok(found) = map.find(key.hash, is(key));
    found.map(|entry| *entry.value())
}

/// Returns the number of nodes on the path of each entry, by the dump of the tree.
pub fn paths<K: Debug, V: Debug>(map: &RawHamt<K, V>) -> Vec<usize> {
    let text = map.dump().to_string();
    let entries = text.lines().filter(|line| !line.contains(" of "));
    let indent = |line: &str| line.len() - line.trim_start().len();
    entries.map(|line| indent(line) / 2).collect()
}

/// Returns a map of the keys, inserted in this order, with their names as values.
pub fn map_of(keys: impl IntoIterator<Item = Key>) -> Map {
    let keys = keys.into_iter();
    keys.fold(Map::new(), |map, key| assoc(&map, key, key.name))
}
