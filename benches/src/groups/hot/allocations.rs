//! How often each operation asks for memory, once it has been done for a while: the calls of the
//! global allocator, and of CPython's own for CPython.
//!
//! A thread keeps freed blocks for the next time, so what counts is many operations, and what a
//! few more of them need.

use std::sync::Arc;

use super::NAME;
use super::contestant::Contestant;
use super::cpython;
use super::engine::{AtHand, Engine};
use super::entrants;
use super::field;
use super::fixture::Fixture;
use super::kinds::{self, Value};
use super::root::Root;
use super::row::Row;
use crate::allocator;
use crate::bound::Bound;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Allocations, Cell, Entrant, Record, judge};

const SIZES: [u64; 2] = [10, 1_000];

/// What is done to a context; what reads need is the same for all that are remembered.
const ROWS: [Row; 14] = [
    Row::Read,
    Row::Get,
    Row::GetMiss,
    Row::Set,
    Row::SetAround,
    Row::SetReset,
    Row::Scoped,
    Row::Copy,
    Row::EnterExit,
    Row::Run,
    Row::Callback,
    Row::TaskStep,
    Row::CopySet,
    Row::Item,
];

/// So many operations go before, and so many count.
const OPERATIONS: u64 = 10_000;

/// What is allowed of an operation that may ask now and then.
const HARDLY_EVER: f64 = 0.01;

/// Measures what the plan includes.
pub fn measure(plan: &Plan<'_>, progress: &Progress) -> Vec<Record> {
    let mut records = Vec::new();
    for row in ROWS {
        for size in SIZES {
            records.extend(of_kind::<u64>(row, size, false, plan, progress));
            records.extend(of_kind::<Arc<u64>>(row, size, true, plan, progress));
        }
    }
    records
}

fn of_kind<V: Value>(
    row: Row,
    size: u64,
    counted: bool,
    plan: &Plan<'_>,
    progress: &Progress,
) -> Vec<Record> {
    let title = format!("{}: allocations", row.title(size, counted));
    if !plan.includes(&title) {
        return Vec::new();
    }
    progress.now(&title);
    let engine = Engine::<V, _>::with(AtHand::new());
    let mut engine = Fixture::new(entrants::AT_HAND, engine, size);
    let mut root = Fixture::new(entrants::ROOT, Root { counted }, size);
    let mut peers: Vec<(Entrant, Allocations)> = Vec::new();
    for mut peer in cpython::contestants(size, counted, plan) {
        let counted = of(&mut *peer, row, |work| cpython::allocations(plan, work));
        peers.push((peer.entrant(), counted));
    }
    let of_process = |work: &mut dyn FnMut()| allocator::count(work).1.allocations;
    let bounds: Vec<_> = bound(row)
        .map(|bound| (field::CPYTHON, bound))
        .into_iter()
        .collect();
    let mut records = Vec::new();
    for (who, bounds) in [
        (&mut engine as &mut dyn Contestant, bounds),
        (&mut root, Vec::new()),
    ] {
        let cell = Cell {
            group: NAME,
            bench: format!("allocations, {}", row.name()),
            size,
            keys: "variable",
            values: kinds::name(counted),
            bounds,
        };
        let own = (who.entrant(), of(who, row, of_process));
        let measured: Vec<_> = [own].into_iter().chain(peers.iter().copied()).collect();
        records.extend(judge(&cell, &measured));
    }
    records
}

/// What the engine may need, whatever others do.
fn bound(row: Row) -> Option<Bound> {
    match row {
        Row::Read | Row::Run => Some(Bound::itself(0.0)),
        Row::Set | Row::SetAround => Some(Bound::itself(HARDLY_EVER)),
        _ => None,
    }
}

/// How often somebody asks in a row, per operation. A row prepares and clears up as well, the
/// same for any number of operations: so what counts is what twice as many need more.
fn of(who: &mut dyn Contestant, row: Row, count: impl Fn(&mut dyn FnMut()) -> u64) -> Allocations {
    who.run(row, OPERATIONS);
    let mut after = |operations| {
        count(&mut || {
            who.run(row, operations);
        })
    };
    let (once, twice) = (after(OPERATIONS), after(2 * OPERATIONS));
    Allocations(twice.saturating_sub(once) as f64 / OPERATIONS as f64)
}
