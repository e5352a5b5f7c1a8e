//! Reads in a context with very many variables, beside the same reads in one with ten.

use std::time::Duration;

use super::company::{Company, Side};
use super::cpython;
use super::engine::{AtHand, Engine};
use super::entrants;
use super::field;
use super::fixture::Fixture;
use super::kinds;
use super::row::Row;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Entrant, Record};

const FEW: u64 = 10;
const MANY: u64 = 1_000_000;
/// As many as a first look has the time for.
const QUICK_MANY: u64 = 100_000;

const OF_FEW: Entrant = Entrant {
    name: "itself, with ten",
    field: field::FEW,
};

/// Reads that could know how many variables there are: one that is remembered, ones that are not
/// and whose places in the trie are at hand, and ones that may be anywhere.
const ROWS: [Row; 3] = [Row::Read, Row::GetMissOfFew, Row::GetMiss];

/// How many there are, and what the plan includes.
fn rows(plan: &Plan<'_>) -> (u64, Vec<Row>) {
    let size = if plan.quick { QUICK_MANY } else { MANY };
    let included = |row: &Row| plan.includes(&row.title(size, false));
    (size, ROWS.into_iter().filter(included).collect())
}

/// About the time of it.
pub fn estimate(plan: &Plan<'_>) -> Duration {
    let (size, rows) = rows(plan);
    if rows.is_empty() {
        return Duration::ZERO;
    }
    let setup = Duration::from_nanos(5_000 * size);
    setup + plan.pace.estimate(&[Duration::ZERO; 3]) * rows.len() as u32
}

/// Measures what the plan includes.
pub fn measure(plan: &Plan<'_>, progress: &mut Progress) -> Vec<Record> {
    let (size, rows) = rows(plan);
    if rows.is_empty() {
        return Vec::new();
    }
    progress.now(&format!(
        "{size} variables, {}: contexts",
        kinds::name(false)
    ));
    let fixture = |who, size| Fixture::new(who, Engine::<u64, _>::with(AtHand::new()), size);
    let mut company = Company {
        sides: vec![Side {
            subject: Box::new(fixture(entrants::AT_HAND, size)),
            peers: vec![Box::new(fixture(OF_FEW, FEW))],
            bounded: true,
        }],
        peers: cpython::contestants(size, false, plan),
    };
    let mut records = Vec::new();
    for row in rows {
        progress.now(&row.title(size, false));
        records.extend(company.take(row, size, false, plan));
    }
    progress.done(estimate(plan));
    records
}
