//! `cargo xtask bench rustpython`: Python code over our context variables and over RustPython's own, in
//! turns, in one binary.

use std::path::Path;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::{Result, publish, rustpython, table, workspace};

/// The group.
pub const NAME: &str = "rustpython";

/// What measures a row.
const SCRIPT: &str = "crates/host-rustpython/rows.py";

/// How often each row is measured on each module.
const ROUNDS: usize = 9;

/// What a bound of 1.0 reads as, since no two runs are the same.
const AS_FAST: f64 = 1.05;

/// Each row with what its ratio to the built-in module's may be at most.
const ROWS: &[(&str, f64)] = &[
    ("get", AS_FAST),
    ("set", AS_FAST),
    ("set + reset", AS_FAST),
    ("copy of 10", AS_FAST),
    ("copy of 1,000", 0.05),
    ("copy of 10,000", AS_FAST),
    ("run", AS_FAST),
    ("gather, a task", AS_FAST),
];

/// Each row of two threads, with how much they must do in the time of one. What shares
/// nothing shows how much these threads can do at all.
const THREADS: &[(&str, Option<f64>)] = &[("get", Some(1.8)), ("nothing shared", None)];

/// Where the table is published.
const PAGE: &str = "docs/performance.md";

/// Measures every row, prints the table, and publishes it if told to.
///
/// # Errors
///
/// When a row cannot be measured.
pub fn main(sh: &Shell, publishes: bool) -> Result<()> {
    let python = rustpython::build(sh)?;
    let of = ROWS.len() + THREADS.len();
    let mut rows = Vec::new();
    let mut missed = 0;
    for (index, (name, bound)) in ROWS.iter().enumerate() {
        let progress = Progress::start(index + 1, of, name);
        let [ours, built_in] = in_turns(|| {
            Ok([
                measure(sh, &python, name, false)?,
                measure(sh, &python, name, true)?,
            ])
        })?;
        let ratios = ours.iter().zip(&built_in).map(|(ours, other)| ours / other);
        let ratio = Quartiles::of(ratios.collect());
        let holds = ratio.median <= *bound;
        missed += usize::from(!holds);
        let row = cells(
            name,
            &ours,
            &built_in,
            &ratio.to_string(),
            &format!("at most {bound}"),
            Some(holds),
        );
        progress.print(&row.join("  "));
        rows.push(row);
    }
    for (index, (name, bound)) in THREADS.iter().enumerate() {
        let progress = Progress::start(ROWS.len() + index + 1, of, name);
        let row = |threads| measure(sh, &python, &format!("{name}, {threads}"), false);
        let [one, two] = in_turns(|| Ok([row("one thread")?, row("two threads")?]))?;
        let scaled = one.iter().zip(&two).map(|(one, two)| 2.0 * one / two);
        let scaled = Quartiles::of(scaled.collect());
        let holds = bound.map(|bound| scaled.median >= bound);
        missed += usize::from(holds == Some(false));
        let row = cells(
            &format!("{name}, two threads over one"),
            &two,
            &one,
            &scaled.to_string(),
            &bound.map_or_else(String::new, |bound| format!("at least {bound}")),
            holds,
        );
        progress.print(&row.join("  "));
        rows.push(row);
    }
    let head = ["operation", "ours", "built-in", "ratio", "bound", ""];
    println!("\n{}", table::layout(head, &rows));
    if publishes {
        publish::table(sh, PAGE, "bench rustpython", head, &rows)?;
    }
    match missed {
        0 => println!("The table holds."),
        missed => println!("The table does not hold: {missed} of {of} rows miss."),
    }
    Ok(())
}

/// The figures of two subjects, measured one after the other, round by round.
fn in_turns(round: impl Fn() -> Result<[f64; 2]>) -> Result<[Vec<f64>; 2]> {
    let rounds: Result<Vec<_>> = (0..ROUNDS).map(|_| round()).collect();
    let rounds = rounds?;
    Ok([0, 1].map(|subject| rounds.iter().map(|round| round[subject]).collect()))
}

/// Nanoseconds an operation of a row.
fn measure(sh: &Shell, python: &Path, row: &str, built_in: bool) -> Result<f64> {
    let script = workspace::root().join(SCRIPT);
    let mut cmd = cmd!(sh, "{python} {script} {row}").quiet();
    cmd = match built_in {
        true => cmd.env("CONTEXTVARS_BUILT_IN", "1"),
        false => cmd.env_remove("CONTEXTVARS_BUILT_IN"),
    };
    let printed = cmd.read()?;
    let number = printed.trim().parse();
    number.map_err(|_| format!("`{row}` printed no number: {printed}").into())
}

fn cells(
    name: &str,
    ours: &[f64],
    other: &[f64],
    ratio: &str,
    bound: &str,
    holds: Option<bool>,
) -> [String; 6] {
    let median = |times: &[f64]| format!("{:.0} ns", Quartiles::of(times.to_vec()).median);
    let verdict = match holds {
        Some(true) => "holds",
        Some(false) => "MISS",
        None => "",
    };
    [
        name.into(),
        median(ours),
        median(other),
        ratio.into(),
        bound.into(),
        verdict.into(),
    ]
}

/// Where the middle half of some figures is.
struct Quartiles {
    lower: f64,
    median: f64,
    upper: f64,
}

impl Quartiles {
    fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |part: usize| figures[(figures.len() - 1) * part / 4];
        Quartiles {
            lower: at(1),
            median: at(2),
            upper: at(3),
        }
    }
}

impl std::fmt::Display for Quartiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Quartiles {
            lower,
            median,
            upper,
        } = self;
        write!(f, "{median:.2} ({lower:.2} to {upper:.2})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_of_the_sorted_figures() {
        let quartiles = Quartiles::of(vec![5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(quartiles.to_string(), "3.00 (2.00 to 4.00)");
    }

    #[test]
    fn rounds_are_taken_apart_by_subject() {
        let count = std::cell::Cell::new(0.0);
        let next = || {
            count.set(count.get() + 1.0);
            count.get()
        };
        let [first, second] = in_turns(|| Ok([next(), next()])).unwrap();
        assert_eq!((first.len(), second.len()), (ROUNDS, ROUNDS));
        assert_eq!((first[0], second[0], first[1]), (1.0, 2.0, 3.0));
    }
}
