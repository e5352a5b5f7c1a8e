//! `cargo xtask bench --instructions`: counts the instructions of the engine's operations.
//!
//! Times vary with the machine and its load, so they do not show a slowdown of 5 %. The number of
//! instructions does not vary: with the same compiler it is the same on every machine. So the gate
//! compares it with committed figures.

use std::collections::{BTreeMap, BTreeSet};
use std::env::consts::EXE_SUFFIX;
use std::path::Path;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{self, Step, watch};
use crate::{Result, process, table, tools, workspace};

/// The file of the committed figures, by compiler and target, from the root of the workspace.
const FILE: &str = "benches/instructions/figures.toml";

/// The first lines of the file.
const HEAD: &str = "\
# Instructions per operation of the engine in a context of 10 variables, by compiler.
# Written by `cargo xtask bench --instructions --renew`.
";

/// The numbers of operations in two runs, whose difference is used. They have the same number of
/// digits, so that the runs differ in nothing else.
const TIMES: [u32; 2] = [1_000, 3_000];

/// The tolerance of a figure: `memcpy` differs between versions of the system's library.
const MOST: f64 = 0.04;

/// The engine's kinds of reference counts, with a column of the table for each.
const COUNTS: [&str; 2] = ["atomic", "plain"];

/// The instructions of each operation, with each of [`COUNTS`].
type Operations = BTreeMap<String, [f64; 2]>;

/// Counts the instructions, and compares them with the committed figures. If `renew`, writes them to
/// the file instead.
///
/// # Errors
///
/// If an operation exceeds its figure; the error of the compiler or valgrind.
pub fn main(sh: &Shell, renew: bool) -> Result<()> {
    if !renew {
        let step = Step::new("instructions", step);
        return step::each(&[step], "cargo xtask bench --instructions");
    }
    let (compiler, mut figures) = (compiler(sh)?, figures(sh)?);
    println!("writing the figures of {compiler} to {FILE}");
    let counted = count(sh, &Progress::start(1, 1, "instructions"))?;
    figures.insert(compiler, counted);
    Ok(sh.write_file(FILE, format!("{HEAD}\n{}", toml::to_string(&figures)?))?)
}

/// The gate's step. It is skipped without valgrind, also in CI.
pub fn step(sh: &Shell, progress: &Progress) -> Result<String> {
    tools::need_valgrind(sh)?;
    let (mut figures, counted) = (figures(sh)?, count(sh, progress)?);
    let committed = figures.remove(&compiler(sh)?);
    let (table, wrong) = compare(&committed.clone().unwrap_or_default(), &counted);
    progress.print(table.trim_end());
    let renew = "`cargo xtask bench --instructions --renew` commits them";
    match committed {
        None => Ok(format!("printed only; for this compiler {renew}")),
        _ if wrong.is_empty() => Ok(format!("{} within their figures", counted.len())),
        _ => Err(format!("{wrong}if these are wanted, {renew}").into()),
    }
}

/// Returns the compiler's version and target, which determine the instructions.
fn compiler(sh: &Shell) -> Result<String> {
    let version = cmd!(sh, "rustc --version").quiet().read()?;
    let host = cmd!(sh, "rustc --print host-tuple").quiet().read()?;
    Ok(format!("{version}, {host}"))
}

/// Builds the program and counts each of its operations under callgrind.
fn count(sh: &Shell, progress: &Progress) -> Result<Operations> {
    // The caller's flags would change the instructions.
    let cargo = cmd!(sh, "cargo build --release --package instructions")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    watch(cargo, progress)?;
    let program = workspace::target().join(format!("release/instructions{EXE_SUFFIX}"));
    let names = cmd!(sh, "{program}").quiet().read()?;
    let each = |name: &str| {
        progress.note(name);
        let each = |counts: &str| {
            let [few, many] = TIMES.map(|times| total(sh, &program, name, times, counts));
            let each = (many? - few?) / f64::from(TIMES[1] - TIMES[0]);
            Result::Ok((each * 10.0).round() / 10.0)
        };
        Ok((name.to_string(), [each(COUNTS[0])?, each(COUNTS[1])?]))
    };
    names.lines().map(each).collect()
}

/// Returns all instructions of one run, as counted by callgrind.
fn total(sh: &Shell, program: &Path, operation: &str, times: u32, counts: &str) -> Result<f64> {
    let times = times.to_string();
    let callgrind = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let arguments = [operation, &times, counts];
    let valgrind = cmd!(sh, "valgrind {callgrind...} {program} {arguments...}");
    let done = process::run(valgrind.quiet(), |_| {})?;
    let sum = done.output.split("Collected :").nth(1);
    match sum.and_then(|rest| rest.split_whitespace().next()?.parse().ok()) {
        Some(total) if done.succeeded() => Ok(total),
        _ => Err(format!("{}\n`{operation}` cannot be counted", done.output).into()),
    }
}

/// Reads the committed figures.
fn figures(sh: &Shell) -> Result<BTreeMap<String, Operations>> {
    Ok(toml::from_str(&sh.read_file(FILE)?)?)
}

/// Returns a table of the counted and committed figures, and a line for each operation that exceeds
/// its figure, is new or is missing.
fn compare(committed: &Operations, counted: &Operations) -> (String, String) {
    let (mut rows, mut wrong) = (Vec::new(), String::new());
    let names: BTreeSet<&String> = counted.keys().chain(committed.keys()).collect();
    for name in names {
        let of = |all: &Operations| all.get(name).copied().unwrap_or([f64::NAN; 2]);
        let (found, figures) = (of(counted), of(committed));
        let mut row = [const { String::new() }; 5];
        row[0].clone_from(name);
        for (column, counts) in COUNTS.into_iter().enumerate() {
            let (found, figure) = (found[column], figures[column]);
            // False for a missing figure, which is NaN.
            let within = found <= figure * (1.0 + MOST);
            if !within {
                wrong += &format!(
                    "`{name}`, {counts} counts: {found:.1} instructions, committed {figure:.1}\n"
                );
            }
            let change = (found / figure - 1.0) * 100.0;
            row[2 * column + 1] = format!("{found:.1}");
            row[2 * column + 2] = format!("{change:+.1} %");
        }
        rows.push(row.map(|cell| cell.replace("NaN", "none")));
    }
    let head = ["operation", "atomic", "change", "plain", "change"];
    (table::layout(head, &rows), wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_above_the_tolerance_and_new_or_missing_operations_are_wrong() {
        let operations = |text: &str| toml::from_str(text).unwrap();
        let committed = operations("get = [50.0, 40.0]\nset = [300.0, 200.0]");
        let wrong = |counted| compare(&committed, &operations(counted)).1;
        assert_eq!(wrong("get = [52.0, 41.6]\nset = [3.0, 2.0]"), "");
        let grown = "`get`, plain counts: 41.7 instructions, committed 40.0\n";
        assert_eq!(wrong("get = [50.0, 41.7]\nset = [300.0, 200.0]"), grown);
        let gone = "`set`, atomic counts: NaN instructions, committed 300.0\n";
        assert!(wrong("get = [50.0, 40.0]").starts_with(gone));
        let new = wrong("get = [50.0, 1.0]\nset = [1.0, 1.0]\nnew = [1.0, 1.0]");
        assert!(new.starts_with("`new`, atomic counts: 1.0"));
    }
}
