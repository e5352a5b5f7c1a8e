//! Random programs on the built-in module and on ours.

use std::time::Duration;

use xshell::cmd;

use super::case::{Case, Checked, script};
use crate::process;

/// The additional time of a run, to end the last program and to shrink a finding.
const LATE: u64 = 120;

/// Runs programs for the seconds of the case, from its seed on. Returns how many.
///
/// # Errors
///
/// The program on which the modules differ, after the line `different after N programs`.
pub fn run(case: &Case<'_>, _: &str) -> Checked {
    let (sh, python, script) = (&case.sh, &case.python.path, script("fuzz_modules.py"));
    let limit = Duration::from_secs(case.seconds + LATE);
    let (seconds, seed) = (case.seconds.to_string(), case.seed.to_string());
    let mut cmd = cmd!(sh, "{python} {script} --seconds {seconds} --seed {seed}")
        .env("CONTEXTVARS_EXTENSION", &case.extension);
    if let Some(embedded) = &case.embedded {
        cmd = cmd.env("CONTEXTVARS_EMBEDDED", embedded);
    }
    let done = process::run_within(cmd.quiet(), limit, |line| case.progress.note(line))?;
    judge(done.succeeded(), &done.output)
}

/// Reads the script's closing line, `fuzz: ok; 120 programs …` or `fuzz: FAILED after 3 …`.
fn judge(succeeded: bool, output: &str) -> Checked {
    let closing = output.lines().find_map(|line| line.strip_prefix("fuzz: "));
    match closing.and_then(|line| line.split_once([' '])) {
        Some(("ok;", programs)) if succeeded => Ok(programs.into()),
        Some(("FAILED", after)) => Err(format!("different {after}\n{output}").into()),
        _ => Err(format!("the script ended without a result:\n{output}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_closing_line_is_its_result() {
        let ok = "12 programs, 1 s left\nfuzz: ok; 13 programs from seed 0 on\n";
        let error = |checked: Checked| checked.unwrap_err().to_string();
        assert_eq!(judge(true, ok).unwrap(), "13 programs from seed 0 on");
        assert!(error(judge(false, ok)).starts_with("the script ended without"));
        assert!(error(judge(true, "")).starts_with("the script ended without"));
        let failed = error(judge(false, "v0.get()\nfuzz: FAILED after 7 programs\n"));
        assert!(failed.starts_with("different after 7 programs\nv0.get()\n"));
    }
}
