//! The workloads on a map, generic over the [`Map`] that they measure.

use std::hint::black_box;
use std::mem;
use std::time::{Duration, Instant};

use instructions::fixture::Subject;
use instructions::workload::{Value, Walk, done, hide, hide_mut, time};

use super::entries::{Data, Key};
use super::map::Map;

/// Every workload. Those that scatter a map's allocations most come last, so that maps are measured
/// as they were built, as far as possible.
pub const WORKLOADS: [&str; 22] = [
    "get hit",
    "get miss",
    "iterate, per entry",
    "clone + drop",
    "==, one entry differs",
    "diff, 1 change",
    "diff, 100 changes",
    "union, 1 change each",
    "union, 100 changes each",
    "intersection, 100 changes each",
    "union, unrelated",
    "intersection, unrelated",
    "build, per entry",
    "extend, per entry",
    "update, in place",
    "update by entry, in place",
    "new key + remove, in place",
    "update, shared",
    "new key, shared",
    "remove, shared",
    "update, chain",
    "new key + remove, chain",
];

/// Returns the number of changes that a workload is about, if it is one of those.
pub fn changes(workload: &str) -> Option<u64> {
    let (operation, of) = workload.split_once(", ")?;
    let is_of_two = ["diff", "union", "intersection"].contains(&operation);
    is_of_two.then(|| of.split(' ').next()?.parse().ok())?
}

/// Returns `true` if a workload is of two maps that share no nodes, but half of their keys.
pub fn is_of_unrelated(workload: &str) -> bool {
    workload.ends_with("unrelated")
}

/// The number of versions that are compared in turn, since the position of a difference is random.
const VERSIONS: usize = 16;

/// The minimum number of entries that are built in one timing, so that the clock's cost is negligible.
const AT_ONCE: usize = 1_000;

/// A map, and cursors in the lists of keys.
pub struct Fixture<'a, K, V, M> {
    data: &'a Data<K, V>,
    map: M,
    present: Walk<'a, (K, V)>,
    absent: Walk<'a, (K, V)>,
    /// Changed versions of the map, and the workload that they were made for. They share nodes with
    /// the map, so they are dropped before another workload.
    versions: (String, Vec<M>),
}

impl<'a, K: Key, V: Value, M: Map<K, V>> Fixture<'a, K, V, M> {
    /// Builds the map.
    pub fn new(data: &'a Data<K, V>) -> Self {
        Fixture {
            data,
            map: data.entries.iter().cloned().collect(),
            present: Walk::new(&data.present),
            absent: Walk::new(&data.absent),
            versions: Default::default(),
        }
    }

    /// Creates the versions that a workload compares. In each, some keys have a new unique value, some
    /// are added and some are removed.
    fn make_versions(&mut self, workload: &str) {
        self.versions = (workload.into(), Vec::new());
        if is_of_unrelated(workload) {
            let half = self.data.entries.len() as u64 / 2;
            let mut other = M::default();
            for list in [&mut self.present, &mut self.absent] {
                list.visit(half, |(key, value)| other.set(key.clone(), value.clone()));
            }
            self.versions.1 = vec![self.map.clone(), other];
            return;
        }
        let [bound, added, removed] = match changes(workload) {
            None if workload.starts_with("==") => [1, 0, 0],
            None => return,
            // A third of each.
            Some(count) if workload.starts_with("diff") => {
                [count.div_ceil(3), (count + 1) / 3, count / 3]
            }
            // Half of each.
            Some(count) => [count.div_ceil(2), count / 2, 0],
        };
        for _ in 0..VERSIONS {
            let mut map = self.map.clone();
            self.present
                .visit(bound, |(key, _)| map.set(key.clone(), V::of(u64::MAX)));
            self.absent
                .visit(added, |(key, value)| map.set(key.clone(), value.clone()));
            self.present.visit(removed, |(key, _)| map.unset(key));
            self.versions.1.push(map);
        }
    }
}

