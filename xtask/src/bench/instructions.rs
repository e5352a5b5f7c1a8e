//! `cargo xtask bench --instructions`: how many instructions the engine's operations take.
//!
//! Times move with the machine and its neighbours, and a slowdown by a twentieth hides in them.
//! Instructions do not: with the same compiler they are the same everywhere, to the last one. So
//! the gate can hold them against figures that are committed.

use std::collections::{BTreeMap, BTreeSet};
use std::env::consts::EXE_SUFFIX;
use std::path::Path;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{self, Step, watch};
use crate::{Result, process, table, tools, workspace};

/// The committed figures, from the root of the workspace: by compiler, with what it compiles for.
const FILE: &str = "benches/instructions/figures.toml";

/// What the file begins with.
const HEAD: &str = "\
# Instructions per operation of the engine in a context of 10 variables, by compiler.
# Written by `cargo xtask bench --instructions --renew`.
";

/// How often an operation is done in the two runs whose difference counts. Of as many digits, so
/// that the runs differ in nothing else.
const TIMES: [u32; 2] = [1_000, 3_000];

/// An operation may take this share more than its figure says: another system library copies
/// memory in other steps.
const MOST: f64 = 0.04;

/// How the engine counts bindings: a column of the table each.
const COUNTS: [&str; 2] = ["atomic", "plain"];

/// Instructions of operations with each of [`COUNTS`], in any order.
type Operations = BTreeMap<String, [f64; 2]>;

/// Counts, prints, and compares with what is committed, or commits the new figures if `renew`.
///
/// # Errors
///
/// Where an operation takes more than it may; what the compiler or valgrind says.
pub fn main(sh: &Shell, renew: bool) -> Result<()> {
    if !renew {
        let step = Step::new("instructions", step);
        return step::each(&[step], "cargo xtask bench --instructions");
    }
    let (compiler, mut figures) = (compiler(sh)?, figures(sh)?);
    println!("the figures of {compiler} go to {FILE}");
    let counted = count(sh, &Progress::start(1, 1, "instructions"))?;
    figures.insert(compiler, counted);
    Ok(sh.write_file(FILE, format!("{HEAD}\n{}", toml::to_string(&figures)?))?)
}

/// The gate's step. Without valgrind there is nothing to say, also in CI.
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

/// The compiler in use, as it says its version, and what it compiles for: another makes other
/// instructions.
fn compiler(sh: &Shell) -> Result<String> {
    let version = cmd!(sh, "rustc --version").quiet().read()?;
    let host = cmd!(sh, "rustc --print host-tuple").quiet().read()?;
    Ok(format!("{version}, {host}"))
}

/// Builds the program and counts each of its operations under callgrind.
fn count(sh: &Shell, progress: &Progress) -> Result<Operations> {
    // Flags of the caller's would make other instructions.
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

/// All instructions of one run: callgrind's sum.
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

/// A table of what was counted beside what is committed, and a line for each operation that takes
/// more than it may, has come or has gone.
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
            // No comparison with a figure that is not there is true.
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
    fn growth_by_more_than_a_twenty_fifth_is_wrong_and_so_is_what_comes_or_goes() {
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
