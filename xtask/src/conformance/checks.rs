//! What is run in each interpreter.

use std::path::Path;
use std::time::Duration;

use xshell::{Cmd, Shell, cmd};

use super::python::Python;
use super::{difference, fuzz, output, suites};

/// A script that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(120);

type Checked = std::result::Result<String, String>;

/// A check: gives what it counted, or what went wrong.
pub struct Check {
    pub name: &'static str,
    pub run: fn(&Shell, &Python, &Path, &Path) -> Checked,
}

pub const CHECKS: &[Check] = &[
    Check {
        name: "its own tests",
        run: own_tests,
    },
    Check {
        name: "call by call",
        run: call_by_call,
    },
    Check {
        name: "random programs",
        run: random_programs,
    },
    Check {
        name: "asyncio program",
        run: asyncio_program,
    },
    Check {
        name: "tests of the host",
        run: host_tests,
    },
];

/// All suites, each a check of its own.
pub const SUITE_CHECKS: &[Check] = &[
    Check {
        name: "context",
        run: |sh, python, scripts, ours| suite(sh, python, scripts, ours, "context"),
    },
    Check {
        name: "contextlib",
        run: |sh, python, scripts, ours| suite(sh, python, scripts, ours, "contextlib"),
    },
    Check {
        name: "decimal",
        run: |sh, python, scripts, ours| suite(sh, python, scripts, ours, "decimal"),
    },
    Check {
        name: "threading",
        run: |sh, python, scripts, ours| suite(sh, python, scripts, ours, "threading"),
    },
    Check {
        name: "asyncio",
        run: |sh, python, scripts, ours| suite(sh, python, scripts, ours, "asyncio"),
    },
];

/// The interpreter's own `test.test_context`, its tests of the trie included, over the built-in
/// module and over ours.
fn own_tests(sh: &Shell, python: &Python, scripts: &Path, extension: &Path) -> Checked {
    suite(sh, python, scripts, extension, "context")
}

fn suite(sh: &Shell, python: &Python, scripts: &Path, extension: &Path, name: &str) -> Checked {
    let tally = suites::run(sh, python, scripts, extension, name)?;
    if tally.worse.is_empty() {
        Ok(tally.to_string())
    } else {
        Err(format!(
            "tests fail over ours alone:\n{}",
            tally.worse.join("\n")
        ))
    }
}

/// The differential script, over the built-in module and over ours.
fn call_by_call(sh: &Shell, python: &Python, scripts: &Path, extension: &Path) -> Checked {
    let script = "differential.py";
    let list = sh.read_file(scripts.join("known_differences.txt"));
    let known = difference::known(&list.map_err(|error| error.to_string())?)?;
    let built_in = output::of(script_of(sh, python, scripts, script), LIMIT)?;
    let ours = output::of(over_ours(sh, python, scripts, extension, script), LIMIT)?;
    let calls = difference::compare(python.version, &built_in, &ours, &known)?;
    let meant = known
        .iter()
        .filter(|known| known.applies(python.version))
        .count();
    Ok(format!("{calls} calls, 0 differ, {meant} meant to"))
}

/// Programs that were made at random, on both.
fn random_programs(sh: &Shell, python: &Python, scripts: &Path, extension: &Path) -> Checked {
    fuzz::run(sh, python, scripts, extension, fuzz::SHORT, |_| {})
}

/// A program of tasks, threads and callbacks, over ours.
fn asyncio_program(sh: &Shell, python: &Python, scripts: &Path, extension: &Path) -> Checked {
    let script = "asyncio_program.py";
    let ours = output::of(over_ours(sh, python, scripts, extension, script), LIMIT)?;
    let tasks = ours.lines().find(|line| line.starts_with("asyncio: ok; "));
    let counted = tasks.and_then(|line| line.split("; ").nth(1));
    counted
        .map(str::to_owned)
        .ok_or_else(|| format!("the program did not say that it is done:\n{ours}"))
}

/// The tests of what the interpreter's own do not look at: the collector, threads, identity.
fn host_tests(sh: &Shell, python: &Python, scripts: &Path, extension: &Path) -> Checked {
    let tests = scripts.join("../tests");
    let found = sh.read_dir(&tests).map_err(|error| error.to_string())?;
    let mut passed = 0;
    for file in found {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("test_") || !name.ends_with(".py") {
            continue;
        }
        let script = format!("../tests/{name}");
        let printed = output::of(over_ours(sh, python, scripts, extension, &script), LIMIT)?;
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

fn script_of<'a>(sh: &'a Shell, python: &Python, scripts: &Path, script: &str) -> Cmd<'a> {
    let (python, script) = (&python.path, scripts.join(script));
    cmd!(sh, "{python} {script}")
}

fn over_ours<'a>(
    sh: &'a Shell,
    python: &Python,
    scripts: &Path,
    extension: &Path,
    script: &str,
) -> Cmd<'a> {
    let (with_ours, script) = (scripts.join("with_ours.py"), scripts.join(script));
    let python = &python.path;
    cmd!(sh, "{python} {with_ours} {script}").env("CONTEXTVARS_EXTENSION", extension)
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
