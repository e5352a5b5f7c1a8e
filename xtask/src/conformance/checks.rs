//! What is run in each interpreter.

use std::time::Duration;

use xshell::cmd;

use super::case::{Case, Checked};
use super::{difference, fuzz, output, suites};

/// A script that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// A check.
pub struct Check {
    pub name: &'static str,
    run: fn(&Case<'_>, &str) -> Checked,
}

impl Check {
    pub const fn new(name: &'static str, run: fn(&Case<'_>, &str) -> Checked) -> Check {
        Check { name, run }
    }

    /// Gives what it counted.
    ///
    /// # Errors
    ///
    /// What went wrong.
    pub fn run(&self, case: &Case<'_>) -> Checked {
        (self.run)(case, self.name)
    }
}

/// The first is the interpreter's own `test.test_context`, its tests of the trie included.
pub const CHECKS: &[Check] = &[
    Check::new("context", suite),
    Check::new("call by call", call_by_call),
    Check::new("random programs", random_programs),
    Check::new("asyncio program", asyncio_program),
    Check::new("tests of the host", host_tests),
];

/// All suites of the interpreter, each a check of its own.
pub const SUITE_CHECKS: &[Check] = &[
    Check::new("context", suite),
    Check::new("contextlib", suite),
    Check::new("decimal", suite),
    Check::new("threading", suite),
    Check::new("asyncio", suite),
];

/// The interpreter's own suite of this name, over the built-in module and over ours.
fn suite(case: &Case<'_>, name: &str) -> Checked {
    suites::run(case, name)?.checked()
}

/// The differential script, over the built-in module and over ours.
fn call_by_call(case: &Case<'_>, _: &str) -> Checked {
    let (sh, python, version) = (case.sh, &case.python.path, case.python.version);
    let script = case.scripts.join("differential.py");
    let list = sh.read_file(case.scripts.join("known_differences.txt"));
    let known = difference::known(&list.map_err(|error| error.to_string())?)?;
    let built_in = output::of(cmd!(sh, "{python} {script}"), LIMIT)?;
    let ours = output::of(case.over_ours().arg(&script), LIMIT)?;
    let calls = difference::compare(version, &built_in, &ours, &known)?;
    let meant = known.iter().filter(|known| known.applies(version)).count();
    Ok(format!("{calls} calls, 0 differ, {meant} meant to"))
}

/// Programs that were made at random, on both.
fn random_programs(case: &Case<'_>, _: &str) -> Checked {
    fuzz::run(case, fuzz::SHORT, |_| {})
}

/// A program of tasks, threads and callbacks, over ours.
fn asyncio_program(case: &Case<'_>, _: &str) -> Checked {
    let script = case.scripts.join("asyncio_program.py");
    let ours = output::of(case.over_ours().arg(script), LIMIT)?;
    let tasks = ours.lines().find(|line| line.starts_with("asyncio: ok; "));
    let counted = tasks.and_then(|line| line.split("; ").nth(1));
    counted
        .map(str::to_owned)
        .ok_or_else(|| format!("the program did not say that it is done:\n{ours}"))
}

/// The tests of what the interpreter's own do not look at: the collector, threads, identity.
fn host_tests(case: &Case<'_>, _: &str) -> Checked {
    let tests = case.scripts.join("../tests");
    let found = case
        .sh
        .read_dir(&tests)
        .map_err(|error| error.to_string())?;
    let mut passed = 0;
    for file in found {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("test_") || !name.ends_with(".py") {
            continue;
        }
        let printed = output::of(case.over_ours().arg(&file), LIMIT)?;
        passed += ran(&printed).ok_or_else(|| format!("{name} ran no test:\n{printed}"))?;
    }
    match passed {
        0 => Err(format!("there are no tests in {}", tests.display())),
        passed => Ok(format!("{passed} passed")),
    }
}

/// The number in unittest's line `Ran 20 tests in 0.3s`, if it is not none.
fn ran(printed: &str) -> Option<usize> {
    let line = printed.lines().find_map(|line| line.strip_prefix("Ran "))?;
    let number = line.split(' ').next()?.parse().ok()?;
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_counts_only_if_a_test_ran() {
        assert_eq!(ran("..\nRan 20 tests in 0.3s\n\nOK\n"), Some(20));
        assert_eq!(ran("Ran 1 test in 0.0s"), Some(1));
        assert_eq!(ran("Ran 0 tests in 0.0s\n\nOK\n"), None);
        assert_eq!(ran("Traceback"), None);
    }
}
