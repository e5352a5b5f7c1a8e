//! Takes every row at every size with every kind of entries.

use std::time::Duration;

use super::contestant::Contestant;
#[cfg(feature = "cpython")]
use super::cpython;
use super::data::Data;
use super::field;
use super::fixture::Fixture;
use super::kinds::{ArcCounted, ArcHandle, Key, RcCounted, RcHandle, Value};
use super::map::Map;
use super::maps::{Im, Imbl, Ours, OursRc, RpdsArc, RpdsRc};
use super::memory::Memory;
use super::row::Row;
use crate::bound::Bound;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Cell, Entrant, Record, judge};
use crate::runner::{self, Turn};

const SIZES: [u64; 5] = [10, 100, 1_000, 100_000, 1_000_000];
/// The sizes of a first look.
const QUICK_SIZES: [u64; 3] = [10, 100, 1_000];
/// The sizes at which memory is measured.
const MEMORY_SIZES: [u64; 2] = [1_000, 100_000];

const OURS: Entrant = entrant("hamt", field::ARC);
const OURS_RC: Entrant = entrant("hamt Rc", field::RC);
const IM: Entrant = entrant("im", field::ARC);
const IMBL: Entrant = entrant("imbl", field::ARC);
const RPDS: Entrant = entrant("rpds", field::ARC);
const RPDS_RC: Entrant = entrant("rpds Rc", field::RC);

const fn entrant(name: &'static str, field: &'static str) -> Entrant {
    Entrant { name, field }
}

/// Measures the whole group.
pub fn measure(plan: &Plan<'_>) -> Vec<Record> {
    let sizes = if plan.quick { &QUICK_SIZES[..] } else { &SIZES };
    let mut run = GroupRun {
        plan,
        progress: Progress::start(sizes.iter().map(|size| estimate(plan, *size)).sum()),
        records: Vec::new(),
    };
    for &size in sizes {
        run.arc_maps::<ArcHandle, ArcCounted>(size);
        run.arc_maps::<ArcHandle, u64>(size);
        run.arc_maps::<u64, ArcCounted>(size);
        run.arc_maps::<u64, u64>(size);
        run.rc_maps::<RcHandle, RcCounted>(size);
        run.rc_maps::<RcHandle, u64>(size);
        run.rc_maps::<u64, RcCounted>(size);
        run.rc_maps::<u64, u64>(size);
    }
    for size in MEMORY_SIZES {
        run.memory(size);
    }
    let place = |record: &Record| {
        let names = Row::ALL.map(Row::name);
        names
            .iter()
            .position(|name| record.bench == *name)
            .unwrap_or(names.len())
    };
    // By row; within one, as measured.
    run.records.sort_by_key(place);
    run.records
}

/// About the time of all rows at one size.
fn estimate(plan: &Plan<'_>, size: u64) -> Duration {
    let of = |contestants| {
        4 * Row::ALL
            .map(|row| cell_estimate(plan, row, size, contestants))
            .iter()
            .sum::<Duration>()
    };
    of(4) + of(2)
}

/// About the time of one row.
fn cell_estimate(plan: &Plan<'_>, row: Row, size: u64, contestants: usize) -> Duration {
    plan.pace.estimate(&vec![row.rough_cost(size); contestants])
}

struct GroupRun<'p> {
    plan: &'p Plan<'p>,
    progress: Progress,
    records: Vec<Record>,
}

