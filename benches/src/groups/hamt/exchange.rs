//! New keys and removals in turn, so that a map keeps its size.

use crate::groups::walk::Walk;
use std::time::{Duration, Instant};

/// Times the exchange of one key for another, so many times.
///
/// A key that goes has been in the map for a while, among up to ten thousand others and at most a
/// sixteenth of the map: what its arrival touched is not in the nearest cache any more. Those
/// come before the clock starts and go after it stops.
pub fn exchange<M, K, V>(
    map: &mut M,
    size: usize,
    absent: &mut Walk<'_, (K, V)>,
    iterations: u64,
    mut add: impl FnMut(&mut M, &K, &V),
    mut remove: impl FnMut(&mut M, &K),
) -> Duration {
    let guests = (size / 16).clamp(1, 10_000) as u64;
    let mut leaving = absent.clone();
    absent.next(guests, |(key, value)| add(map, key, value));
    let started = Instant::now();
    for _ in 0..iterations {
        let (key, value) = absent.one();
        add(map, key, value);
        remove(map, &leaving.one().0);
    }
    let time = started.elapsed();
    leaving.next(guests, |(key, _)| remove(map, key));
    time
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_map_keeps_its_size_and_its_keys() {
        let absent: Vec<(u32, ())> = (100..200).map(|key| (key, ())).collect();
        let mut walk = Walk::starting(&absent, 90);
        let before: BTreeSet<u32> = (0..64).collect();
        let mut map = before.clone();
        let mut sizes = BTreeSet::new();
        for iterations in [1, 250] {
            exchange(
                &mut map,
                64,
                &mut walk,
                iterations,
                |map, key, ()| assert!(map.insert(*key)),
                |map, key| {
                    sizes.insert(map.len());
                    assert!(map.remove(key));
                },
            );
            assert_eq!(map, before);
        }
        // Four guests, and one more when one arrives.
        assert_eq!(sizes.last(), Some(&69));
    }
}
