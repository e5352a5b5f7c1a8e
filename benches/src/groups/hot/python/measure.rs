//! Takes the rows.

use std::path::PathBuf;
use std::time::Duration;

use super::super::NAME;
use super::field;
use super::player::{Player, Source};
use super::row::Row;
use crate::cpython::{Gives, Interpreter, Raised};
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Cell, Entrant, Record, judge};
use crate::runner::{self, Pace, Samples, Turn};

const SIZES: [u64; 4] = [1, 10, 100, 1_000];

const RAISES: &str = "what is measured raises nothing";

/// Our extension, as one build serves all versions.
const STABLE: Entrant = subject("host-cpython");
/// Our extension, as built for this version.
const SPECIFIC: Entrant = subject("host-cpython, for this version");
const BUILT_IN: Entrant = peer(field::BUILT_IN);
const STUB: Entrant = peer(field::STUB);
const BARE: Entrant = peer(field::BARE);

const fn subject(name: &'static str) -> Entrant {
    Entrant { name, field: "" }
}

const fn peer(field: &'static str) -> Entrant {
    Entrant { name: field, field }
}

/// About so many take part in a row, and the loop by itself.
const PLAYERS: usize = 6;

/// The sizes and rows that the plan includes.
fn cells(plan: &Plan<'_>) -> Vec<(u64, Vec<Row>)> {
    if plan.python.is_none() || plan.extensions.is_empty() {
        return Vec::new();
    }
    let included = |size| move |row: &Row| plan.includes(&title(size, *row));
    let rows = |size| Row::ALL.into_iter().filter(included(size)).collect();
    let cells = SIZES.into_iter().map(|size| (size, rows(size)));
    cells
        .filter(|(_, rows): &(_, Vec<_>)| !rows.is_empty())
        .collect()
}

/// What progress calls a row.
fn title(size: u64, row: Row) -> String {
    format!("{size} variables, Python code: {}", row.name())
}

/// About the time of all that the plan includes.
pub fn estimate(plan: &Plan<'_>) -> Duration {
    let rows = cells(plan)
        .iter()
        .map(|(_, rows)| rows.len())
        .sum::<usize>();
    each(plan) * rows as u32
}

fn each(plan: &Plan<'_>) -> Duration {
    pace(plan).estimate(&[Duration::ZERO; PLAYERS])
}

/// More and shorter turns than elsewhere: these rows are few, and a loop in Python is held up by
/// more than what is measured.
fn pace(plan: &Plan<'_>) -> Pace {
    Pace {
        turn: plan.pace.turn / 8,
        rounds: plan.pace.rounds * 5,
    }
}

/// Measures what the plan includes.
pub fn measure(plan: &Plan<'_>, progress: &mut Progress) -> Vec<Record> {
    let mut records = Vec::new();
    let Some(interpreter) = plan.python else {
        return records;
    };
    for (size, rows) in cells(plan) {
        match players(interpreter, plan, size) {
            Ok(players) => {
                for row in rows {
                    progress.now(&title(size, row));
                    records.extend(take(row, size, plan, &players));
                    progress.done(each(plan));
                }
            }
            Err(why) => eprintln!("note: Python code is left out: {why}"),
        }
    }
    let names = Row::ALL.map(Row::name);
    let place = |record: &Record| names.iter().position(|name| record.bench == *name);
    // By row; within one, as measured.
    records.sort_by_key(place);
    records
}

/// Everybody, subjects first.
fn players<'py>(
    interpreter: &'py Interpreter,
    plan: &Plan<'_>,
    size: u64,
) -> Result<Vec<Player<'py>>, Raised> {
    let idle = interpreter.stub(Gives::Ready)?.attribute(c"nothing")?;
    let extension = |path: &'_ Option<PathBuf>| path.clone().map(Source::File);
    let sources = [
        (STABLE, extension(&plan.extensions.stable)),
        (SPECIFIC, extension(&plan.extensions.specific)),
        (BUILT_IN, Some(Source::BuiltIn)),
        (STUB, Some(Source::Stub(Gives::New))),
        (BARE, Some(Source::Stub(Gives::Ready))),
    ];
    let player = |(entrant, source): (Entrant, Option<Source>)| {
        let source = source?;
        Some(Player::new(entrant, interpreter, &source, size, &idle))
    };
    sources.into_iter().filter_map(player).collect()
}

/// Takes one row: each subject beside all who are none.
fn take(row: Row, size: u64, plan: &Plan<'_>, players: &[Player<'_>]) -> Vec<Record> {
    let function = row.function();
    let able = |player: &&Player<'_>| player.has(function).expect(RAISES);
    let playing: Vec<&Player<'_>> = players.iter().filter(able).collect();
    let Some(first) = playing.first() else {
        return Vec::new();
    };
    // What the loop itself costs is nobody's and is taken off: its median, since a loop that was
    // held up in one round would take too much off all others of that round.
    let turn = |player: &'_ Player<'_>, function: &'static str, iterations| {
        player.run(function, iterations).expect(RAISES)
    };
    let mut turns: Vec<Box<dyn FnMut(u64) -> Duration + '_>> = Vec::new();
    turns.push(Box::new(|iterations| turn(first, "nothing", iterations)));
    for player in &playing {
        turns.push(Box::new(|iterations| turn(player, function, iterations)));
    }
    let mut turns: Vec<Turn<'_>> = turns
        .iter_mut()
        .map(|turn| &mut **turn as Turn<'_>)
        .collect();
    let samples = runner::measure(pace(plan), &mut turns);
    let Some((empty, samples)) = samples.split_first() else {
        return Vec::new();
    };
    let of_loop = empty.quartiles().median;
    let all: Vec<(Entrant, Samples)> = playing
        .iter()
        .zip(samples)
        .map(|(player, samples)| (player.entrant, samples.less(of_loop)))
        .collect();
    let cell = Cell {
        group: NAME,
        bench: row.name().into(),
        size,
        keys: "Python code",
        values: "counted",
        bounds: row.bounds(),
    };
    let is_subject = |entrant: &Entrant| [STABLE, SPECIFIC].contains(entrant);
    let (subjects, peers): (Vec<_>, Vec<_>) = all.into_iter().partition(|(who, _)| is_subject(who));
    let beside = |subject| {
        let measured: Vec<_> = std::iter::once(subject).chain(peers.clone()).collect();
        judge(&cell, &measured)
    };
    subjects.into_iter().flat_map(beside).collect()
}
