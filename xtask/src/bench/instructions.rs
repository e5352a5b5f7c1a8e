//! `cargo xtask bench --instructions`: how many instructions the engine's operations take.
//!
//! Times move with the machine and its neighbours, and a slowdown by a twentieth hides in them.
//! Instructions do not: with the same compiler they are the same everywhere, to the last one. So
//! the gate can hold them against figures that are committed.

use std::collections::BTreeMap;
use std::env::consts::EXE_SUFFIX;
use std::path::Path;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{Outcome, must};
use crate::{Result, process, table, valgrind, workspace};

/// The committed figures, from the root of the workspace: by compiler, with what it compiles for.
const FILE: &str = "benches/instructions/figures.toml";

/// What the file begins with.
const HEAD: &str = "\
# Instructions per operation of the engine in a context of 10 variables, by compiler.
# Written by `cargo xtask bench --instructions --renew`.
";

/// How it is renewed.
const RENEW: &str = "cargo xtask bench --instructions --renew";

/// How often an operation is done in the two runs whose difference counts. Of as many digits, so
/// that the runs differ in nothing else.
const TIMES: [u32; 2] = [1_000, 3_000];

/// An operation may take this share more than its figure says: another system library copies
/// memory in other steps.
const MOST: f64 = 0.05;

/// Instructions of operations, in any order.
type Operations = BTreeMap<String, f64>;

/// Counts, prints, and compares with what is committed, or commits the new figures if `renew`.
///
/// # Errors
///
/// Where an operation takes more than it may; where there is no valgrind; what the compiler says.
pub fn main(sh: &Shell, renew: bool) -> Result<()> {
    let progress = Progress::start(1, 1, "instructions");
    let (compiler, counted) = (compiler(sh)?, count(sh, &progress)?);
    let mut figures = figures(sh)?;
    if renew {
        figures.insert(compiler.clone(), counted);
        sh.write_file(FILE, text(&figures))?;
        println!("these are the figures of {compiler} in {FILE}");
        return Ok(());
    }
    let (table, verdict) = compare(figures.get(&compiler), &counted);
    println!("\n{table}{}", verdict?);
    Ok(())
}

/// The gate's step. Without valgrind there is nothing to say, also in CI.
pub fn step(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    if let Some(install) = valgrind::missing(sh) {
        return Ok(Outcome::NotHere(install));
    }
    let (figures, counted) = (figures(sh)?, count(sh, progress)?);
    let (table, verdict) = compare(figures.get(&compiler(sh)?), &counted);
    progress.print(table.trim_end());
    Ok(match verdict {
        Ok(counted) => Outcome::Passed(counted),
        Err(why) => Outcome::Failed(format!("{table}\n{why}")),
    })
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
    must(cargo, progress)?;
    let program = workspace::target().join(format!("release/instructions{EXE_SUFFIX}"));
    let names = cmd!(sh, "{program}").quiet().read()?;
    let each = |name: &str| {
        progress.note(name);
        let [few, many] = TIMES.map(|times| total(sh, &program, name, times));
        let each = (many? - few?) / f64::from(TIMES[1] - TIMES[0]);
        Ok((name.to_string(), each))
    };
    names.lines().map(each).collect()
}

/// All instructions of one run: callgrind's sum.
fn total(sh: &Shell, program: &Path, operation: &str, times: u32) -> Result<f64> {
    let times = times.to_string();
    let callgrind = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let valgrind = cmd!(sh, "valgrind {callgrind...} {program} {operation} {times}");
    let done = process::run(valgrind.quiet(), |_| {})?;
    let mut sums = done
        .output
        .lines()
        .filter_map(|line| line.split_once("Collected :"));
    match sums.next().map(|(_, sum)| sum.trim().parse()) {
        Some(Ok(total)) if done.succeeded() => Ok(total),
        _ => Err(format!("{}\n`{operation}` cannot be counted", done.output).into()),
    }
}

