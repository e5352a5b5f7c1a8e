//! The interpreter's own test suites, over the built-in module and over ours.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use xshell::Cmd;

use super::case::{Case, Checked, printed, script};
use crate::workspace;

/// A suite that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(900);

/// How the tests of a suite ended, ours beside the built-in module's.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    passed: usize,
    /// By the suite itself, or failed as the suite expects.
    skipped: usize,
    /// Failed over the built-in module as well.
    failed_in_both: usize,
    /// Tests that only fail over ours, with how.
    worse: Vec<String>,
}

impl Tally {
    /// What was counted.
    ///
    /// # Errors
    ///
    /// The tests that only fail over ours.
    pub fn checked(&self) -> Checked {
        if self.worse.is_empty() {
            return Ok(self.to_string());
        }
        let worse = self.worse.join("\n");
        Err(format!("tests fail over ours alone:\n{worse}"))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.failed_in_both + self.worse.len();
        let run = self.passed + self.skipped + failed;
        write!(f, "{run} run, {} passed, {failed} failed", self.passed)?;
        if self.failed_in_both > 0 {
            write!(f, " ({} over the built-in module too)", self.failed_in_both)?;
        }
        write!(f, ", {} skipped by itself", self.skipped)
    }
}

/// By test, how it ended.
pub type Ends = BTreeMap<String, String>;

/// Runs the suite of this name over both.
///
/// # Errors
///
/// The tests that only fail over ours; what went wrong, if a run did not come to its end.
pub fn run(case: &Case, suite: &str) -> Checked {
    let ends = |python: Cmd<'_>, only: &[String]| -> Result<Ends, String> {
        let folder = case.sh.create_dir(workspace::target().join("conformance"));
        let file = folder
            .map_err(|error| error.to_string())?
            .join(format!("{suite}.ends"));
        printed(
            python
                .arg(script("suites.py"))
                .arg(suite)
                .arg(&file)
                .args(only),
            LIMIT,
        )?;
        Ok(read(
            &case.sh.read_file(file).map_err(|error| error.to_string())?,
        ))
    };
    let run = |only: &[String]| -> Result<Tally, String> {
        Ok(compare(
            &ends(case.over_built_in(), only)?,
            &ends(case.over_ours(), only)?,
        ))
    };
    let mut tally = run(&[])?;
    if !tally.worse.is_empty() {
        // Tests that wait for a clock may fail by chance: once more, on their own.
        let only: Vec<_> = names(&tally.worse).map(str::to_owned).collect();
        let again = run(&only)?;
        tally.passed += again.passed;
        tally.skipped += again.skipped;
        tally.failed_in_both += again.failed_in_both;
        tally.worse = again.worse;
    }
    tally.checked()
}

fn names(worse: &[String]) -> impl Iterator<Item = &str> {
    worse.iter().filter_map(|line| line.split(' ').next())
}

/// Reads lines `TEST => END`. Of a test that ends in several ways, as one with parts does, the
/// worst counts.
fn read(written: &str) -> Ends {
    let mut ends = Ends::new();
    for (test, end) in written.lines().filter_map(|line| line.split_once(" => ")) {
        let known = ends
            .entry(test.to_owned())
            .or_insert_with(|| end.to_owned());
        if is_good(known) {
            end.clone_into(known);
        }
    }
    ends
}

fn is_good(end: &str) -> bool {
    end == "ok" || is_skipped(end)
}

fn is_skipped(end: &str) -> bool {
    end.starts_with("skipped: ") || end == "failed as expected"
}

/// Counts how ours ended beside the built-in module's.
pub fn compare(built_in: &Ends, ours: &Ends) -> Tally {
    let mut tally = Tally::default();
    for (test, expected) in built_in {
        match ours.get(test).map(String::as_str) {
            Some("ok") => tally.passed += 1,
            // What is skipped here alone is not tested.
            Some(end) if is_skipped(end) && is_skipped(expected) => tally.skipped += 1,
            Some(end) if !is_good(end) && !is_good(expected) => tally.failed_in_both += 1,
            end => {
                let end = end.unwrap_or("not run");
                tally
                    .worse
                    .push(format!("{test} => {end}, built-in: {expected}"));
            }
        }
    }
    let new = ours
        .iter()
        .filter(|(test, _)| !built_in.contains_key(*test));
    for (test, end) in new {
        if end == "ok" {
            tally.passed += 1;
        } else {
            tally
                .worse
                .push(format!("{test} => {end}, built-in: not run"));
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT_IN: &str = "a => ok\nb => skipped: no\nc => FAILED\nd => ok\ne => ok\n";

    #[test]
    fn what_fails_in_both_is_no_fault_of_ours() {
        let built_in = read(BUILT_IN);
        let tally = compare(&built_in, &built_in);
        assert!(tally.worse.is_empty());
        let text =
            "5 run, 3 passed, 1 failed (1 over the built-in module too), 1 skipped by itself";
        assert_eq!(tally.to_string(), text);
    }

    #[test]
    fn what_fails_is_skipped_or_is_not_run_over_ours_alone_is_told() {
        let ours = read("a => ERROR\nb => skipped: no\nc => ok\nd => skipped: why\n");
        let tally = compare(&read(BUILT_IN), &ours);
        assert_eq!(
            tally.worse,
            [
                "a => ERROR, built-in: ok",
                "d => skipped: why, built-in: ok",
                "e => not run, built-in: ok"
            ]
        );
        assert_eq!(names(&tally.worse).collect::<Vec<_>>(), ["a", "d", "e"]);
    }

    #[test]
    fn of_a_test_with_parts_the_worst_end_counts() {
        let ends = read("a => FAILED in a part\na => ok\nb => ok\nb => ERROR\n");
        assert_eq!(ends["a"], "FAILED in a part");
        assert_eq!(ends["b"], "ERROR");
    }
}
