//! The ordinary layer.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use hamt::{Displaced, Hamt};

use crate::coarse::Coarse;

const LEN: usize = if cfg!(miri) { 100 } else { 500 };

#[test]
fn it_behaves_as_a_std_map() {
    let mut map = Hamt::new();
    let mut std = HashMap::new();
    for step in 0..if cfg!(miri) { 150 } else { 2_000_u32 } {
        let k = (step * 7919 % 300).to_string();
        if step % 3 == 2 {
            assert_eq!(map.remove(&k).map(Displaced::into_value), std.remove(&k));
        } else {
            assert_eq!(
                map.insert(k.clone(), step).map(Displaced::into_value),
                std.insert(k, step)
            );
        }
        assert_eq!(map.len(), std.len());
        assert_eq!(map.is_empty(), std.is_empty());
    }
    for k in (0..300).map(|k| k.to_string()) {
        assert_eq!(map.get(&k), std.get(&k));
        assert_eq!(map.get_key_value(&k), std.get_key_value(&k));
        assert_eq!(map.contains_key(&k), std.contains_key(&k));
    }
    assert_eq!(map.iter().collect::<HashMap<_, _>>(), std.iter().collect());
}

#[test]
fn keys_are_found_by_their_borrowed_form() {
    let map = Hamt::from([("a".to_string(), 1), ("b".to_string(), 2)]);
    assert_eq!(map.get("a"), Some(&1));
    assert_eq!(map.get_key_value("b"), Some((&"b".to_string(), &2)));
    assert!(!map.contains_key("c"));
}

#[test]
fn an_equal_key_is_replaced_with_its_value() {
    // Two equal keys that can be distinguished.
    let (first, second) = (String::from("k"), String::from("k"));
    let at = second.as_ptr();
    let mut map = Hamt::from([(first, 1)]);
    let displaced = map.insert(second, 2).expect("the first");
    assert_eq!(displaced.into_parts().ok(), Some(("k".to_string(), 1)));
    assert_eq!(
        map.get_key_value("k").map(|(k, v)| (k.as_ptr(), *v)),
        Some((at, 2))
    );
}

#[test]
fn a_clone_is_a_version_of_its_own() {
    let mut map = Hamt::from([(1, "one"), (2, "two")]);
    let old = map.clone();
    assert!(map.ptr_eq(&old));
    map.insert(1, "uno");
    map.remove(&2);
    assert!(!map.ptr_eq(&old));
    assert_eq!((map.get(&1), map.get(&2)), (Some(&"uno"), None));
    assert_eq!((old.get(&1), old.get(&2)), (Some(&"one"), Some(&"two")));
    // The old version still holds the removed entry.
    let removed = map.clone().remove(&1).expect("it is there");
    assert_eq!(
        removed.into_parts().map_err(|entry| *entry.value()),
        Err("uno")
    );
}

#[test]
fn keys_and_values_are_in_the_order_of_the_pairs_with_exact_sizes() {
    let map: Hamt<u32, u32> = (0..LEN as u32).map(|k| (k, k * k)).collect();
    let pairs: Vec<_> = map.iter().collect();
    assert_eq!(pairs, (&map).into_iter().collect::<Vec<_>>());
    assert_eq!(pairs, map.keys().zip(map.values()).collect::<Vec<_>>());
    let (mut iter, mut keys, mut values) = (map.iter(), map.keys(), map.values());
    for left in (0..LEN).rev() {
        assert!(iter.next().is_some() && keys.next().is_some() && values.next().is_some());
        assert_eq!((iter.len(), keys.len(), values.len()), (left, left, left));
    }
    assert!(iter.next().is_none());
}

#[test]
fn the_last_of_equal_keys_stays() {
    let mut map: Hamt<_, _> = [("a", 1), ("b", 2), ("a", 3)].into_iter().collect();
    map.extend([("c", 4), ("b", 5)]);
    let mut pairs: Vec<_> = map.iter().map(|(k, v)| (*k, *v)).collect();
    pairs.sort_unstable();
    assert_eq!(pairs, [("a", 3), ("b", 5), ("c", 4)]);
}

