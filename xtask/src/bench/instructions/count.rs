//! Counts, under callgrind.

use std::env::consts::EXE_SUFFIX;
use std::path::Path;

use xshell::{Shell, cmd};

use super::figures::Operations;
use crate::progress::Progress;
use crate::{Result, process, workspace};

/// How often an operation is done in the two runs whose difference counts. Of as many digits, so
/// that the runs differ in nothing else.
const TIMES: [u32; 2] = [1_000, 3_000];

/// Builds the program and counts each of its operations.
///
/// # Errors
///
/// What the compiler or the program says, whole.
pub fn all(sh: &Shell, progress: &Progress) -> Result<Operations> {
    // Flags of the caller's would make other instructions.
    let cargo = cmd!(sh, "cargo build --release --package instructions")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    let done = process::run(cargo, |line| progress.note(line))?;
    if !done.succeeded() {
        return Err(format!("{}\nthe program does not build", done.output).into());
    }
    let program = workspace::target().join(format!("release/instructions{EXE_SUFFIX}"));
    let names = cmd!(sh, "{program}").quiet().read()?;
    let mut found = Operations::new();
    for name in names.lines() {
        progress.note(name);
        let [few, many] = TIMES.map(|times| total(sh, &program, name, times));
        let each = (many? - few?) as f64 / f64::from(TIMES[1] - TIMES[0]);
        found.push((name.into(), each));
    }
    Ok(found)
}

/// All instructions of one run.
fn total(sh: &Shell, program: &Path, operation: &str, times: u32) -> Result<u64> {
    let times = times.to_string();
    let valgrind = cmd!(
        sh,
        "valgrind --tool=callgrind --callgrind-out-file=/dev/null {program} {operation} {times}"
    );
    let done = process::run(valgrind.quiet(), |_| {})?;
    match collected(&done.output) {
        Some(total) if done.succeeded() => Ok(total),
        _ => Err(format!("{}\n`{operation}` cannot be counted", done.output).into()),
    }
}

/// Reads callgrind's sum.
fn collected(output: &str) -> Option<u64> {
    let line = output.lines().find(|line| line.contains("Collected :"))?;
    line.split_once(':')?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_found_in_what_callgrind_says() {
        let said = "==17== \n==17== Events    : Ir\n==17== Collected : 1337473\n==17== \n";
        assert_eq!(collected(said), Some(1_337_473));
        assert_eq!(collected("valgrind: no such program"), None);
    }
}
