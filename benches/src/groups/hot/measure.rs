//! Measures the group.

use std::sync::Arc;
use std::time::Duration;

use super::block::Block;
use super::company::{Company, Side};
use super::cpython;
use super::engine::{AtHand, Engine, LookedUp};
use super::entrants;
use super::fixture::Fixture;
use super::floor::Floor;
use super::kinds::Value;
use super::parts::Parts;
use super::python;
use super::root::Root;
use super::row::Row;
use super::{allocations, memory, scale, threads};
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::Record;

/// About so many take part in a row.
const CONTESTANTS: [Duration; 6] = [Duration::ZERO; 6];

/// Measures the whole group, or what the plan includes of it.
pub fn measure(plan: &Plan<'_>) -> Vec<Record> {
    let blocks = Block::all(plan);
    let rows: usize = blocks.iter().map(|block| block.rows.len()).sum();
    let of_blocks = plan.pace.estimate(&CONTESTANTS) * rows as u32;
    let of_others = scale::estimate(plan) + threads::estimate(plan) + python::estimate(plan);
    let mut progress = Progress::start(of_blocks + of_others);
    cpython::prepare(plan);
    let mut records = Vec::new();
    for block in &blocks {
        let mut company = if block.counted {
            company::<Arc<u64>>(block, plan)
        } else {
            company::<u64>(block, plan)
        };
        for &row in &block.rows {
            progress.now(&row.title(block.size, block.counted));
            records.extend(company.take(row, block.size, block.counted, plan));
            progress.done(plan.pace.estimate(&CONTESTANTS));
        }
    }
    records.extend(scale::measure(plan, &mut progress));
    let names = Row::ALL.map(Row::name);
    let place = |record: &Record| names.iter().position(|name| record.bench == *name);
    // By row; within one, as measured.
    records.sort_by_key(place);
    records.extend(threads::measure(plan, &mut progress));
    records.extend(allocations::measure(plan, &progress));
    records.extend(memory::measure(plan, &progress));
    records.extend(python::measure(plan, &mut progress));
    records
}

/// Everybody, with contexts as a block says.
fn company<'a, V: Value>(block: &Block, plan: &Plan<'a>) -> Company<'a> {
    let (size, counted) = (block.size, block.counted);
    let at_hand = || Engine::<V, _>::with(AtHand::new());
    let looked_up = || Engine::<V, _>::with(LookedUp);
    let with_state = Side {
        subject: Box::new(Fixture::new(entrants::AT_HAND, at_hand(), size)),
        peers: vec![
            Box::new(Parts::new(at_hand(), size, counted)),
            Box::new(Floor { counted }),
        ],
        bounded: true,
    };
    let without_state = Side {
        subject: Box::new(Fixture::new(entrants::LOOKED_UP, looked_up(), size)),
        peers: vec![Box::new(Parts::new(looked_up(), size, counted))],
        bounded: true,
    };
    let root = Side {
        subject: Box::new(Fixture::new(entrants::ROOT, Root { counted }, size)),
        peers: Vec::new(),
        bounded: false,
    };
    Company {
        sides: vec![with_state, without_state, root],
        peers: cpython::contestants(size, counted, plan),
    }
}
