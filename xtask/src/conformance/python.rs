//! Finds the Pythons of this machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use semver::Version;
use serde::Deserialize;
use xshell::{Shell, cmd};

use super::case::script;
use crate::progress::Progress;
use crate::step::{missing, watch};
use crate::{Result, workspace};

/// Prints an [`Answer`].
const PROBE: &str = "
import json, os, sys, sysconfig
print('version = \"%d.%d.%d\"' % sys.version_info[:3])
print('path = ' + json.dumps(os.path.realpath(sys.executable), ensure_ascii=False))
try:
    import importlib.util
    found = importlib.util.find_spec('test.test_context') is not None
except ImportError:
    found = False
print('tests = ' + str(found).lower())
print('locked = ' + str(not sysconfig.get_config_var('Py_GIL_DISABLED')).lower())
";

/// The properties of an interpreter, as printed by [`PROBE`].
#[derive(Deserialize)]
struct Answer {
    version: Version,
    /// The real executable.
    path: PathBuf,
    /// `true` if it has the package `test`.
    tests: bool,
    /// `true` if it has a global lock.
    locked: bool,
}

/// The error if there is no usable interpreter.
const INSTALL: &str =
    "no usable Python was found; install Python 3.11 or later with its `test` package";

/// The first version that the extension supports.
const OLDEST: Version = Version::new(3, 11, 0);

/// The first version without a global lock that it supports.
const OLDEST_WITHOUT_LOCK: Version = Version::new(3, 14, 0);

/// An interpreter that the checks can run in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Python {
    pub version: Version,
    /// `true` if it has a global lock.
    pub has_lock: bool,
    pub path: PathBuf,
}

impl Python {
    /// Returns the name in reports: the version, with `t` without a global lock.
    pub fn name(&self) -> String {
        format!("{}{}", self.version, if self.has_lock { "" } else { "t" })
    }
}

/// The interpreters that were found.
#[derive(Debug, Default)]
pub struct Found {
    /// Sorted by version, each interpreter once.
    pub usable: Vec<Python>,
    /// A line for each of the others, with the reason.
    pub left_out: Vec<String>,
}

#[derive(clap::Args)]
pub struct Folder {
    /// The folder; the other commands find Pythons in `target/pythons`.
    folder: PathBuf,
}

/// Lays out the CPython releases that the script names.
pub fn lay_out(Folder { folder }: &Folder) -> Result<()> {
    let (sh, progress) = (Shell::new()?, Progress::start(1, 1, "pythons"));
    let lay_out = script("pythons/lay-out");
    progress.print(&watch(cmd!(sh, "{lay_out} {folder}"), &progress)?);
    Ok(())
}

/// Finds `python3` on the path, pyenv's versions, those in `target/pythons`, and the named ones.
///
/// # Errors
///
/// If a named interpreter cannot be used: one line with the reason.
pub fn find(sh: &Shell, named: &[PathBuf]) -> Result<Found> {
    let mut usable = BTreeSet::new();
    let mut found = Found::default();
    for path in named {
        let python = probe(sh, path).map_err(|why| format!("{}: {why}", path.display()))?;
        usable.insert(python);
    }
    let mut candidates = vec![PathBuf::from("python3")];
    candidates.extend(pyenv(sh));
    candidates.extend(under(sh, &workspace::target().join("pythons")));
    for path in candidates {
        match probe(sh, &path) {
            Ok(python) => drop(usable.insert(python)),
            Err(why) => found.left_out.push(format!("{}: {why}", path.display())),
        }
    }
    found.usable = usable.into_iter().collect();
    Ok(found)
}

impl Found {
    /// Returns the newest one with a global lock.
    pub fn newest(&self) -> Result<&Python> {
        let newest = self.usable.iter().rfind(|python| python.has_lock);
        newest.ok_or_else(|| missing(INSTALL))
    }
}

/// Returns the interpreters that pyenv has installed.
fn pyenv(sh: &Shell) -> Vec<PathBuf> {
    let root = sh.var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(Path::new(&sh.var_os("HOME")?).join(".pyenv")));
    root.map_or_else(Vec::new, |root| under(sh, &root.join("versions")))
}

/// Returns the interpreters in the subfolders of a folder.
fn under(sh: &Shell, folder: &Path) -> Vec<PathBuf> {
    let folders = sh.read_dir(folder).unwrap_or_default().into_iter();
    let pythons = folders.map(|folder| folder.join("bin/python3"));
    pythons.filter(|python| sh.path_exists(python)).collect()
}

/// Reads the properties of an interpreter. If it cannot be used, the error is one line with the reason.
pub fn probe(sh: &Shell, path: &Path) -> std::result::Result<Python, String> {
    let answer = cmd!(sh, "{path} -c {PROBE}").quiet().ignore_stderr().read();
    judge(&answer.map_err(|_| "it does not run; is it a Python 3?")?)
}

/// Reads the probe's output.
fn judge(answer: &str) -> std::result::Result<Python, String> {
    let answer = toml::from_str(answer).map_err(|_| "unexpected output; is it a Python 3?")?;
    let Answer { version, path, .. } = answer;
    let why = if version < OLDEST {
        "is too old; take 3.11 or later"
    } else if !answer.tests {
        "cannot be used: it has no package `test`; install the one of its version"
    } else if !answer.locked && version < OLDEST_WITHOUT_LOCK {
        "has no global lock; take 3.14 or later, or one with a lock"
    } else {
        let has_lock = answer.locked;
        return Ok(Python {
            version,
            has_lock,
            path,
        });
    };
    Err(format!("Python {version} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_one_line_with_a_remedy() {
        let judged = |version: &str, tests: bool, locked: bool| {
            let answer = format!("version = '{version}'\npath = '/p'\n");
            judge(&format!("{answer}tests = {tests}\nlocked = {locked}"))
        };
        let python = judged("3.13.0", true, true).unwrap();
        assert_eq!(
            (python.version, python.path),
            (Version::new(3, 13, 0), "/p".into())
        );
        let refused = |version, tests, locked| judged(version, tests, locked).unwrap_err();
        assert_eq!(
            refused("3.10.13", true, true),
            "Python 3.10.13 is too old; take 3.11 or later"
        );
        assert!(refused("3.12.1", false, true).contains("no package `test`"));
        assert!(refused("3.13.0", true, false).contains("no global lock"));
        assert_eq!(judged("3.14.0", true, false).unwrap().name(), "3.14.0t");
        assert!(judge("hello").unwrap_err().contains("is it a Python 3?"));
    }

    #[test]
    fn a_named_file_that_is_no_python_is_an_error() {
        let sh = Shell::new().unwrap();
        let error = find(&sh, &[PathBuf::from("/no/such/python")])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("/no/such/python: it does not run"),
            "{error}"
        );
    }

    #[test]
    fn the_versions_of_pyenv_are_found() {
        let sh = Shell::new().unwrap();
        let dir = sh.create_temp_dir().unwrap();
        sh.set_var("PYENV_ROOT", dir.path());
        assert!(pyenv(&sh).is_empty());
        let python = dir.path().join("versions/3.12.0/bin/python3");
        sh.write_file(&python, "").unwrap();
        sh.create_dir(dir.path().join("versions/empty")).unwrap();
        assert_eq!(pyenv(&sh), [python]);
    }
}
