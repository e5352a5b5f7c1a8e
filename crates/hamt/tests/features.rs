//! Traits of other crates. A test binary of its own, since `serde_json` makes comparisons of numbers
//! ambiguous.
#![cfg(not(loom))]

#[path = "it/coarse.rs"]
mod coarse;

use hamt::{Hamt, HamtSet};

use crate::coarse::Coarse;

type Map = Hamt<u32, String>;
type Set = HamtSet<u32>;
/// Sixteen values have each hash.
type Colliding = Hamt<u32, u32, Coarse>;

const LEN: u32 = if cfg!(miri) { 200 } else { 20_000 };

fn map(len: u32) -> Map {
    (0..len).map(|key| (key, key.to_string())).collect()
}

mod with_serde {
    use super::*;

    #[test]
    fn maps_survive_a_round_trip_through_json() {
        for len in [0, 1, 100] {
            let map = map(len);
            let json = serde_json::to_string(&map).expect("written");
            assert_eq!(serde_json::from_str::<Map>(&json).expect("read"), map);
            let std: std::collections::HashMap<u32, String> =
                serde_json::from_str(&json).expect("read by std's");
            assert_eq!(Hamt::from(std), map);
        }
        assert!(serde_json::from_str::<Map>("[1]").is_err());
        assert!(serde_json::from_str::<Map>(r#"{"1": 2}"#).is_err());
    }

    #[test]
    fn sets_survive_a_round_trip_through_json() {
        for len in [0, 1, 100] {
            let set: Set = (0..len).collect();
            let json = serde_json::to_string(&set).expect("written");
            assert_eq!(serde_json::from_str::<Set>(&json).expect("read"), set);
        }
        let error = serde_json::from_str::<Set>("{}").expect_err("no sequence");
        assert!(error.to_string().contains("expected a sequence"), "{error}");
    }
}

// Threads of rayon's pool outlive the main thread, which Miri does not allow.
#[cfg(not(miri))]
mod with_rayon {
    use std::collections::HashSet;

    use rayon::prelude::*;

    use super::*;

    #[test]
    fn every_entry_is_visited_once() {
        for len in [0, 1, 2, 20, 40, LEN] {
            let (map, set) = (map(len), (0..len).collect::<Set>());
            let seen: Vec<_> = map.par_iter().collect();
            assert_eq!(seen.len(), map.len());
            assert_eq!(
                seen.into_iter().collect::<HashSet<_>>(),
                map.iter().collect()
            );
            let seen: Vec<_> = set.par_iter().collect();
            assert_eq!(seen.len(), set.len());
            assert_eq!(
                seen.into_iter().collect::<HashSet<_>>(),
                set.iter().collect()
            );
        }
    }

    #[test]
    fn entries_of_one_hash_are_visited_once() {
        let mut map = Colliding::with_hasher(Coarse(LEN / 64));
        map.extend((0..LEN / 2).map(|key| (key, 1)));
        assert_eq!(map.par_iter().map(|(_, value)| value).sum::<u32>(), LEN / 2);
    }

    #[test]
    fn a_search_ends_early() {
        let map = map(LEN);
        assert_eq!(
            map.par_iter()
                .find_any(|(key, _)| **key == 7)
                .map(|(_, value)| &**value),
            Some("7")
        );
        assert_eq!(map.par_iter().find_any(|(key, _)| **key == LEN), None);
    }

    #[test]
    fn collecting_in_parallel_equals_collecting_on_one_thread() {
        let collected: Map = (0..LEN)
            .into_par_iter()
            .map(|key| (key, key.to_string()))
            .collect();
        assert_eq!(collected, map(LEN));
        let set: Set = (0..LEN).into_par_iter().map(|value| value / 2).collect();
        assert_eq!(set, (0..LEN / 2).collect());
        let mut twice = map(10);
        twice.par_extend([(9, String::new()), (9, "last".to_string())]);
        assert_eq!((twice.len(), &*twice[&9]), (10, "last"));
    }
}

mod with_arbitrary {
    use arbitrary::{Arbitrary, Unstructured};

    use super::*;

    #[test]
    fn bytes_produce_the_pairs_that_they_produce_for_a_vector() {
        let bytes: Vec<u8> = (0..200_u32).map(|n| (n * 37 + 1) as u8).collect();
        let pairs = Vec::<(u8, u16)>::arbitrary(&mut Unstructured::new(&bytes)).expect("enough");
        assert!(pairs.len() > 5);
        let map = Hamt::<u8, u16>::arbitrary(&mut Unstructured::new(&bytes)).expect("enough");
        assert_eq!(map, pairs.into_iter().collect());
        let values = Vec::<u8>::arbitrary_take_rest(Unstructured::new(&bytes)).expect("enough");
        let set = HamtSet::<u8>::arbitrary_take_rest(Unstructured::new(&bytes)).expect("enough");
        assert_eq!(set, values.into_iter().collect());
    }
}

mod with_proptest {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 50 }))]

        #[test]
        fn strategies_respect_their_sizes_and_ranges(
            map in hamt::proptest::hamt(0..50_u32, 5..7_u8, 3..20),
            set in hamt::proptest::hamt_set(0..50_u32, 3..20),
            any in any::<Hamt<u8, bool>>(),
            any_set in any::<HamtSet<u8>>(),
        ) {
            let map: Hamt<u32, u8> = map;
            let set: Set = set;
            prop_assert!((3..20).contains(&map.len()) && (3..20).contains(&set.len()));
            prop_assert!(map.iter().all(|(key, value)| *key < 50 && (5..7).contains(value)));
            prop_assert!(set.iter().all(|value| *value < 50));
            prop_assert!(any.len() < 101 && any_set.len() < 101);
        }
    }
}