impl<K: Key, V: Value, M: Map<K, V>> Subject for Fixture<'_, K, V, M> {
    fn run(&mut self, workload: &str, count: u64) -> Option<Duration> {
        if self.versions.0 != workload {
            self.make_versions(workload);
        }
        let size = self.data.entries.len();
        let Fixture {
            data,
            map,
            present,
            absent,
            versions: (_, versions),
        } = self;
        let mut at = 0;
        let mut next_two = || {
            at = (at + 1) % versions.len();
            (&versions[at], &versions[(at + 1) % versions.len()])
        };
        Some(match workload {
            "get hit" => present.time(count, |(key, _)| hide(map).find(key).map_or(0, V::word)),
            "get miss" => absent.time(count, |(key, _)| hide(map).find(key).map_or(0, V::word)),
            "iterate, per entry" => time(count, || {
                let mut sum = 0_u64;
                hide(map).visit(|key, value| sum = sum.wrapping_add(key.word() ^ value.word()));
                sum
            }),
            "clone + drop" => time(count, || done(hide(map).clone())),
            "==, one entry differs" => time(count, || u64::from(hide(map) == next_two().0)),
            _ if workload.starts_with("diff") => {
                time(count, || next_two().0.differences(hide(map)))
            }
            _ if workload.starts_with("union") => time(count, || {
                let (one, other) = next_two();
                done(hide(one).united(other))
            }),
            _ if workload.starts_with("intersection") => time(count, || {
                let (one, other) = next_two();
                done(hide(one).common(other))
            }),
            "build, per entry" => building(
                count,
                size,
                || data.entries.clone(),
                |entries| entries.into_iter().collect::<M>(),
            ),
            "extend, per entry" => {
                let (before, added) = data.entries.split_at(size / 2);
                let prepare = || (before.iter().cloned().collect::<M>(), added.to_vec());
                building(count, added.len(), prepare, |(mut map, added)| {
                    map.add(added);
                    map
                })
            }
            "update, in place" => present.time(count, |(key, value)| {
                hide_mut(map).set(key.clone(), value.clone())
            }),
            "update by entry, in place" => present.time(count, |(key, value)| {
                hide_mut(map).set_by_entry(key.clone(), value.clone())
            }),
            "new key + remove, in place" => exchange(
                (map, size),
                absent,
                count,
                |map, key, value| map.set(key.clone(), value.clone()),
                |map, key| map.unset(key),
            ),
            "update, shared" => present.time(count, |(key, value)| {
                done(hide(map).inserted(key.clone(), value.clone()))
            }),
            "new key, shared" => absent.time(count, |(key, value)| {
                done(hide(map).inserted(key.clone(), value.clone()))
            }),
            "remove, shared" => present.time(count, |(key, _)| done(hide(map).removed(key))),
            "update, chain" => {
                // Moved out, so that there is no other handle of the version.
                let mut version = mem::take(map);
                let time = present.time(count, |(key, value)| {
                    version = hide(&version).inserted(key.clone(), value.clone())
                });
                *map = version;
                time
            }
            "new key + remove, chain" => exchange(
                (map, size),
                absent,
                count,
                |map, key, value| *map = map.inserted(key.clone(), value.clone()),
                |map, key| *map = map.removed(key),
            ),
            _ => return None,
        })
    }
}

/// Times `build`, many times in one timing if there are few entries. Its argument is created before
/// the clock starts, and its result is dropped after the clock stops.
fn building<T, M>(
    count: u64,
    entries: usize,
    prepare: impl Fn() -> T,
    build: impl Fn(T) -> M,
) -> Duration {
    let mut time = Duration::ZERO;
    let mut left = count as usize;
    while left > 0 {
        let now = left.min(AT_ONCE.div_ceil(entries));
        let prepared: Vec<T> = (0..now).map(|_| prepare()).collect();
        let mut built = Vec::with_capacity(now);
        let started = Instant::now();
        for one in prepared {
            built.push(build(one));
        }
        time += started.elapsed();
        black_box(built);
        left -= now;
    }
    time
}