/// Reads the committed figures.
fn figures(sh: &Shell) -> Result<BTreeMap<String, Operations>> {
    Ok(toml::from_str(&sh.read_file(FILE)?)?)
}

fn text(figures: &BTreeMap<String, Operations>) -> String {
    let mut text = String::from(HEAD);
    for (compiler, operations) in figures {
        text.push_str(&format!("\n[\"{compiler}\"]\n"));
        for (name, figure) in operations {
            text.push_str(&format!("\"{name}\" = {figure:.1}\n"));
        }
    }
    text
}

/// A table of what was counted beside what is committed, and what there is to say in one line; an
/// error where an operation takes more than it may, has come or has gone.
fn compare(
    committed: Option<&Operations>,
    counted: &Operations,
) -> (String, std::result::Result<String, String>) {
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    let none = Operations::new();
    for name in counted.keys().chain(
        committed
            .unwrap_or(&none)
            .keys()
            .filter(|name| !counted.contains_key(*name)),
    ) {
        let (found, figure) = (counted.get(name), committed.and_then(|all| all.get(name)));
        let both = found.zip(figure);
        match both {
            Some((found, figure)) if *found > figure * (1.0 + MOST) => {
                wrong.push(format!(
                    "`{name}` takes {found:.1} instructions, not {figure:.1}"
                ));
            }
            None if committed.is_some() => {
                wrong.push(format!("`{name}` is counted or committed, not both"));
            }
            _ => {}
        }
        let show = |figure: Option<&f64>| figure.map_or(String::new(), |one| format!("{one:.1}"));
        let change =
            both.map(|(found, figure)| format!("{:+.1} %", (found / figure - 1.0) * 100.0));
        rows.push([
            name.clone(),
            show(found),
            show(figure),
            change.unwrap_or_default(),
        ]);
    }
    let table = table::layout(["operation", "instructions", "committed", "change"], &rows);
    let verdict = match committed {
        None => Ok(format!(
            "no figures for this compiler: printed only; `{RENEW}` commits them"
        )),
        _ if wrong.is_empty() => Ok(format!("{} operations within their figures", rows.len())),
        _ => Err(format!(
            "{}; if that is wanted, `{RENEW}`",
            wrong.join("; ")
        )),
    };
    (table, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(figures: &[(&str, f64)]) -> Operations {
        let own = |(name, figure): &(&str, f64)| (name.to_string(), *figure);
        figures.iter().map(own).collect()
    }

    #[test]
    fn figures_come_back_as_they_were_written() {
        let figures = BTreeMap::from([
            ("rustc 1".to_string(), operations(&[("get, cached", 25.0)])),
            (
                "rustc 2".to_string(),
                operations(&[("get", 1.5), ("set", 315.0)]),
            ),
        ]);
        assert_eq!(toml::from_str(&text(&figures)), Ok(figures));
    }

    #[test]
    fn growth_by_more_than_a_twentieth_fails_and_so_does_what_comes_or_goes() {
        let committed = operations(&[("get", 40.0), ("set", 300.0)]);
        let verdict = |counted: &[(&str, f64)]| compare(Some(&committed), &operations(counted));
        let (table, passed) = verdict(&[("get", 42.0), ("set", 3.0)]);
        assert!(
            table.contains("get        42.0          40.0       +5.0 %\n"),
            "{table}"
        );
        assert_eq!(passed, Ok("2 operations within their figures".into()));
        let why = verdict(&[("get", 42.1), ("set", 400.0)]).1.unwrap_err();
        let grown =
            "`get` takes 42.1 instructions, not 40.0; `set` takes 400.0 instructions, not 300.0";
        assert!(why.starts_with(grown), "{why}");
        assert!(verdict(&[("get", 40.0)]).1.is_err());
        assert!(
            verdict(&[("get", 40.0), ("set", 1.0), ("new", 1.0)])
                .1
                .is_err()
        );
        assert!(compare(None, &committed).1.is_ok());
    }
}
