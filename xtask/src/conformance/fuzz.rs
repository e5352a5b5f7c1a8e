//! Random programs, on the built-in module and on ours.

use std::time::Duration;

use xshell::cmd;

use super::case::{Case, Checked, script};
use crate::process;

/// Beyond its time a run has to end what it has begun, and to shrink.
const LATE: u64 = 120;

/// Plays programs for so many seconds, the first of this seed; each of the others has the next.
/// Returns how many.
///
/// # Errors
///
/// What tells the two apart, after the line `told apart after N programs`.
pub fn run(case: &Case, seconds: u64, seed: u64, on_line: impl FnMut(&str)) -> Checked {
    let (sh, python, script) = (&case.sh, &case.python.path, script("fuzz_modules.py"));
    let limit = Duration::from_secs(seconds + LATE);
    let (seconds, seed) = (seconds.to_string(), seed.to_string());
    let mut cmd = cmd!(sh, "{python} {script} --seconds {seconds} --seed {seed}")
        .env("CONTEXTVARS_EXTENSION", &case.extension);
    if let Some(embedded) = &case.embedded {
        cmd = cmd.env("CONTEXTVARS_EMBEDDED", embedded);
    }
    let done = process::run_within(cmd.quiet(), limit, on_line).map_err(|e| e.to_string())?;
    judge(done.succeeded(), &done.output)
}

/// Reads the script's own closing line, `fuzz: ok; 120 programs …` or `fuzz: FAILED after 3 …`.
fn judge(succeeded: bool, output: &str) -> Checked {
    let closing = output.lines().find_map(|line| line.strip_prefix("fuzz: "));
    match closing.and_then(|line| line.split_once([' '])) {
        Some(("ok;", programs)) if succeeded => Ok(programs.into()),
        Some(("FAILED", after)) => Err(format!("told apart {after}\n{output}")),
        _ => Err(format!("the script ended without a result:\n{output}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_closing_line_is_its_result() {
        let ok = "12 programs, 1 s left\nfuzz: ok; 13 programs from seed 0 on\n";
        assert_eq!(judge(true, ok), Ok("13 programs from seed 0 on".into()));
        assert!(
            judge(false, ok)
                .unwrap_err()
                .starts_with("the script ended without")
        );
        assert!(judge(true, "").is_err());
        let failed = judge(false, "v0.get()\nfuzz: FAILED after 7 programs\n").unwrap_err();
        assert!(
            failed.starts_with("told apart after 7 programs\nv0.get()\n"),
            "{failed}"
        );
    }
}
