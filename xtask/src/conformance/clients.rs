//! Packages that live on context variables, over the built-in module and over ours.

use std::time::Duration;

use xshell::{Cmd, Shell, cmd};

use super::case::{Case, Checked};
use super::output;
use super::python::Python;
use super::suites::{self, Ends};
use crate::process;
use crate::workspace;

/// What is installed. pytest runs the tests that trio carries.
pub const PACKAGES: &[&str] = &[
    "anyio",
    "asgiref",
    "opentelemetry-api",
    "structlog",
    "trio",
    "pytest",
    "trustme",
];

/// Programs of ours that use a package in earnest: the beginnings of their names.
pub const PROGRAMS: &[&str] = &["anyio", "asgiref", "opentelemetry", "structlog", "trio"];

/// Tests that a package carries, which are in what is installed.
const CARRIED: &str = "trio._core._tests";

/// What runs them in an event loop.
const PLUGIN: &str = "trio._tests.pytest_plugin";

/// A run that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(600);

/// An environment with the packages.
pub struct Installed {
    pub python: Python,
    /// Names and versions.
    pub packages: String,
}

impl Installed {
    /// Makes a fresh environment of this name, and installs the newest of each package.
    ///
    /// # Errors
    ///
    /// Why that is not possible, for example without a network.
    pub fn new(sh: &Shell, base: &Python, name: &str, packages: &[&str]) -> Result<Self, String> {
        let folder = workspace::target().join(format!("conformance/{name}-{base}"));
        sh.remove_path(&folder).map_err(|error| error.to_string())?;
        let (version, path) = (base.version, &base.path);
        output::of(cmd!(sh, "{path} -m venv {folder}"), LIMIT)?;
        let python = if cfg!(windows) {
            folder.join("Scripts/python.exe")
        } else {
            folder.join("bin/python")
        };
        let quiet = ["--quiet", "--disable-pip-version-check"];
        let install = cmd!(sh, "{python} -m pip install {quiet...} {packages...}");
        output::of(install, LIMIT)?;
        let listed = output::of(cmd!(sh, "{python} -m pip list --format freeze"), LIMIT)?;
        let named = |line: &&str| {
            packages
                .iter()
                .any(|name| line.starts_with(&format!("{name}==")))
        };
        let packages = listed.lines().filter(named).collect::<Vec<_>>().join(", ");
        let python = Python {
            version,
            path: python,
        };
        Ok(Installed { python, packages })
    }
}

/// Runs a program over both: they must print the same. Returns how many lines.
///
/// # Errors
///
/// What differs, or which of the two did not end well.
pub fn program(case: &Case<'_>, name: &str) -> Checked {
    output::same(case, &format!("clients/{name}_program.py"), LIMIT)
}

/// Runs the tests that trio carries over both.
///
/// # Errors
///
/// The tests that fail over ours alone.
pub fn carried_tests(case: &Case<'_>) -> Checked {
    let run = |python: Cmd<'_>| {
        let plugins = ["-p", "no:cacheprovider", "-p", PLUGIN];
        let options = ["-q", "-rA", "--pyargs", CARRIED];
        let cmd = python.args(["-m", "pytest"]).args(plugins).args(options);
        let done = process::run_within(cmd.quiet(), LIMIT, |_| {});
        let done = done.map_err(|error| error.to_string())?;
        let ends = read(&done.output);
        if ends.is_empty() {
            return Err(format!("pytest ran no test:\n{}", done.output));
        }
        Ok(ends)
    };
    suites::compare(&run(case.over_built_in())?, &run(case.over_ours())?).checked()
}

/// Reads pytest's summary, a line a test: `PASSED trio/_core/_tests/test_run.py::test_basic`.
fn read(output: &str) -> Ends {
    let test = |line: &str| {
        let (end, rest) = line.split_once(' ')?;
        let end = match end {
            "PASSED" => "ok",
            "FAILED" | "ERROR" => end,
            "XFAIL" => "failed as expected",
            _ => return None,
        };
        let (name, _) = rest.split_once(" - ").unwrap_or((rest, ""));
        name.contains("::")
            .then(|| (name.to_owned(), end.to_owned()))
    };
    output.lines().filter_map(test).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pytests_summary_is_read() {
        let output = "==== short test summary info ====\n\
                      PASSED trio/_core/_tests/test_run.py::test_basic[a - b]\n\
                      SKIPPED [1] trio/_core/_tests/test_io.py:1: only on Windows\n\
                      XFAIL trio/x.py::test_x - why\n\
                      FAILED trio/x.py::test_y - AssertionError: no\n\
                      1 failed, 1 passed in 0.1s\n";
        let ends = read(output);
        assert_eq!(ends["trio/x.py::test_y"], "FAILED");
        assert_eq!(ends["trio/x.py::test_x"], "failed as expected");
        assert_eq!(ends.len(), 3);
    }
}
