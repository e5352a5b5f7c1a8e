//! What maps need of memory, by bytes requested; the entries are numbers, which need none apart.

use std::mem::{forget, replace};

use super::map::{Hamt, HamtRc, Im, Imbl, Map, Rpds, RpdsRc};
use crate::allocator;
use crate::bench::Bench;
use fastrand::Rng;

/// So many further versions are made.
const VERSIONS: usize = 1_000;

/// What is counted, with its unit: in a map built from its entries, of all divided by them; a
/// version with one change to a map, of many with a change to the same one and of many with a change
/// to the one before; an update of a map that nothing else holds.
const WORKLOADS: [(&str, &str); 4] = [
    ("bytes, per entry", "bytes"),
    ("bytes, per version of one", "bytes"),
    ("bytes, per version of the last", "bytes"),
    ("allocations, update in place", "allocations"),
];

/// Counts for all maps of this size.
pub fn measure(bench: &mut Bench<'_>, size: u64) {
    let included = |(workload, _): &(&str, &str)| bench.includes((workload, "u64 to u64", size));
    if !WORKLOADS.iter().any(included) {
        return;
    }
    let shared = [
        ("hamt", needs::<Hamt<_, _>>(size)),
        ("im", needs::<Im<_, _>>(size)),
        ("imbl", needs::<Imbl<_, _>>(size)),
        ("rpds", needs::<Rpds<_, _>>(size)),
    ];
    let of_one_thread = [
        ("hamt Rc", needs::<HamtRc<_, _>>(size)),
        ("rpds Rc", needs::<RpdsRc<_, _>>(size)),
    ];
    for (index, (workload, unit)) in WORKLOADS.into_iter().enumerate() {
        for maps in [&shared[..], &of_one_thread] {
            let found = maps.iter().map(|(name, needs)| (*name, needs[index]));
            let found: Vec<_> = found.collect();
            bench.counted((workload, "u64 to u64", size), unit, 1, &found);
        }
    }
}

/// Counts for maps of `size` entries.
fn needs<M: Map<u64, u64>>(size: u64) -> [f64; 4] {
    let mut random = Rng::with_seed(0);
    let entries: Vec<(u64, u64)> = (0..size).map(|value| (random.u64(..), value)).collect();
    let mut keys: Vec<u64> = entries.iter().map(|(key, _)| *key).collect();
    random.shuffle(&mut keys);
    let changes: Vec<u64> = keys.iter().copied().cycle().take(VERSIONS).collect();

    // Our map keeps up to 64 KiB of freed allocations a thread. Counted on an old thread, a version
    // made of such would seem to need nothing, and what a build leaves would seem to be the map's. So
    // each figure is what outlives a fresh thread, which gives them back as it ends. The maps cannot
    // leave it, having counts for one thread: they stay allocated.
    let build = || entries.iter().copied().collect::<M>();
    let built = allocator::outliving(|| forget(build()));
    let one = allocator::outliving(|| {
        let map = build();
        for key in &changes {
            forget(map.inserted(*key, u64::MAX));
        }
        forget(map);
    });
    let last = allocator::outliving(|| {
        let mut last = build();
        for key in &changes {
            let next = last.inserted(*key, u64::MAX);
            forget(replace(&mut last, next));
        }
        forget(last);
    });
    let mut map = build();
    let ((), updates) = allocator::count(|| changes.iter().for_each(|key| map.set(*key, 0)));
    let each = |all: f64| all / VERSIONS as f64;
    [
        built as f64 / size as f64,
        each((one - built) as f64),
        each((last - built) as f64),
        each(updates.allocations as f64),
    ]
}
