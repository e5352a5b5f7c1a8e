//! The interpreter's own test suites, with the built-in module and with ours.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use xshell::Cmd;

use super::case::{Case, Checked, script};
use crate::{Result, workspace};

/// A suite that takes longer is killed.
const LIMIT: Duration = Duration::from_secs(900);

/// The result of each test.
pub type Ends = BTreeMap<String, String>;

/// The result of a test that one of the two did not run.
const NOT_RUN: &str = "not run";

/// Runs the suite of this name with both modules.
///
/// # Errors
///
/// The tests that fail only with ours; the error of a run that did not complete.
pub fn run(case: &Case<'_>, suite: &str) -> Checked {
    let folder = case
        .sh
        .create_dir(workspace::target().join("conformance"))?;
    let file = folder.join(format!("{suite}.ends"));
    let ends = |python: Cmd<'_>, only: &[String]| -> Result<Ends> {
        let suites = python.arg(script("suites.py")).arg(suite);
        case.printed(suites.arg(&file).args(only), LIMIT)?;
        Ok(read(&case.sh.read_file(&file)?))
    };
    let mut built_in = ends(case.over_built_in(), &[])?;
    let mut ours = ends(case.over_ours(), &[])?;
    let worse = worse(&built_in, &ours);
    if !worse.is_empty() {
        // Tests that depend on time may fail by chance: run these again, alone.
        built_in.extend(ends(case.over_built_in(), &worse)?);
        ours.extend(ends(case.over_ours(), &worse)?);
    }
    compare(&built_in, &ours)
}

/// Reads lines `TEST => END`. A test with subtests may have several results; the worst is used.
fn read(written: &str) -> Ends {
    let mut ends = Ends::new();
    for (test, end) in written.lines().filter_map(|line| line.split_once(" => ")) {
        let known = ends.entry(test.into()).or_insert_with(|| end.to_owned());
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

fn end<'a>(ends: &'a Ends, test: &str) -> &'a str {
    ends.get(test).map_or(NOT_RUN, String::as_str)
}

/// Returns the tests with a worse result with ours. A test that is skipped only with ours is worse.
fn worse(built_in: &Ends, ours: &Ends) -> Vec<String> {
    let failed = |end: &str| !is_good(end) && end != NOT_RUN;
    let is_worse = |test: &&String| {
        let (expected, found) = (end(built_in, test), end(ours, test));
        let alike = is_skipped(found) && is_skipped(expected) || failed(found) && failed(expected);
        found != "ok" && !alike
    };
    let tests: BTreeSet<&String> = built_in.keys().chain(ours.keys()).collect();
    tests.into_iter().filter(is_worse).cloned().collect()
}

/// Counts the results with our module.
///
/// # Errors
///
/// The tests with a worse result with ours than with the built-in module.
pub fn compare(built_in: &Ends, ours: &Ends) -> Checked {
    let worse = worse(built_in, ours);
    if !worse.is_empty() {
        let both = |test: &String| {
            let (found, expected) = (end(ours, test), end(built_in, test));
            format!("\n{test} => {found}, built-in: {expected}")
        };
        let worse: String = worse.iter().map(both).collect();
        return Err(format!("tests fail only with our module:{worse}").into());
    }
    let passed = ours.values().filter(|end| *end == "ok").count();
    let skipped = ours.values().filter(|end| is_skipped(end)).count();
    let failed = match ours.len() - passed - skipped {
        0 => "0 failed".to_owned(),
        failed => format!("{failed} failed ({failed} over the built-in module too)"),
    };
    let run = ours.len();
    Ok(format!(
        "{run} run, {passed} passed, {failed}, {skipped} skipped by itself"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT_IN: &str = "a => ok\nb => skipped: no\nc => FAILED\nd => ok\ne => ok\n";

    #[test]
    fn a_test_that_fails_with_both_is_no_error() {
        let built_in = read(BUILT_IN);
        let text =
            "5 run, 3 passed, 1 failed (1 over the built-in module too), 1 skipped by itself";
        assert_eq!(compare(&built_in, &built_in).unwrap(), text);
    }

    #[test]
    fn a_test_that_fails_or_is_not_run_only_with_ours_is_an_error() {
        let (built_in, ours) = (
            read(BUILT_IN),
            read("a => ERROR\nb => skipped: no\nc => ok\nd => skipped: why\nf => ERROR\n"),
        );
        assert_eq!(
            compare(&built_in, &ours).unwrap_err().to_string(),
            "tests fail only with our module:\na => ERROR, built-in: ok\n\
             d => skipped: why, built-in: ok\ne => not run, built-in: ok\n\
             f => ERROR, built-in: not run"
        );
        assert_eq!(worse(&built_in, &ours), ["a", "d", "e", "f"]);
    }

    #[test]
    fn the_worst_result_of_a_tests_parts_is_used() {
        let ends = read("a => FAILED in a part\na => ok\nb => ok\nb => ERROR\n");
        assert_eq!(ends["a"], "FAILED in a part");
        assert_eq!(ends["b"], "ERROR");
    }
}