/// This number of pairs is not inserted in the order of the iterator.
#[test]
fn the_last_of_many_equal_keys_stays_too() {
    const PAIRS: u32 = if cfg!(miri) { 800 } else { 30_000 };
    let pairs = || (0..PAIRS).map(|n| (n.wrapping_mul(0x9e37_79b9) % 7_000, n));
    let expected: HashMap<_, _> = pairs().collect();
    let mut map: Hamt<_, _> = pairs().collect();
    assert_eq!(map.raw().audit(), Ok(()));
    assert_eq!(map.len(), expected.len());
    assert!(expected.iter().all(|(k, v)| map.get(k) == Some(v)));
    map.extend(pairs().map(|(k, n)| (k + 3_500, n)));
    assert_eq!(map.raw().audit(), Ok(()));
    let mut expected = expected;
    expected.extend(pairs().map(|(k, n)| (k + 3_500, n)));
    assert_eq!(map.len(), expected.len());
    assert!(expected.iter().all(|(k, v)| map.get(k) == Some(v)));
}

/// A map is filled fast if it shares nothing and has no gaps, otherwise key by key.
#[test]
fn extending_a_small_map_equals_single_inserts() {
    type Small = Hamt<u32, u32>;
    type Begin = fn(Small) -> (Small, Option<Small>);
    // The key whose removal leaves a gap, before the last.
    const GONE: u32 = 1_000;
    const LAST: u32 = 1_001;
    let alone = |map: Small| (map, None);
    let shared = |map: Small| (map.clone(), Some(map));
    let with_a_gap = |mut map: Small| {
        map.remove(&GONE);
        (map, None)
    };
    let borrowing = |map: Small| (map.inserted(0, 7), Some(map));
    let begun: [Begin; 4] = [alone, shared, with_a_gap, borrowing];
    for len in (0..40_u32).step_by(if cfg!(miri) { 13 } else { 1 }) {
        // Keys occur twice, the second time with another value.
        let pairs = || (0..len).map(|n| (n % 25, n));
        let step = if cfg!(miri) { 6 } else { 1 };
        for (before, begin) in (0..len)
            .step_by(step)
            .flat_map(|before| begun.map(|begin| (before, begin)))
        {
            let first = pairs().take(before as usize);
            let (mut filled, other) = begin(first.chain([(GONE, 0), (LAST, 0)]).collect());
            let kept: Option<HashMap<u32, u32>> = other.as_ref().map(to_std);
            let mut expected = to_std(&filled);
            expected.extend(pairs().skip(before as usize));
            filled.extend(pairs().skip(before as usize));
            assert_eq!(filled.raw().audit(), Ok(()));
            assert_eq!(to_std(&filled), expected);
            assert!(expected.iter().all(|(k, v)| filled.get(k) == Some(v)));
            assert_eq!(other.as_ref().map(to_std), kept);
        }
    }
}

fn to_std(map: &Hamt<u32, u32>) -> HashMap<u32, u32> {
    let all: HashMap<_, _> = map.iter().map(|(k, v)| (*k, *v)).collect();
    assert_eq!(all.len(), map.len());
    all
}

#[test]
fn the_hash_in_the_raw_layer_is_the_lower_half_of_the_hashers() {
    type Fixed = BuildHasherDefault<DefaultHasher>;
    let map: Hamt<_, _, Fixed> = (0..100).map(|k| (k, ())).collect();
    for entry in map.raw() {
        let whole = map.hasher().hash_one(entry.key());
        assert_eq!(entry.hash(), whole as u32);
    }
    let empty: Hamt<u8, u8, Fixed> = Hamt::with_hasher(Fixed::default());
    assert_eq!(empty.raw().dump().to_string(), "empty\n");
}

