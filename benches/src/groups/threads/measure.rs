//! Measures the group.

use std::thread;
use std::time::Duration;

use super::NAME;
use super::entrant::{ALONE, ITSELF, LOCKED, OURS, TASK_LOCAL};
use super::library::Library;
use super::locked::Locked;
use super::ours::Ours;
use super::row::Row;
use super::start::together;
use super::task_local::TaskLocal;
use crate::bound::Bound;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Cell, Record, judge};
use crate::runner;

/// So many take part in a row.
const ENTRANTS: [Duration; 4] = [Duration::ZERO; 4];

/// Measures what the plan includes of it, at one thread, two, and so on, as there are processors.
pub fn measure(plan: &Plan<'_>) -> Vec<Record> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let counts = (0..).map(|power| 1 << power);
    let counts: Vec<usize> = counts.take_while(|count| *count <= processors).collect();
    let mut cells = Vec::new();
    for row in Row::ALL {
        cells.extend(counts.iter().map(|&threads| (row, threads)));
    }
    cells.retain(|&(row, threads)| plan.includes(&title(row, threads)));
    let each = plan.pace.estimate(&ENTRANTS);
    let mut progress = Progress::start(each * cells.len() as u32);
    let mut records = Vec::new();
    for (row, threads) in cells {
        progress.now(&title(row, threads));
        records.extend(in_row(plan, row, threads));
        progress.done(each);
    }
    records
}

fn title(row: Row, threads: usize) -> String {
    format!("{threads} threads: {}", row.name())
}

/// Measures a row on so many threads.
fn in_row(plan: &Plan<'_>, row: Row, threads: usize) -> Vec<Record> {
    let (ours, locked) = (Ours::new(), Locked::new());
    let all: [(_, &dyn Library, usize); 4] = [
        (OURS, &ours, threads),
        (ITSELF, &ours, 1),
        (LOCKED, &locked, threads),
        (TASK_LOCAL, &TaskLocal, threads),
    ];
    // On one thread nobody is beside itself.
    let entrants = all
        .into_iter()
        .filter(|entrant| threads > 1 || entrant.0 != ITSELF);
    let (names, mut turns): (Vec<_>, Vec<_>) = entrants
        .map(|(name, library, threads)| {
            let turn = move |iterations| {
                together(threads, |number, start| {
                    library.work(row, number, iterations, start)
                })
            };
            (name, turn)
        })
        .unzip();
    let mut turns: Vec<runner::Turn<'_>> = turns.iter_mut().map(|turn| turn as _).collect();
    let samples = runner::measure(plan.pace, &mut turns);
    let cell = Cell {
        group: NAME,
        bench: row.name().into(),
        size: threads as u64,
        keys: "variable",
        values: "immediate",
        bounds: bounds(row, threads),
    };
    judge(&cell, &names.into_iter().zip(samples).collect::<Vec<_>>())
}

/// Two threads that do twice as much have the cost of one.
fn bounds(row: Row, threads: usize) -> Vec<(&'static str, Bound)> {
    let share = row.speedup().filter(|_| threads == 2);
    share
        .map(|speedup| (ALONE, Bound::of_peer_exactly(2.0 / speedup).strict()))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::Pace;

    #[test]
    fn everybody_does_every_row_on_two_threads() {
        let plan = Plan {
            pace: Pace {
                turn: Duration::from_micros(50),
                rounds: 3,
            },
            quick: true,
            only: Vec::new(),
            python: None,
            extensions: Default::default(),
        };
        for row in Row::ALL {
            let records = in_row(&plan, row, 2);
            let peers: Vec<_> = records.iter().filter_map(|it| it.peer.as_deref()).collect();
            assert_eq!(peers, [ITSELF.name, LOCKED.name, TASK_LOCAL.name]);
            let bounded = records.iter().filter(|record| record.bound.is_some());
            assert_eq!(bounded.count(), usize::from(row.speedup().is_some()));
        }
    }
}
