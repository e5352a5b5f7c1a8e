//! What maps need of memory, by bytes requested; the entries are numbers, which need none apart.

use super::data::Random;
use super::map::Map;
use crate::allocator;
use crate::report::{Allocations, Bytes};

/// So many further versions are made.
const VERSIONS: usize = 1_000;

/// What one map needs.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Bytes an entry, in a map built from them.
    pub entry: Bytes,
    /// Bytes a version, all with one change to the same map.
    pub version_of_one: Bytes,
    /// Bytes a version, each with one change to the version before.
    pub version_of_last: Bytes,
    /// Allocations an update, in a map that nobody else holds.
    pub update: Allocations,
}

impl Memory {
    /// Measures maps of `size` entries.
    pub fn of<M: Map<u64, u64>>(size: u64) -> Memory {
        let mut random = Random(0);
        let entries: Vec<(u64, u64)> = (0..size).map(|value| (random.next(), value)).collect();
        let mut keys = entries.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        random.shuffle(&mut keys);
        let changes: Vec<u64> = keys.iter().copied().cycle().take(VERSIONS).collect();

        let (mut map, built) = allocator::count(|| entries.iter().copied().collect::<M>());
        let versions = |next: &dyn Fn(Option<&M>, u64) -> M| {
            let mut versions = Vec::with_capacity(VERSIONS);
            let ((), made) = allocator::count(|| {
                for key in &changes {
                    versions.push(next(versions.last(), *key));
                }
            });
            Bytes(made.bytes as f64 / VERSIONS as f64)
        };
        let version_of_one = versions(&|_, key| map.with(key, u64::MAX));
        let version_of_last = versions(&|last, key| last.unwrap_or(&map).with(key, u64::MAX));
        let ((), updates) = allocator::count(|| {
            for key in &changes {
                map.set(*key, 0);
            }
        });
        Memory {
            entry: Bytes(built.bytes as f64 / size as f64),
            version_of_one,
            version_of_last,
            update: Allocations(updates.allocations as f64 / VERSIONS as f64),
        }
    }
}
