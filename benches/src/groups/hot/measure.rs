//! Takes the rows.

use std::time::Duration;

use super::NAME;
use super::block::Block;
use super::contestant::Contestant;
#[cfg(feature = "cpython")]
use super::cpython::Python;
use super::engine::{AtHand, Engine, LookedUp};
use super::field;
use super::fixture::Fixture;
use super::floor::Floor;
use super::kinds::{self, Value};
use super::parts::Parts;
use super::python;
use super::root::Root;
use super::row::Row;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Cell, Entrant, Record, judge};
use crate::runner::{self, Samples, Turn};

/// The engine, with the thread's state as an argument.
pub(super) const AT_HAND: Entrant = subject("contextvars");
/// The engine, with the thread's state looked up.
pub(super) const LOOKED_UP: Entrant = subject("contextvars, current thread");
/// The root types.
pub(super) const ROOT: Entrant = subject("contextvars, root types");
#[cfg(feature = "cpython")]
pub(super) const CPYTHON: Entrant = Entrant {
    name: "CPython",
    field: field::CPYTHON,
};

const fn subject(name: &'static str) -> Entrant {
    Entrant { name, field: "" }
}

/// About so many take part in a row.
const CONTESTANTS: usize = 5;

/// Measures the whole group, or what the plan includes of it.
pub fn measure(plan: &Plan<'_>) -> Vec<Record> {
    let blocks = Block::all(plan);
    let estimate = |block: &Block| block.estimate(plan, CONTESTANTS);
    let native = blocks.iter().map(estimate).sum::<Duration>();
    let mut progress = Progress::start(native + python::estimate(plan));
    #[cfg(feature = "cpython")]
    if let Some(interpreter) = plan.python {
        interpreter.stop_collecting();
    }
    let mut records = Vec::new();
    for block in &blocks {
        records.extend(if block.counted {
            rows::<std::sync::Arc<u64>>(block, plan, &mut progress)
        } else {
            rows::<u64>(block, plan, &mut progress)
        });
    }
    let names = Row::ALL.map(Row::name);
    let place = |record: &Record| names.iter().position(|name| record.bench == *name);
    // By row; within one, as measured.
    records.sort_by_key(place);
    records.extend(python::measure(plan, &mut progress));
    records
}

/// Whom a subject is held against.
struct Side<'a> {
    /// The subject, and then its peers that nobody else has.
    own: Vec<Box<dyn Contestant + 'a>>,
    /// Whether it is held to the bounds.
    bounded: bool,
}

/// Takes a block's rows.
fn rows<V: Value>(block: &Block, plan: &Plan<'_>, progress: &mut Progress) -> Vec<Record> {
    let (size, counted) = (block.size, block.counted);
    let at_hand = || Engine::<V, _>::with(AtHand::new());
    let looked_up = || Engine::<V, _>::with(LookedUp);
    let mut sides = vec![
        Side {
            own: vec![
                Box::new(Fixture::new(AT_HAND, at_hand(), size)),
                Box::new(Parts::new(at_hand(), size)),
                Box::new(Floor { counted }),
            ],
            bounded: true,
        },
        Side {
            own: vec![
                Box::new(Fixture::new(LOOKED_UP, looked_up(), size)),
                Box::new(Parts::new(looked_up(), size)),
            ],
            bounded: true,
        },
        Side {
            own: vec![Box::new(Fixture::new(ROOT, Root { counted }, size))],
            bounded: false,
        },
    ];
    let mut shared: Vec<Box<dyn Contestant + '_>> = Vec::new();
    #[cfg(feature = "cpython")]
    if let Some(interpreter) = plan.python {
        let python = Python {
            interpreter,
            counted,
        };
        shared.push(Box::new(Fixture::new(CPYTHON, python, size)));
    }

    let mut records = Vec::new();
    for &row in &block.rows {
        progress.now(&row.title(size, counted));
        // Everybody in one run; a subject's own come in its order, and what all share last.
        let mut playing: Vec<(Option<usize>, &mut Box<dyn Contestant + '_>)> = Vec::new();
        for (number, side) in sides.iter_mut().enumerate() {
            playing.extend(side.own.iter_mut().map(|it| (Some(number), it)));
        }
        playing.extend(shared.iter_mut().map(|it| (None, it)));
        playing.retain(|(_, it)| it.takes_part(row) && suits(it.entrant(), counted));
        let who: Vec<_> = playing
            .iter()
            .map(|(side, it)| (*side, it.entrant()))
            .collect();
        let mut turns: Vec<_> = playing
            .iter_mut()
            .map(|(_, it)| |iterations| it.run(row, iterations))
            .collect();
        let mut turns: Vec<Turn<'_>> = turns.iter_mut().map(|turn| turn as Turn<'_>).collect();
        let samples = runner::measure(plan.pace, &mut turns);
        for (number, side) in sides.iter().enumerate() {
            let cell = Cell {
                group: NAME,
                bench: row.name().into(),
                size,
                keys: "variable",
                values: kinds::name(counted),
                bounds: match side.bounded {
                    true => row.bounds(size, counted),
                    false => Vec::new(),
                },
            };
            let measured: Vec<(Entrant, Samples)> = who
                .iter()
                .zip(&samples)
                .filter(|((of, _), _)| of.is_none_or(|of| of == number))
                .map(|((_, entrant), samples)| (*entrant, samples.clone()))
                .collect();
            records.extend(judge(&cell, &measured));
        }
        progress.done(plan.pace.estimate(&[Duration::ZERO; CONTESTANTS]));
    }
    records
}

/// The parts are there for values that are counted.
fn suits(entrant: Entrant, counted: bool) -> bool {
    counted || entrant.field != field::PARTS
}
