//! A drop that panics, at each position in each operation: nothing is dropped twice,
//! nothing leaks, and the remaining maps hold all live entries and can be used.

use std::{
    cell::Cell,
    collections::BTreeSet,
    convert::Infallible,
    hash::{BuildHasher, Hash, Hasher},
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
};

use hamt::{Hamt, Leaf, RcKind, raw::RawHamt};

use crate::tracker::{Tracked, Tracker};

/// Functions from names to hashes. The trees have buckets below a branch, a branch
/// of branches, a collision, and collisions at the bottom.
const HASHES: [fn(u32) -> u32; 4] = [
    |name| name % 7 + (name << 5),
    |name| name << 10,
    |_| 5,
    |name| name << 30,
];

/// Sizes with each kind of root.
const SIZES: &[u32] = if cfg!(miri) { &[10] } else { &[1, 12, 20, 80] };

/// Every n-th of the hash functions is used.
const HASH_STEP: usize = if cfg!(miri) { 4 } else { 1 };

/// The maximal number of positions that are tried in one operation.
const POSITIONS: usize = if cfg!(miri) { 1 } else { 25 };

type Operation = fn(&mut World);

/// Every operation that drops keys or values.
const OPERATIONS: &[(&str, Operation)] = &[
    ("drop a map", |world| drop(world.maps.pop())),
    ("drop versions, oldest first", |world| {
        drop(world.versions());
    }),
    ("drop versions, newest first", |world| {
        let mut versions = world.versions();
        versions.reverse();
        drop(versions);
    }),
    ("drop all versions but one", |world| {
        let mut versions = world.versions();
        world.maps.push(versions.remove(2));
        drop(versions);
    }),
    ("drop versions without an entry", |world| {
        let mut map = world.take();
        for name in 0..world.size {
            map = map.without(&world.key(name));
        }
    }),
    ("drop clones of one version", |world| {
        let map = world.take();
        let clones = [map.clone(), map.clone()];
        drop(map);
        drop(clones);
    }),
    ("insert", |world| {
        for name in 0..2 * world.size {
            let (key, value) = world.pair(name);
            world.maps[0].insert(key, value);
        }
    }),
    ("insert into what is shared", |world| {
        for name in 0..2 * world.size {
            let version = world.maps[0].clone();
            let (key, value) = world.pair(name);
            world.maps[0].insert(key, value);
            drop(version);
        }
    }),
    ("take a displaced pair apart", |world| {
        for name in 0..world.size {
            let (key, value) = world.pair(name);
            let displaced = world.maps[0].insert(key, value);
            drop(displaced.map(hamt::Displaced::into_parts));
        }
    }),
    ("remove", |world| {
        for name in 0..world.size {
            let key = world.key(name);
            world.maps[0].remove(&key);
        }
    }),
    ("remove from what is shared", |world| {
        for name in 0..world.size {
            let version = world.maps[0].clone();
            let key = world.key(name);
            world.maps[0].remove(&key);
            drop(version);
        }
    }),
    ("alter", |world| {
        for name in 0..2 * world.size {
            let (key, value) = world.pair(name);
            world.maps[0].alter(key, |_| Some(value));
            let key = world.key(name / 2);
            world.maps[0].alter(key, |_| None);
        }
    }),
    ("retain", |world| {
        world.maps[0].retain(|key, _| key.name % 3 == 1);
    }),
    ("retain in what is shared", |world| {
        let version = world.maps[0].clone();
        world.maps[0].retain(|key, _| key.name % 3 == 1);
        drop(version);
    }),
    ("extend", |world| {
        let pairs = world.pairs(world.size + 20);
        world.maps[0].extend(pairs);
    }),
    ("extend what is shared", |world| {
        let version = world.maps[0].clone();
        let pairs = world.pairs(world.size + 20);
        world.maps[0].extend(pairs);
        drop(version);
    }),
    ("collect equal keys", |world| {
        let twice: Vec<_> = world
            .pairs(world.size)
            .chain(world.pairs(world.size))
            .collect();
        let mut map = world.empty();
        map.extend(twice);
    }),
    ("union", |world| {
        let mut other = world.maps[0].clone();
        let more = world.pairs(world.size + 20);
        other.extend(more);
        world.maps[0] = other.union(&world.maps[0]);
    }),
    ("combine versions", |world| {
        let base = world.take();
        let more = world.pairs(world.size / 2);
        let mut other = base.without(&world.key(world.size / 2));
        other.extend(more);
        for combine in [Map::union, Map::symmetric_difference] {
            drop(combine(&base, &other));
        }
        for combine in [Map::intersection, Map::difference] {
            drop(combine(&base, &other));
        }
    }),
    ("change values", |world| {
        let version = world.maps[0].clone();
        let names = 0..world.size;
        let mut values: Vec<_> = names.map(|_| Item::new(&world.drops)).collect();
        for value in world.maps[0].values_mut() {
            drop(mem::replace(value, values.pop().expect("as many")));
        }
        drop(version);
    }),
    ("change a value of what is shared", |world| {
        for name in 0..world.size {
            let version = world.maps[0].clone();
            let (key, new) = world.pair(name);
            if let Some(value) = world.maps[0].get_mut(&key) {
                *value = new;
            }
            drop(version);
        }
    }),
    ("change by the entries of keys", |world| {
        for name in 0..2 * world.size {
            let version = (name % 3 == 0).then(|| world.maps[0].clone());
            let (key, value) = world.pair(name);
            world.maps[0].entry(key).insert_entry(value);
            let (key, value) = world.pair(name / 2);
            if let hamt::map::Entry::Occupied(entry) = world.maps[0].entry(key) {
                drop(entry.remove_entry());
            }
            let key = world.key(name / 3);
            world.maps[0].entry(key).or_insert(value);
            drop(version);
        }
    }),
    ("clear", |world| world.maps[0].clear()),
    ("replace a map", |world| {
        let empty = world.empty();
        drop(mem::replace(&mut world.maps[0], empty));
    }),
    ("iterate by value", |world| {
        let mut pairs = world.take().into_iter();
        drop(pairs.next());
    }),
    ("iterate by value what is shared", |world| {
        for (key, value) in world.maps[0].clone() {
            drop((value, key));
        }
    }),
    ("change by entries", |world| {
        let mut map = world.take().raw().clone();
        for name in 0..world.size {
            let Ok(displaced) = map.insert(world.entry(name), is(name));
            drop(displaced);
            let Ok((version, _)) = map.assoc(world.entry(name), is(name));
            let Ok(removed) = map.remove((world.hash)(name), is(name));
            drop(mem::replace(&mut map, version));
            drop(removed);
            let Ok(removed) = map.without((world.hash)(name), is(name));
            drop(removed.map(|(version, _)| version));
        }
    }),
    ("change with plain counts", |world| {
        let mut map = RawHamt::<Key, Item, RcKind>::new_in();
        for name in (0..world.size).chain(0..world.size) {
            let (key, value) = world.pair(name);
            let version = map.clone();
            let eq = |a: &Key, b: &Key| Ok::<_, Infallible>(a == b);
            let Ok(_) = map.set((world.hash)(name), key, value, eq);
            drop(version);
        }
        let clones = [map.clone(), map.clone()];
        drop(map);
        drop(clones);
    }),
];

