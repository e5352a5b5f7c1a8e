//! A map with all that the rows need beside it.

use std::hint::black_box;
use std::mem;
use std::time::{Duration, Instant};

use super::data::Data;
use super::kinds::{Key, Value};
use super::map::Map;
use super::row::Row;
use super::walk::Walk;
use crate::report::Entrant;

/// Somebody who takes part in the rows.
pub trait Contestant {
    /// Who it is.
    fn entrant(&self) -> Entrant;

    /// Whether it can do what a row does.
    fn takes_part(&self, row: Row) -> bool;

    /// Does what a row does so many times, and returns the time it took. The map has the same
    /// keys before and after.
    fn run(&mut self, row: Row, iterations: u64) -> Duration;
}

/// Versions that differ from the map in one entry each, taken in turn: where a comparison meets
/// the difference is chance.
const VERSIONS: usize = 16;

/// So many entries are built in one timing, so that the clock does not show.
const BUILT_AT_ONCE: usize = 1_000;

/// A map, and its places in the lists of keys.
pub struct Fixture<'a, K, V, M> {
    entrant: Entrant,
    data: &'a Data<K, V>,
    map: M,
    versions: Vec<M>,
    present: Walk<'a, (K, V)>,
    absent: Walk<'a, (K, V)>,
    compared: usize,
}

impl<'a, K: Key, V: Value, M: Map<K, V>> Fixture<'a, K, V, M> {
    /// Builds the map.
    pub fn new(entrant: Entrant, data: &'a Data<K, V>) -> Self {
        Fixture {
            entrant,
            data,
            map: data.entries.iter().cloned().collect(),
            versions: Vec::new(),
            present: Walk::starting(&data.present, 0),
            absent: Walk::starting(&data.absent, 0),
            compared: 0,
        }
    }

    /// Times the exchange of one key for another. The key that goes has been in the map for a
    /// while: what the addition touched is not in the nearest cache any more.
    fn exchange(
        &mut self,
        iterations: u64,
        mut add: impl FnMut(&mut M, K, V),
        mut remove: impl FnMut(&mut M, &K),
    ) -> Duration {
        let guests = (self.data.entries.len() / 16).clamp(1, 1_000) as u64;
        let map = &mut self.map;
        let mut leaving = self.absent.clone();
        let arriving = &mut self.absent;
        arriving.next(guests, |(key, value)| map.set(key.clone(), value.clone()));
        let started = Instant::now();
        for _ in 0..iterations {
            let (key, value) = arriving.one();
            add(map, key.clone(), value.clone());
            remove(map, &leaving.one().0);
        }
        let time = started.elapsed();
        leaving.next(guests, |(key, _)| map.unset(key));
        time
    }

    /// Times `build` for maps of new copies of `entries`, many at a time if they are few.
    fn built(
        &mut self,
        iterations: u64,
        before: &[(K, V)],
        entries: &[(K, V)],
        mut build: impl FnMut(M, Vec<(K, V)>) -> M,
    ) -> Duration {
        let mut time = Duration::ZERO;
        let mut left = iterations as usize;
        while left > 0 {
            let now = left.min((BUILT_AT_ONCE / entries.len()).max(1));
            let ready: Vec<(M, Vec<(K, V)>)> = (0..now)
                .map(|_| (before.iter().cloned().collect(), entries.to_vec()))
                .collect();
            let mut maps = Vec::with_capacity(now);
            let started = Instant::now();
            for (map, entries) in ready {
                maps.push(build(map, entries));
            }
            time += started.elapsed();
            black_box(&maps);
            left -= now;
        }
        time
    }

    fn equal(&mut self, iterations: u64) -> Duration {
        if self.versions.is_empty() {
            let (map, versions) = (&self.map, &mut self.versions);
            let mut number = u64::MAX;
            self.present.next(VERSIONS as u64, |(key, _)| {
                versions.push(map.with(key.clone(), V::of(number)));
                number -= 1;
            });
        }
        let started = Instant::now();
        for _ in 0..iterations {
            self.compared = (self.compared + 1) % VERSIONS;
            black_box(self.map.is_equal(&self.versions[self.compared]));
        }
        started.elapsed()
    }
}

impl<K: Key, V: Value, M: Map<K, V>> Contestant for Fixture<'_, K, V, M> {
    fn entrant(&self) -> Entrant {
        self.entrant
    }

    fn takes_part(&self, _: Row) -> bool {
        true
    }

    fn run(&mut self, row: Row, iterations: u64) -> Duration {
        if row != Row::Equal {
            // They hold the map's nodes too.
            self.versions.clear();
        }
        let data = self.data;
        let map = &self.map;
        let mut sum = 0_u64;
        let mut add = |found: Option<&V>| sum = sum.wrapping_add(found.map_or(0, V::word));
        let started = Instant::now();
        match row {
            Row::GetHit => self.present.next(iterations, |(key, _)| add(map.find(key))),
            Row::GetMiss => self.absent.next(iterations, |(key, _)| add(map.find(key))),
            Row::Iterate => {
                for _ in 0..iterations {
                    map.visit(|key, value| sum = sum.wrapping_add(key.word() ^ value.word()));
                }
            }
            Row::Clone => {
                for _ in 0..iterations {
                    black_box(map.clone());
                }
            }
            Row::UpdateShared => self.present.next(iterations, |(key, value)| {
                black_box(map.with(key.clone(), value.clone()));
            }),
            Row::NewKeyShared => self.absent.next(iterations, |(key, value)| {
                black_box(map.with(key.clone(), value.clone()));
            }),
            Row::RemoveShared => self.present.next(iterations, |(key, _)| {
                black_box(map.without(key));
            }),
            Row::UpdateChain => {
                let mut version = mem::take(&mut self.map);
                self.present.next(iterations, |(key, value)| {
                    version = version.with(key.clone(), value.clone());
                });
                self.map = version;
            }
            Row::UpdateInPlace => {
                let map = &mut self.map;
                self.present.next(iterations, |(key, value)| {
                    map.set(key.clone(), value.clone());
                });
            }
            Row::ExchangeChain => {
                return self.exchange(
                    iterations,
                    |map, key, value| *map = map.with(key, value),
                    |map, key| *map = map.without(key),
                );
            }
            Row::ExchangeInPlace => return self.exchange(iterations, M::set, M::unset),
            Row::Build => {
                return self.built(iterations, &[], &data.entries, |_, entries| {
                    entries.into_iter().collect()
                });
            }
            Row::Extend => {
                let (before, added) = data.entries.split_at(data.entries.len() / 2);
                return self.built(iterations, before, added, |mut map, entries| {
                    map.add(entries);
                    map
                });
            }
            Row::Equal => return self.equal(iterations),
        }
        black_box(sum);
        started.elapsed()
    }
}
