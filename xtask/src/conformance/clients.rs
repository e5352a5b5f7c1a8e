//! Packages that use context variables, with the built-in module and with ours.

use std::time::Duration;

use xshell::{Cmd, cmd};

use super::case::{Case, Checked};
use super::checks::Check;
use super::python::Python;
use super::suites::{self, Ends};
use crate::{Result, process, workspace};

/// The packages that are installed. pytest runs the tests in trio.
pub const PACKAGES: &[&str] = &[
    "anyio",
    "asgiref",
    "opentelemetry-api",
    "structlog",
    "trio",
    "pytest",
    "trustme",
];

/// Our programs that use a package, and the tests in trio.
pub const CHECKS: &[Check] = &[
    ("anyio", program),
    ("asgiref", program),
    ("opentelemetry", program),
    ("structlog", program),
    ("trio", program),
    ("trio's own tests", carried_tests),
];

/// A run that takes longer is killed.
const LIMIT: Duration = Duration::from_secs(600);

/// Creates a new virtual environment of this name, and installs the newest version of each package.
/// Returns its interpreter, and the names and versions.
///
/// # Errors
///
/// If a command fails, for example without a network.
pub fn install(case: &Case<'_>, name: &str, packages: &[&str]) -> Result<(Python, String)> {
    let (sh, base) = (&case.sh, &case.python);
    let folder = workspace::target().join(format!("conformance/{name}-{}", base.name()));
    sh.remove_path(&folder)?;
    let path = &base.path;
    case.printed(cmd!(sh, "{path} -m venv --without-pip {folder}"), LIMIT)?;
    let python = folder.join(match cfg!(windows) {
        true => "Scripts/python.exe",
        false => "bin/python",
    });
    let place = "import sysconfig; print(sysconfig.get_path('platlib'))";
    let place = case.printed(cmd!(sh, "{python} -c {place}"), LIMIT)?;
    let (place, version) = (place.trim(), base.version.to_string());
    // The interpreters in `target/pythons` have no pip, so `python3`'s is used.
    let there = ["--target", place, "--python-version", &version];
    let abi = format!(
        "--abi=cp{}t",
        version.splitn(3, '.').take(2).collect::<String>()
    );
    let abi = (!base.has_lock).then_some(abi);
    let install = cmd!(sh, "python3 -m pip install --quiet --only-binary=:all:");
    case.printed(install.args(there).args(abi).args(packages), LIMIT)?;
    let list = cmd!(sh, "python3 -m pip list --format freeze --path {place}");
    let listed = case.printed(list, LIMIT)?;
    let named = |line: &&str| packages.contains(&line.split("==").next().unwrap_or(line));
    let packages: Vec<_> = listed.lines().filter(named).collect();
    let python = Python {
        path: python,
        ..base.clone()
    };
    Ok((python, packages.join(", ")))
}

/// Runs a program with both modules, which must print the same.
fn program(case: &Case<'_>, name: &str) -> Checked {
    case.same(&format!("clients/{name}_program.py"), LIMIT)
}

/// Runs the tests in trio with both modules.
fn carried_tests(case: &Case<'_>, _: &str) -> Checked {
    let run = |python: Cmd<'_>| -> Result<Ends> {
        // trio's plugin runs them in an event loop.
        let plugins = ["-p", "no:cacheprovider", "-p", "trio._tests.pytest_plugin"];
        let options = ["-q", "-rA", "--pyargs", "trio._core._tests"];
        let cmd = python.args(["-m", "pytest"]).args(plugins).args(options);
        let done = process::run_within(cmd.quiet(), LIMIT, |_| {})?;
        let ends = read(&done.output);
        match ends.is_empty() {
            true => Err(format!("pytest ran no test:\n{}", done.output).into()),
            false => Ok(ends),
        }
    };
    suites::compare(&run(case.over_built_in())?, &run(case.over_ours())?)
}

/// Reads pytest's summary, with lines such as `PASSED trio/_core/_tests/test_run.py::test_basic`.
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
