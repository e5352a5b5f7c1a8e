//! What maps need of memory, by bytes requested; the entries are numbers, which need none apart.

use std::mem::{forget, replace};

use super::NAME;
use super::field;
use super::map::Map;
use super::maps::{Im, Imbl, Ours, OursRc, RpdsArc, RpdsRc};
use super::measure::{IM, IMBL, OURS, OURS_RC, RPDS, RPDS_RC};
use crate::allocator;
use crate::bound::Bound;
use crate::groups::Plan;
use crate::groups::random::Random;
use crate::progress::Progress;
use crate::report::{Allocations, Bytes, Cell, Entrant, Figure, Record, judge};

const SIZES: [u64; 2] = [1_000, 100_000];

/// So many further versions are made.
const VERSIONS: usize = 1_000;

/// What one library's map needs.
struct Memory {
    /// In a map built from its entries: of all, divided by them.
    entry: Bytes,
    /// A version with one change to a map, of many with a change to the same one.
    version_of_one: Bytes,
    /// A version with one change to a map, of many with a change to the one before.
    version_of_last: Bytes,
    /// An update of a map that nobody else holds.
    update: Allocations,
}

/// Measures every library's maps.
pub fn measure(plan: &Plan<'_>, progress: &Progress) -> Vec<Record> {
    let mut records = Vec::new();
    for size in SIZES {
        let title = format!("{size} entries, u64 to u64: memory");
        if !plan.includes(&title) {
            continue;
        }
        progress.now(&title);
        let arc = [
            (OURS, Memory::of::<Ours<_, _>>(size)),
            (IM, Memory::of::<Im<_, _>>(size)),
            (IMBL, Memory::of::<Imbl<_, _>>(size)),
            (RPDS, Memory::of::<RpdsArc<_, _>>(size)),
        ];
        let rc = [
            (OURS_RC, Memory::of::<OursRc<_, _>>(size)),
            (RPDS_RC, Memory::of::<RpdsRc<_, _>>(size)),
        ];
        records.extend(rows(size, &arc, field::ARC, [0.5, 0.8]));
        records.extend(rows(size, &rc, field::RC, [1.0, 1.0]));
    }
    records.sort_by(|one, other| one.bench.cmp(&other.bench));
    records
}

/// The rows of the maps of one field; the first is the subject. Of the best other map it may need
/// these shares, an entry and a version.
fn rows(
    size: u64,
    maps: &[(Entrant, Memory)],
    field: &'static str,
    [entry, version]: [f64; 2],
) -> Vec<Record> {
    fn row<F: Figure>(
        (bench, size): (&str, u64),
        (field, bound): (&'static str, Bound),
        maps: &[(Entrant, Memory)],
        figure: fn(&Memory) -> F,
    ) -> Vec<Record> {
        let cell = Cell {
            group: NAME,
            bench: bench.into(),
            size,
            keys: "u64",
            values: "u64",
            bounds: vec![(field, bound)],
        };
        let figures: Vec<_> = maps
            .iter()
            .map(|(who, found)| (*who, figure(found)))
            .collect();
        judge(&cell, &figures)
    }
    let entry = (field, Bound::of_peer(entry).strict());
    let version = (field, Bound::of_peer(version).strict());
    let none = (field, Bound::itself(0.0));
    [
        row(("bytes, per entry", size), entry, maps, |memory| {
            memory.entry
        }),
        row(
            ("bytes, per version of one", size),
            version,
            maps,
            |memory| memory.version_of_one,
        ),
        row(
            ("bytes, per version of the last", size),
            version,
            maps,
            |memory| memory.version_of_last,
        ),
        // Whatever the others need.
        row(
            ("allocations, update in place", size),
            none,
            &maps[..1],
            |memory| memory.update,
        ),
    ]
    .concat()
}

impl Memory {
    /// Measures maps of `size` entries.
    fn of<M: Map<u64, u64>>(size: u64) -> Memory {
        let mut random = Random(0);
        let entries: Vec<(u64, u64)> = (0..size).map(|value| (random.next(), value)).collect();
        let mut keys = entries.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        random.shuffle(&mut keys);
        let changes: Vec<u64> = keys.iter().copied().cycle().take(VERSIONS).collect();

        // Our map keeps up to 64 KiB of freed blocks a thread. Counted on an old thread, a version
        // made of such blocks would seem to need nothing, and the blocks that a build leaves would
        // seem to be the map's. So each figure is what outlives a fresh thread, which gives its
        // blocks back as it ends. The maps cannot leave it, having counts for one thread: they
        // stay allocated.
        let build = || entries.iter().copied().collect::<M>();
        let built = allocator::outliving(|| forget(build()));
        let one = allocator::outliving(|| {
            let map = build();
            for key in &changes {
                forget(map.with(*key, u64::MAX));
            }
            forget(map);
        });
        let last = allocator::outliving(|| {
            let mut last = build();
            for key in &changes {
                let next = last.with(*key, u64::MAX);
                forget(replace(&mut last, next));
            }
            forget(last);
        });
        let version = |all: i64| Bytes((all - built) as f64 / VERSIONS as f64);

        let mut map = build();
        let ((), updates) = allocator::count(|| {
            for key in &changes {
                map.set(*key, 0);
            }
        });
        Memory {
            entry: Bytes(built as f64 / size as f64),
            version_of_one: version(one),
            version_of_last: version(last),
            update: Allocations(updates.allocations as f64 / VERSIONS as f64),
        }
    }
}
