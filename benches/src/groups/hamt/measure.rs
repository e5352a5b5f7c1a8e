//! Takes the rows.

use std::time::Duration;

use super::NAME;
use super::block::Block;
use super::contestant::Contestant;
#[cfg(feature = "cpython")]
use super::cpython;
use super::data::Data;
use super::field;
use super::fixture::Fixture;
use super::kinds::{Key, Value};
use super::maps::{Im, Imbl, Ours, OursRc, RpdsArc, RpdsRc};
use super::memory;
use super::row::Row;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Cell, Entrant, Record, judge};
use crate::runner::{self, Turn};

pub(super) const OURS: Entrant = entrant("hamt", field::ARC);
pub(super) const OURS_RC: Entrant = entrant("hamt Rc", field::RC);
pub(super) const IM: Entrant = entrant("im", field::ARC);
pub(super) const IMBL: Entrant = entrant("imbl", field::ARC);
pub(super) const RPDS: Entrant = entrant("rpds", field::ARC);
pub(super) const RPDS_RC: Entrant = entrant("rpds Rc", field::RC);

const fn entrant(name: &'static str, field: &'static str) -> Entrant {
    Entrant { name, field }
}

/// Measures the whole group, or what the plan includes of it.
pub fn measure(plan: &Plan<'_>) -> Vec<Record> {
    let blocks = Block::all(plan);
    let estimates = blocks.iter().map(|block| {
        let rows = block.rows.iter().map(|row| block.estimate(plan, *row));
        block.setup_estimate() + rows.sum::<Duration>()
    });
    let mut progress = Progress::start(estimates.sum());
    #[cfg(feature = "cpython")]
    if let Some(interpreter) = plan.python {
        interpreter.stop_collecting();
    }
    let mut records: Vec<Record> = blocks
        .iter()
        .flat_map(|block| (block.measure)(block, plan, &mut progress))
        .collect();
    let names = Row::ALL.map(Row::name);
    let place = |record: &Record| names.iter().position(|name| record.bench == *name);
    // By row; within one, as measured.
    records.sort_by_key(place);
    records.extend(memory::measure(plan, &progress));
    records
}

/// Measures maps that threads may share, beside CPython's.
pub(super) fn arc_maps<K: Key, V: Value>(
    block: &Block,
    plan: &Plan<'_>,
    progress: &mut Progress,
) -> Vec<Record> {
    progress.begin(&block.title("maps"));
    let data = Data::<K, V>::of(block.size);
    #[cfg(feature = "cpython")]
    let objects = plan
        .python
        .map(|python| cpython::objects::<V>(python, block.size));
    let mut maps: Vec<Box<dyn Contestant + '_>> = vec![
        Box::new(Fixture::<K, V, Ours<K, V>>::new(OURS, &data)),
        Box::new(Fixture::<K, V, Im<K, V>>::new(IM, &data)),
        Box::new(Fixture::<K, V, Imbl<K, V>>::new(IMBL, &data)),
        Box::new(Fixture::<K, V, RpdsArc<K, V>>::new(RPDS, &data)),
    ];
    #[cfg(feature = "cpython")]
    if let Some((python, objects)) = plan.python.zip(objects.as_ref()) {
        match cpython::Python::new(python, objects) {
            Ok(map) => maps.push(Box::new(map)),
            Err(why) => eprintln!("note: CPython's map is left out: {why}"),
        }
    }
    rows(block, plan, progress, &mut maps)
}

/// Measures maps for one thread.
pub(super) fn rc_maps<K: Key, V: Value>(
    block: &Block,
    plan: &Plan<'_>,
    progress: &mut Progress,
) -> Vec<Record> {
    progress.begin(&block.title("maps"));
    let data = Data::<K, V>::of(block.size);
    let mut maps: Vec<Box<dyn Contestant + '_>> = vec![
        Box::new(Fixture::<K, V, OursRc<K, V>>::new(OURS_RC, &data)),
        Box::new(Fixture::<K, V, RpdsRc<K, V>>::new(RPDS_RC, &data)),
    ];
    rows(block, plan, progress, &mut maps)
}

/// Takes a block's rows; the first of the maps is the subject.
fn rows(
    block: &Block,
    plan: &Plan<'_>,
    progress: &mut Progress,
    maps: &mut [Box<dyn Contestant + '_>],
) -> Vec<Record> {
    progress.done(block.setup_estimate());
    let mut records = Vec::new();
    for &row in &block.rows {
        progress.now(&block.title(row.name()));
        let mut playing: Vec<_> = maps.iter_mut().filter(|map| map.takes_part(row)).collect();
        let entrants: Vec<_> = playing.iter().map(|map| map.entrant()).collect();
        let mut turns: Vec<_> = playing
            .iter_mut()
            .map(|map| |iterations| map.run(row, iterations))
            .collect();
        let mut turns: Vec<Turn<'_>> = turns.iter_mut().map(|turn| turn as Turn<'_>).collect();
        let samples = runner::measure(plan.pace, &mut turns).into_iter();
        let samples = samples.map(|samples| samples.per(row.parts(block.size)));
        let cell = Cell {
            group: NAME,
            bench: row.name().into(),
            size: block.size,
            keys: block.keys,
            values: block.values,
            bounds: row.bounds(block.size),
        };
        let measured: Vec<_> = entrants.into_iter().zip(samples).collect();
        records.extend(judge(&cell, &measured));
        progress.done(block.estimate(plan, row));
    }
    records
}