fn is(name: u32) -> impl Fn(&Key) -> Result<bool, Infallible> {
    move |bound| Ok(bound.name == name)
}

/// The state that items share.
#[derive(Default)]
struct Drops {
    tracker: Tracker,
    /// The number of drops so far.
    count: Cell<usize>,
    /// The number of the drop that panics.
    panics: Cell<Option<usize>>,
}

/// A value, or the part of a key that drops.
struct Item {
    _tracked: Tracked,
    id: u32,
    drops: Rc<Drops>,
}

impl Item {
    fn new(drops: &Rc<Drops>) -> Self {
        let tracked = drops.tracker.create();
        Self {
            id: tracked.id,
            _tracked: tracked,
            drops: Rc::clone(drops),
        }
    }
}

impl Clone for Item {
    fn clone(&self) -> Self {
        Self::new(&self.drops)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        let count = self.drops.count.replace(self.drops.count.get() + 1);
        if self.drops.panics.get() == Some(count) {
            // Not `panic!`: the hook would print it.
            resume_unwind(Box::new("a drop panics"));
        }
    }
}

#[derive(Clone)]
struct Key {
    name: u32,
    item: Item,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(self.name);
    }
}

/// Hashes a name by the function of the test.
#[derive(Clone)]
struct ByName(fn(u32) -> u32);

