//! Packages that live on context variables, over the built-in module and over ours.

use std::path::{Path, PathBuf};
use std::time::Duration;

use xshell::{Cmd, Shell, cmd};

use super::output;
use super::python::Python;
use super::suites::{self, Ends};
use crate::process;
use crate::workspace;

/// What is installed. pytest runs the tests that trio carries.
const PACKAGES: &[&str] = &[
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

type Checked = Result<String, String>;

/// An environment with the packages.
pub struct Installed {
    python: PathBuf,
    scripts: PathBuf,
    /// Names and versions.
    pub packages: String,
}

impl Installed {
    /// Makes a fresh environment, and installs the newest of each package.
    ///
    /// # Errors
    ///
    /// Why that is not possible, for example without a network.
    pub fn new(sh: &Shell, python: &Python, scripts: &Path) -> Result<Self, String> {
        let folder = workspace::target().join(format!("conformance/clients-{python}"));
        sh.remove_path(&folder).map_err(|error| error.to_string())?;
        let base = &python.path;
        output::of(cmd!(sh, "{base} -m venv {folder}"), LIMIT)?;
        let python = if cfg!(windows) {
            folder.join("Scripts/python.exe")
        } else {
            folder.join("bin/python")
        };
        let packages = PACKAGES;
        let quiet = ["--quiet", "--disable-pip-version-check"];
        let install = cmd!(sh, "{python} -m pip install {quiet...} {packages...}");
        output::of(install, LIMIT)?;
        let listed = output::of(cmd!(sh, "{python} -m pip list --format freeze"), LIMIT)?;
        let named = |line: &&str| {
            PACKAGES
                .iter()
                .any(|name| line.starts_with(&format!("{name}==")))
        };
        let packages = listed.lines().filter(named).collect::<Vec<_>>().join(", ");
        Ok(Installed {
            python,
            scripts: scripts.to_owned(),
            packages,
        })
    }

    /// Runs a program over both: they must print the same. Gives how many lines.
    ///
    /// # Errors
    ///
    /// What differs, or which of the two did not end well.
    pub fn program(&self, sh: &Shell, name: &str, extension: &Path) -> Checked {
        let script = self.scripts.join(format!("clients/{name}_program.py"));
        let run = |extension: &Path| output::of(self.over(sh, extension).arg(&script), LIMIT);
        let (built_in, ours) = (run(suites::BUILT_IN.as_ref())?, run(extension)?);
        if built_in != ours {
            return Err(format!("built-in:\n{built_in}\nours:\n{ours}"));
        }
        match ours.lines().count() {
            0 => Err(format!("{name} printed nothing")),
            lines => Ok(format!("the same {lines} lines")),
        }
    }

    /// Runs the tests that trio carries over both.
    ///
    /// # Errors
    ///
    /// The tests that fail over ours alone.
    pub fn carried_tests(&self, sh: &Shell, extension: &Path) -> Checked {
        let run = |extension: &Path| {
            let plugins = ["-p", "no:cacheprovider", "-p", PLUGIN];
            let options = ["-q", "-rA", "--pyargs", CARRIED];
            let pytest = self.over(sh, extension).args(["-m", "pytest"]);
            let cmd = pytest.args(plugins).args(options);
            let done = process::run_within(cmd.quiet(), LIMIT, |_| {});
            let done = done.map_err(|error| error.to_string())?;
            let ends = read(&done.output);
            if ends.is_empty() {
                return Err(format!("pytest ran no test:\n{}", done.output));
            }
            Ok(ends)
        };
        let tally = suites::compare(&run(suites::BUILT_IN.as_ref())?, &run(extension)?);
        if tally.worse.is_empty() {
            Ok(tally.to_string())
        } else {
            Err(format!(
                "tests fail over ours alone:\n{}",
                tally.worse.join("\n")
            ))
        }
    }

    fn over<'a>(&self, sh: &'a Shell, extension: &Path) -> Cmd<'a> {
        let (python, with_ours) = (&self.python, self.scripts.join("with_ours.py"));
        cmd!(sh, "{python} {with_ours}").env("CONTEXTVARS_EXTENSION", extension)
    }
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
