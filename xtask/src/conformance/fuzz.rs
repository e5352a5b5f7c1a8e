//! Random programs, on the built-in module and on ours.

use std::time::Duration;

use xshell::cmd;

use super::case::{Case, Checked};
use crate::process::{self, End};

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    pub seconds: u64,
    /// Of the first program; each of the others has the next.
    pub seed: u64,
}

/// A trial among the other checks.
pub const SHORT: Trial = Trial {
    seconds: 10,
    seed: 0,
};

/// Beyond its time a trial has to end what it has begun, and to shrink.
const LATE: u64 = 120;

/// Gives how many programs were played.
///
/// # Errors
///
/// What tells the two apart, after the line `told apart after N programs`.
pub fn run(case: &Case<'_>, trial: Trial, on_line: impl FnMut(&str)) -> Checked {
    let (sh, python) = (case.sh, &case.python.path);
    let script = case.scripts.join("fuzz_modules.py");
    let (seconds, seed) = (trial.seconds.to_string(), trial.seed.to_string());
    let mut cmd = cmd!(sh, "{python} {script} --seconds {seconds} --seed {seed}")
        .env("CONTEXTVARS_EXTENSION", case.extension);
    if let Some(embedded) = case.embedded {
        cmd = cmd.env("CONTEXTVARS_EMBEDDED", embedded);
    }
    let limit = Duration::from_secs(trial.seconds + LATE);
    let done = process::run_within(cmd.quiet(), limit, on_line).map_err(|e| e.to_string())?;
    match done.end {
        End::Succeeded => closing(&done.output).ok_or_else(|| strange(&done.output)),
        End::Failed => Err(match failed_after(&done.output) {
            Some(programs) => format!("told apart after {programs} programs\n{}", done.output),
            None => strange(&done.output),
        }),
        End::TimedOut => Err(format!("a program hung after:\n{}", done.output)),
    }
}

/// The script's own closing line, `fuzz: ok; 120 programs …`, without its head.
fn closing(output: &str) -> Option<String> {
    let line = output
        .lines()
        .find_map(|line| line.strip_prefix("fuzz: ok; "))?;
    Some(line.to_owned())
}

fn failed_after(output: &str) -> Option<u64> {
    let line = output
        .lines()
        .find_map(|line| line.strip_prefix("fuzz: FAILED after "))?;
    line.split(' ').next()?.parse().ok()
}

fn strange(output: &str) -> String {
    format!("the script ended without a result:\n{output}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_closing_line_is_its_result() {
        let ok = "12 programs, 1 s left\nfuzz: ok; 13 programs from seed 0 on\n";
        assert_eq!(closing(ok).as_deref(), Some("13 programs from seed 0 on"));
        assert_eq!(failed_after(ok), None);
        let failed = "v0.get()\nfuzz: FAILED after 7 programs\n";
        assert_eq!((closing(failed), failed_after(failed)), (None, Some(7)));
        assert_eq!((closing(""), failed_after("")), (None, None));
    }
}