/// Times the exchange of one key for another, so that a map keeps its size.
///
/// The removed key was added a while ago: up to ten thousand keys, at most a sixteenth of the map,
/// were added after it. So the nodes that its insertion touched are no longer in the nearest cache.
/// Those keys are added before the clock starts and removed after it stops.
pub fn exchange<M, K, V>(
    (map, size): (&mut M, usize),
    absent: &mut Walk<'_, (K, V)>,
    count: u64,
    mut add: impl FnMut(&mut M, &K, &V),
    mut remove: impl FnMut(&mut M, &K),
) -> Duration {
    let extra = (size / 16).clamp(1, 10_000) as u64;
    let mut leaving = absent.clone();
    absent.visit(extra, |(key, value)| add(map, key, value));
    let time = time(count, || {
        let (key, value) = absent.one();
        add(hide_mut(map), key, value);
        remove(hide_mut(map), &leaving.one().0);
    });
    leaving.visit(extra, |(key, _)| remove(map, key));
    time
}

#[cfg(test)]
mod tests {
    use super::super::entries::Handle;
    use super::super::map::{Hamt, Im, Imbl, Rpds};
    use super::*;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    type K = Handle<Arc<u64>>;
    type V = Arc<u64>;

    fn keys(map: &impl Map<K, V>) -> BTreeSet<u64> {
        let mut keys = BTreeSet::new();
        map.visit(|key, _| assert!(keys.insert(key.word())));
        keys
    }

    /// Every workload restores the map's keys, and versions have the expected number of differences.
    fn check<M: Map<K, V>>() {
        let data = Data::new(300);
        let mut fixture = Fixture::<K, V, M>::new(&data);
        let before = keys(&fixture.map);
        assert_eq!(before.len(), 300);
        for workload in WORKLOADS {
            for count in [1, 300] {
                fixture.run(workload, count).expect(workload);
                assert_eq!(keys(&fixture.map), before, "{workload}");
            }
            let (_, versions) = &fixture.versions;
            if workload.starts_with("union") || workload.starts_with("intersection") {
                let (one, other) = (&versions[0], &versions[1]);
                let (keys_of_one, keys_of_other) = (keys(one), keys(other));
                assert_eq!(keys(&one.united(other)), &keys_of_one | &keys_of_other);
                let common = &keys_of_one & &keys_of_other;
                assert_eq!(keys(&one.common(other)), common);
                // The lists contain some keys more than once.
                let is_half = (100..=150).contains(&common.len());
                assert!(is_half || !is_of_unrelated(workload) && common.len() == 300);
                continue;
            }
            let Some(count) = changes(workload) else {
                assert_eq!(versions.is_empty(), !workload.starts_with("=="));
                let is_changed = |version: &M| version.differences(&fixture.map) == 1;
                assert!(versions.iter().all(is_changed));
                continue;
            };
            assert_eq!(versions.len(), VERSIONS);
            assert_eq!(versions[0].differences(&fixture.map), count);
            assert_eq!(fixture.map.differences(&versions[0]), count);
        }
        assert_eq!(fixture.run("no such workload", 1), None);
    }

    #[test]
    fn workloads_restore_the_keys() {
        check::<Hamt<_, _>>();
        check::<Im<_, _>>();
        check::<Imbl<_, _>>();
        check::<Rpds<_, _>>();
    }

    #[test]
    fn an_exchange_keeps_the_size_with_four_extra_keys() {
        let absent: Vec<(u32, ())> = (100..200).map(|key| (key, ())).collect();
        let mut walk = Walk::new(&absent);
        let before: BTreeSet<u32> = (0..64).collect();
        let mut map = before.clone();
        let mut most = 0;
        let add = |map: &mut BTreeSet<u32>, key: &u32, (): &()| assert!(map.insert(*key));
        exchange((&mut map, 64), &mut walk, 250, add, |map, key| {
            most = most.max(map.len());
            assert!(map.remove(key));
        });
        assert_eq!((map, most), (before, 64 + 4 + 1));
    }
}