struct NameHasher(fn(u32) -> u32, u32);

impl BuildHasher for ByName {
    type Hasher = NameHasher;

    fn build_hasher(&self) -> NameHasher {
        NameHasher(self.0, 0)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, _: &[u8]) {
        unreachable!("a name is hashed whole");
    }

    fn write_u32(&mut self, name: u32) {
        self.1 = (self.0)(name);
    }

    fn finish(&self) -> u64 {
        u64::from(self.1)
    }
}

type Map = Hamt<Key, Item, ByName>;

/// The maps that an operation uses and leaves.
struct World {
    drops: Rc<Drops>,
    hash: fn(u32) -> u32,
    size: u32,
    maps: Vec<Map>,
}

impl World {
    /// Creates a world with one map of this number of names.
    fn new(hash: fn(u32) -> u32, size: u32) -> Self {
        let mut world = Self {
            drops: Rc::default(),
            hash,
            size,
            maps: Vec::new(),
        };
        let mut map = world.empty();
        map.extend(world.pairs(size));
        world.maps.push(map);
        world
    }

    fn key(&self, name: u32) -> Key {
        let item = Item::new(&self.drops);
        Key { name, item }
    }

    fn pair(&self, name: u32) -> (Key, Item) {
        (self.key(name), Item::new(&self.drops))
    }

    fn pairs(&self, size: u32) -> impl ExactSizeIterator<Item = (Key, Item)> + use<> {
        let pairs: Vec<_> = (0..size).map(|name| self.pair(name)).collect();
        pairs.into_iter()
    }

    fn entry(&self, name: u32) -> Leaf<Key, Item> {
        let (key, value) = self.pair(name);
        Leaf::new((self.hash)(name), key, value)
    }

    fn empty(&self) -> Map {
        Map::with_hasher(ByName(self.hash))
    }

    fn take(&mut self) -> Map {
        self.maps.pop().expect("there is one")
    }

    /// Returns versions, each derived from an older one.
    fn versions(&mut self) -> Vec<Map> {
        let mut versions = vec![self.take()];
        for name in 0..4 {
            let old = &versions[versions.len() / 2];
            let (key, value) = self.pair(name * 7);
            versions.push(old.inserted(key, value));
        }
        versions
    }

    /// Checks that the live items are those that the maps hold.
    fn check(&self, case: &str) {
        let mut held = BTreeSet::new();
        for map in &self.maps {
            assert_eq!(map.raw().audit(), Ok(()), "{case}");
            held.extend(map.iter().flat_map(|(key, value)| [key.item.id, value.id]));
        }
        assert_eq!(self.drops.tracker.live(), held, "{case}");
    }

    /// Uses the maps, and drops them.
    fn end(mut self, case: &str) {
        for map in 0..self.maps.len() {
            for name in 0..2 * self.size {
                let (key, value) = self.pair(name);
                self.maps[map].insert(key, value);
            }
            let names = 0..2 * self.size;
            let mut keys = names.map(|name| self.key(name));
            assert!(keys.all(|key| self.maps[map].contains_key(&key)), "{case}");
        }
        self.check(case);
        self.maps.clear();
        self.check(case);
    }
}

#[test]
fn a_panic_in_any_drop_of_any_operation_leaves_all_valid() {
    for &(name, operation) in OPERATIONS {
        for (hash_index, hash) in HASHES.into_iter().enumerate().step_by(HASH_STEP) {
            for &size in SIZES {
                let case = format!("{name}, {size} names, hash {hash_index}");
                let mut world = World::new(hash, size);
                let before = world.drops.count.get();
                operation(&mut world);
                let drops = world.drops.count.get() - before;
                assert_ne!(drops, 0, "{case}");
                world.check(&case);
                world.end(&case);
                for position in (0..drops).step_by(drops.div_ceil(POSITIONS)) {
                    let case = format!("{case}, drop {position} of {drops}");
                    let mut world = World::new(hash, size);
                    world.drops.panics.set(Some(before + position));
                    let run = AssertUnwindSafe(|| operation(&mut world));
                    assert!(catch_unwind(run).is_err(), "{case}");
                    world.check(&case);
                    world.end(&case);
                }
            }
        }
    }
}