#[test]
fn debug_shows_what_a_std_map_shows() {
    assert_eq!(format!("{:?}", Hamt::from([(1, "x")])), r#"{1: "x"}"#);
    assert_eq!(format!("{:?}", Hamt::<u8, u8>::new()), "{}");
    let map = Hamt::from([(1, "x")]);
    assert_eq!(format!("{:?}", map.raw()), r#"{1: "x"}"#);
    assert_eq!(format!("{:?}", map.iter()), r#"[(1, "x")]"#);
    let entry = hamt::Leaf::new(0x2a, 1, "x");
    assert_eq!(
        format!("{entry:?}"),
        r#"Leaf { hash: 0x0000002a, key: 1, value: "x" }"#
    );
}

#[test]
fn a_std_map_is_converted_with_its_hasher() {
    let std: HashMap<u32, u32, Coarse> = (0..100).map(|k| (k, k * k)).collect();
    let map = Hamt::<u32, u32, Coarse>::from(std.clone());
    assert_eq!(map.hasher().0, std.hasher().0);
    assert_eq!(to_std_with(&map), std);
}

fn to_std_with(map: &Hamt<u32, u32, Coarse>) -> HashMap<u32, u32, Coarse> {
    map.iter().map(|(k, v)| (*k, *v)).collect()
}

#[test]
fn borrowed_pairs_of_copies_extend_a_map() {
    let more = Hamt::from([(1, "x"), (2, "y")]);
    let mut map = Hamt::from([(2, "z")]);
    map.extend(&more);
    assert_eq!(map, more);
}

#[test]
fn an_index_returns_the_value_of_get() {
    let mut map = Hamt::from([("a".to_string(), 1)]);
    assert_eq!(map["a"], 1);
    map["a"] += 1;
    assert_eq!(map["a"], 2);
}

#[test]
#[should_panic(expected = "no entry found for key")]
fn an_index_panics_without_the_key() {
    let map = Hamt::from([("a", 1)]);
    let _ = map["b"];
}

/// A key of two strings is looked up by them.
#[test]
fn an_equivalent_value_finds_a_key() {
    #[derive(Hash)]
    struct Parts<'a>(&'a str, &'a str);

    impl hamt::Equivalent<(String, String)> for Parts<'_> {
        fn equivalent(&self, key: &(String, String)) -> bool {
            self.0 == key.0 && self.1 == key.1
        }
    }

    let mut map = Hamt::from([(("a".to_string(), "b".to_string()), 1)]);
    assert_eq!(map.get(&Parts("a", "b")), Some(&1));
    assert!(!map.contains_key(&Parts("ab", "")));
    assert_eq!(map.without(&Parts("a", "b")).len(), 0);
    assert_eq!(map.get_mut(&Parts("a", "b")), Some(&mut 1));
    assert_eq!(map.remove(&Parts("a", "b")).as_deref(), Some(&1));
}

#[test]
fn debug_of_the_iterators_and_entries_shows_the_rest() {
    let mut map = Hamt::from([(1, "x")]);
    assert_eq!(
        format!("{:?} {:?}", map.keys(), map.values()),
        r#"[1] ["x"]"#
    );
    assert_eq!(format!("{:?}", map.clone().into_iter()), r#"[(1, "x")]"#);
    assert_eq!(format!("{:?}", map.clone().into_keys()), "[1]");
    assert_eq!(format!("{:?}", map.clone().into_values()), r#"["x"]"#);
    assert_eq!(format!("{:?}", map.iter_mut()), r#"[(1, "x")]"#);
    assert_eq!(format!("{:?}", map.values_mut()), r#"["x"]"#);
    assert_eq!(
        format!("{:?}", map.entry(1)),
        r#"Entry(OccupiedEntry { key: 1, value: "x", .. })"#
    );
    assert_eq!(format!("{:?}", map.entry(2)), "Entry(VacantEntry(2))");
}
