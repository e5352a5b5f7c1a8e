//! The Pythons of this machine.

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

/// What an interpreter says of itself.
#[derive(Deserialize)]
struct Answer {
    version: Version,
    /// The real executable.
    path: PathBuf,
    /// Whether it has the package `test`.
    tests: bool,
    /// Whether it has a global lock.
    locked: bool,
}

/// What to do where there is no interpreter.
const INSTALL: &str =
    "no usable Python was found; install Python 3.11 or later with its `test` package";

/// The first version that the extension serves.
const OLDEST: Version = Version::new(3, 11, 0);

/// The first without a global lock that it serves.
const OLDEST_WITHOUT_LOCK: Version = Version::new(3, 14, 0);

/// An interpreter that the checks can run in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Python {
    pub version: Version,
    /// Whether it has a global lock.
    pub has_lock: bool,
    pub path: PathBuf,
}

impl Python {
    /// What tells it from others.
    pub fn name(&self) -> String {
        format!("{}{}", self.version, if self.has_lock { "" } else { "t" })
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Sorted by version, each interpreter once.
    pub usable: Vec<Python>,
    /// One line for each of the others: what it is, and why not.
    pub left_out: Vec<String>,
}

#[derive(clap::Args)]
pub struct Folder {
    /// Where they go; in `target/pythons`, all that looks for Pythons finds them.
    folder: PathBuf,
}

/// Lays out CPythons of the releases that the script names.
pub fn lay_out(Folder { folder }: &Folder) -> Result<()> {
    let (sh, progress) = (Shell::new()?, Progress::start(1, 1, "pythons"));
    let lay_out = script("pythons/lay-out");
    progress.print(&watch(cmd!(sh, "{lay_out} {folder}"), &progress)?);
    Ok(())
}

/// Looks at `python3` on the path, at pyenv's versions, at those that are laid out in
/// `target/pythons`, and at those that were named.
///
/// # Errors
///
/// One line for a named interpreter that cannot be used.
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
    /// The newest with a global lock.
    pub fn newest(&self) -> Result<&Python> {
        let newest = self.usable.iter().rfind(|python| python.has_lock);
        newest.ok_or_else(|| missing(INSTALL))
    }
}

/// The interpreters that pyenv has installed, if there is pyenv.
fn pyenv(sh: &Shell) -> Vec<PathBuf> {
    let root = sh.var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(Path::new(&sh.var_os("HOME")?).join(".pyenv")));
    root.map_or_else(Vec::new, |root| under(sh, &root.join("versions")))
}

/// The interpreters that have a folder each in this one.
fn under(sh: &Shell, folder: &Path) -> Vec<PathBuf> {
    let folders = sh.read_dir(folder).unwrap_or_default().into_iter();
    let pythons = folders.map(|folder| folder.join("bin/python3"));
    pythons.filter(|python| sh.path_exists(python)).collect()
}

/// Asks an interpreter what it is; fails with one line that says why it cannot be used.
pub fn probe(sh: &Shell, path: &Path) -> std::result::Result<Python, String> {
    let asked = cmd!(sh, "{path} -c {PROBE}").quiet().ignore_stderr().read();
    judge(&asked.map_err(|_| "it does not run; is it a Python 3?")?)
}

/// Reads the probe's answer.
fn judge(answer: &str) -> std::result::Result<Python, String> {
    let answer = toml::from_str(answer).map_err(|_| "it does not answer; is it a Python 3?")?;
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
    fn each_reason_is_one_line_with_what_to_do() {
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
    fn pyenv_is_looked_through_where_it_is() {
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
