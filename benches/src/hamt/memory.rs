//! The memory of maps, in requested bytes. The entries are numbers, without allocations of their own.

use std::mem::{forget, replace};

use super::map::{Hamt, HamtRc, Im, Imbl, Map, Rpds, RpdsRc};
use crate::allocator;
use crate::bench::Bench;
use fastrand::Rng;

/// The number of versions that are created.
const VERSIONS: usize = 1_000;

/// What is counted, with its unit: the bytes of a map for each entry; the bytes of a version that
/// changes one entry of the same map, and of one that changes the version before; the allocations of
/// an update of a map without other handles.
const WORKLOADS: [(&str, &str); 4] = [
    ("bytes, per entry", "bytes"),
    ("bytes, per version of one", "bytes"),
    ("bytes, per version of the last", "bytes"),
    ("allocations, update in place", "allocations"),
];

/// Measures all maps of this size.
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

/// Measures one kind of map with `size` entries.
fn needs<M: Map<u64, u64>>(size: u64) -> [f64; 4] {
    let mut random = Rng::with_seed(0);
    let entries: Vec<(u64, u64)> = (0..size).map(|value| (random.u64(..), value)).collect();
    let mut keys: Vec<u64> = entries.iter().map(|(key, _)| *key).collect();
    random.shuffle(&mut keys);
    let changes: Vec<u64> = keys.iter().copied().cycle().take(VERSIONS).collect();

    // `hamt` caches up to 256 KiB of freed allocations for each thread. On an old thread a version made
    // of these would seem to need no memory, and the cache would be counted as the map's. So each
    // figure is what outlives a new thread, which frees its cache when it ends. The maps stay
    // allocated: some have counts for one thread, so they cannot be moved out.
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