impl GroupRun<'_> {
    /// Maps that threads may share, beside CPython's.
    fn arc_maps<K: Key, V: Value>(&mut self, size: u64) {
        self.progress
            .now(&title(size, K::KIND, V::KIND, "build the maps"));
        let data = Data::<K, V>::of(size);
        #[cfg(feature = "cpython")]
        let objects = self
            .plan
            .python
            .map(|interpreter| cpython::objects(interpreter, size, V::KIND == ArcCounted::KIND));
        let mut maps: Vec<Box<dyn Contestant + '_>> = vec![
            Box::new(Fixture::<K, V, Ours<K, V>>::new(OURS, &data)),
            Box::new(Fixture::<K, V, Im<K, V>>::new(IM, &data)),
            Box::new(Fixture::<K, V, Imbl<K, V>>::new(IMBL, &data)),
            Box::new(Fixture::<K, V, RpdsArc<K, V>>::new(RPDS, &data)),
        ];
        #[cfg(feature = "cpython")]
        if let Some((interpreter, objects)) = self.plan.python.zip(objects.as_ref()) {
            match cpython::Python::new(interpreter, objects) {
                Ok(map) => maps.push(Box::new(map)),
                Err(why) => eprintln!("note: CPython's map is left out: {why}"),
            }
        }
        self.rows(size, (K::KIND, V::KIND), &mut maps);
    }

    /// Maps for one thread.
    fn rc_maps<K: Key, V: Value>(&mut self, size: u64) {
        self.progress.now(&title(
            size,
            K::KIND,
            V::KIND,
            "build the maps for one thread",
        ));
        let data = Data::<K, V>::of(size);
        let mut maps: Vec<Box<dyn Contestant + '_>> = vec![
            Box::new(Fixture::<K, V, OursRc<K, V>>::new(OURS_RC, &data)),
            Box::new(Fixture::<K, V, RpdsRc<K, V>>::new(RPDS_RC, &data)),
        ];
        self.rows(size, (K::KIND, V::KIND), &mut maps);
    }

    /// Every row; the first contestant is the subject.
    fn rows(
        &mut self,
        size: u64,
        (keys, values): (&'static str, &'static str),
        maps: &mut [Box<dyn Contestant + '_>],
    ) {
        for row in Row::ALL {
            self.progress.now(&title(size, keys, values, row.name()));
            let estimate = cell_estimate(self.plan, row, size, maps.len());
            let mut playing: Vec<_> = maps.iter_mut().filter(|map| map.takes_part(row)).collect();
            let entrants: Vec<_> = playing.iter().map(|map| map.entrant()).collect();
            let mut turns: Vec<_> = playing
                .iter_mut()
                .map(|map| |iterations| map.run(row, iterations))
                .collect();
            let mut turns: Vec<Turn<'_>> = turns.iter_mut().map(|turn| turn as Turn<'_>).collect();
            let samples = runner::measure(self.plan.pace, &mut turns);
            let samples = samples
                .into_iter()
                .map(|samples| samples.per(row.parts(size)));
            let cell = Cell {
                bench: row.name().into(),
                size,
                keys,
                values,
                bounds: row.bounds(size),
            };
            let measured: Vec<_> = entrants.into_iter().zip(samples).collect();
            self.records.extend(judge(&cell, &measured));
            self.progress.done(estimate);
        }
    }

    /// The rows about memory.
    fn memory(&mut self, size: u64) {
        self.progress.now(&title(size, "u64", "u64", "memory"));
        fn of<M: Map<u64, u64>>(entrant: Entrant, size: u64) -> (Entrant, Memory) {
            (entrant, Memory::of::<M>(size))
        }
        let arc = [
            of::<Ours<u64, u64>>(OURS, size),
            of::<Im<u64, u64>>(IM, size),
            of::<Imbl<u64, u64>>(IMBL, size),
            of::<RpdsArc<u64, u64>>(RPDS, size),
        ];
        let rc = [
            of::<OursRc<u64, u64>>(OURS_RC, size),
            of::<RpdsRc<u64, u64>>(RPDS_RC, size),
        ];
        for (maps, field, entry, version) in [
            (&arc[..], field::ARC, 0.5, 0.8),
            (&rc[..], field::RC, 1.0, 1.0),
        ] {
            let cell = |bench: &str, bound: Bound| Cell {
                bench: bench.into(),
                size,
                keys: "u64",
                values: "u64",
                bounds: vec![(field, bound)],
            };
            let mut row = |bench, share, of: fn(&Memory) -> _| {
                let figures: Vec<_> = maps.iter().map(|(who, found)| (*who, of(found))).collect();
                let bound = Bound::of_peer(share).strict();
                self.records.extend(judge(&cell(bench, bound), &figures));
            };
            row("bytes, per entry", entry, |memory| memory.entry);
            row("bytes, per version of one", version, |memory| {
                memory.version_of_one
            });
            row("bytes, per version of the last", version, |memory| {
                memory.version_of_last
            });
            let update = [(maps[0].0, maps[0].1.update)];
            let none = cell("allocations, update in place", Bound::itself(0.0));
            self.records.extend(judge(&none, &update));
        }
    }
}

fn title(size: u64, keys: &str, values: &str, what: &str) -> String {
    format!("{size} entries, {keys} to {values}: {what}")
}
