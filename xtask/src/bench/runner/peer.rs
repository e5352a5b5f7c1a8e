//! The CPython in the runner.

use std::fmt;
use std::path::Path;

use xshell::{Cmd, Shell, cmd};

use crate::Result;
use crate::conformance::python::{self, Python};

/// Succeeds where the interpreter shows its map.
const HAS_MAP: &str = "
try: from _testinternalcapi import hamt
except ImportError:
    try: from _testcapi import hamt
    except ImportError: from immutables import Map
";

/// Prints where the interpreter is installed, the folder of its shared library, and why it cannot
/// be embedded, a line each.
const PROBE: &str = "
import os, sys, sysconfig
of = sysconfig.get_config_var
folder, library = of('LIBDIR') or '', of('LDLIBRARY') or ''
if os.name == 'nt' or of('PYTHONFRAMEWORK'):
    missing = ''
elif not of('Py_ENABLE_SHARED'):
    missing = 'it was built without a shared library; take one built with --enable-shared'
elif not os.path.exists(os.path.join(folder, library)):
    missing = f'{library} is not in {folder}; install the development package'
else:
    missing = ''
print(sys.base_prefix)
print(folder)
print(missing)
";

/// A CPython that can be embedded.
#[derive(Debug, PartialEq, Eq)]
pub struct Peer {
    python: Python,
    /// Where it is installed.
    home: String,
    /// The folder of its shared library; empty where the system knows.
    library: String,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.python.fmt(f)
    }
}

impl Peer {
    /// The interpreter.
    pub fn python(&self) -> &Python {
        &self.python
    }

    /// Makes `cargo rustc` embed it in the program that it builds.
    pub fn embed<'sh>(&self, cargo: Cmd<'sh>) -> Cmd<'sh> {
        cargo
            .args(["--features", "cpython"])
            .env("PYO3_PYTHON", &self.python.path)
    }

    /// What the compiler is to be told for the program.
    pub fn flags(&self) -> Vec<String> {
        // The program looks for the library there first; on Windows, on the path.
        if cfg!(unix) && !self.library.is_empty() {
            vec!["-C".into(), format!("link-arg=-Wl,-rpath,{}", self.library)]
        } else {
            Vec::new()
        }
    }

    /// Makes a program that embeds it find Python's own modules: it would guess by its place.
    pub fn run<'sh>(&self, program: Cmd<'sh>) -> Cmd<'sh> {
        program.env("PYTHONHOME", &self.home)
    }
}

/// The Python to measure: the wanted one, else the newest, of those that show their map where that
/// is to be measured. Where it cannot be embedded, or there is none, one line that says why.
///
/// # Errors
///
/// When the wanted one does not run, or is not of a version or form that we measure.
pub fn choose(
    sh: &Shell,
    wanted: Option<&Path>,
    of_map: bool,
) -> Result<std::result::Result<Peer, String>> {
    let python = match wanted {
        Some(path) => {
            python::probe(sh, path).map_err(|why| format!("{}: {why}", path.display()))?
        }
        None => {
            let mut usable = python::find(sh, &[])?.usable.into_iter().rev();
            match usable.find(|python| !of_map || has_map(sh, python)) {
                Some(newest) => newest,
                None if of_map => return Ok(Err("no Python 3.11 or later shows its map".into())),
                None => return Ok(Err("there is no Python 3.11 or later".into())),
            }
        }
    };
    let path = &python.path;
    let answer = cmd!(sh, "{path} -c {PROBE}").quiet().read()?;
    Ok(judge(python, &answer))
}

fn has_map(sh: &Shell, python: &Python) -> bool {
    let path = &python.path;
    let asked = cmd!(sh, "{path} -c {HAS_MAP}");
    asked.quiet().ignore_stderr().run().is_ok()
}

/// Reads the probe's answer.
fn judge(python: Python, answer: &str) -> std::result::Result<Peer, String> {
    let mut lines = answer.lines().map(String::from);
    let mut line = || lines.next().unwrap_or_default();
    let (home, library, missing) = (line(), line(), line());
    if missing.is_empty() {
        Ok(Peer {
            python,
            home,
            library,
        })
    } else {
        Err(format!("Python {python} cannot be embedded: {missing}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_is_embedded_or_one_line_says_why_not() {
        let python = Python {
            version: (3, 13, 0),
            path: "/opt/bin/python3.13".into(),
        };
        let peer = judge(python.clone(), "/opt\n/opt/lib\n\n").unwrap();
        assert_eq!(
            (&*peer.home, &*peer.library, &*peer.to_string()),
            ("/opt", "/opt/lib", "3.13.0")
        );
        assert_eq!(
            judge(python, "/opt\n/opt/lib\nit has no library\n").unwrap_err(),
            "Python 3.13.0 cannot be embedded: it has no library"
        );
    }

    #[test]
    fn a_wanted_python_that_does_not_run_is_an_error() {
        let sh = Shell::new().unwrap();
        let error = choose(&sh, Some(Path::new("/no/such/python")), true).unwrap_err();
        let error = error.to_string();
        assert!(
            error.starts_with("/no/such/python: it does not run"),
            "{error}"
        );
    }
}
