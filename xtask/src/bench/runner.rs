//! The runner: built and called, as a module of CPython or as a program.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use xshell::{Cmd, Shell, cmd};

use crate::conformance::python::{self, Python};
use crate::process;
use crate::progress::Progress;
use crate::{Result, workspace};

/// Loads the module that its first argument names and hands it the others. They go as one text,
/// a line each.
const LOAD: &str = "
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
loader = ExtensionFileLoader('benches', sys.argv[1])
module = module_from_spec(spec_from_loader('benches', loader))
loader.exec_module(module)
sys.exit(module.run('\\n'.join(sys.argv[2:])))
";

/// Succeeds where the interpreter shows its map.
const HAS_MAP: &str = "
try: from _testinternalcapi import hamt
except ImportError:
    try: from _testcapi import hamt
    except ImportError: from immutables import Map
";

/// The runner, built.
pub enum Runner {
    /// A module of this CPython, so that this is among the peers.
    Module(Python, PathBuf),
    /// A program, where there is no CPython.
    Program(PathBuf),
}

impl Runner {
    /// Builds the runner for the Python that is wanted, else for the newest that shows its map,
    /// else for none.
    ///
    /// # Errors
    ///
    /// When the wanted Python cannot be used; what the compiler says, whole.
    pub fn build(sh: &Shell, wanted: Option<&Path>, progress: &Progress) -> Result<Runner> {
        let release = workspace::target().join("release");
        match choose(sh, wanted)? {
            Some(python) => {
                progress.print(&format!("CPython {python} is among the peers"));
                build(module(sh).env("PYO3_PYTHON", &python.path), progress)?;
                let file = release.join(format!("{DLL_PREFIX}benches{DLL_SUFFIX}"));
                Ok(Runner::Module(python, file))
            }
            None => {
                progress
                    .print("CPython is not among the peers: no Python 3.11 or later shows its map");
                let program = cmd!(sh, "cargo build --release --package benches --bin benches");
                build(program, progress)?;
                Ok(Runner::Program(
                    release.join(format!("benches{EXE_SUFFIX}")),
                ))
            }
        }
    }

    /// Runs it and gives what it printed but for its progress, which is shown.
    ///
    /// # Errors
    ///
    /// What it printed, if it fails.
    pub fn run(&self, sh: &Shell, args: &[OsString], progress: &Progress) -> Result<String> {
        let command = match self {
            Runner::Module(python, file) => {
                let python = &python.path;
                cmd!(sh, "{python} -c {LOAD} {file} {args...}")
            }
            Runner::Program(file) => cmd!(sh, "{file} {args...}"),
        };
        let mut printed = String::new();
        let done = process::run(command.quiet(), |line| match told(line) {
            Told::Note(note) => progress.print(note),
            Told::Progress(now) => progress.note(now),
            Told::Result => printed.extend([line, "\n"]),
        })?;
        if done.succeeded() {
            Ok(printed)
        } else {
            let said = printed.trim();
            Err(said.strip_prefix("error: ").unwrap_or(said).into())
        }
    }
}

/// What a line of the runner is.
#[derive(Debug, PartialEq, Eq)]
enum Told<'a> {
    /// Said once, and stays.
    Note(&'a str),
    /// How far it is.
    Progress(&'a str),
    /// What it was asked for.
    Result,
}

fn told(line: &str) -> Told<'_> {
    match line.split_once(": ") {
        Some(("note", note)) => Told::Note(note),
        Some(("progress", now)) => Told::Progress(now),
        _ => Told::Result,
    }
}

/// The command that builds the module. The libraries are built as for any other user: the usual
/// target, the release profile.
fn module(sh: &Shell) -> Cmd<'_> {
    let cargo = cmd!(
        sh,
        "cargo rustc --release --package benches --lib --features cpython --crate-type cdylib"
    );
    if cfg!(target_os = "macos") {
        // The interpreter's symbols come from the process that loads the module.
        cargo.args([
            "--",
            "-C",
            "link-arg=-undefined",
            "-C",
            "link-arg=dynamic_lookup",
        ])
    } else {
        cargo
    }
}

fn build(cargo: Cmd<'_>, progress: &Progress) -> Result<()> {
    let done = process::run(cargo, |line| progress.note(line))?;
    if done.succeeded() {
        Ok(())
    } else {
        Err(format!("{}\nthe runner does not build", done.output).into())
    }
}

/// The Python to measure in: the wanted one, else the newest that shows its map.
fn choose(sh: &Shell, wanted: Option<&Path>) -> Result<Option<Python>> {
    if let Some(path) = wanted {
        let python = python::probe(sh, path).map_err(|why| format!("{}: {why}", path.display()))?;
        return Ok(Some(python));
    }
    let shows_map = |python: &Python| {
        let python = &python.path;
        let asked = cmd!(sh, "{python} -c {HAS_MAP}");
        asked.quiet().ignore_stderr().run().is_ok()
    };
    let usable = python::find(sh, &[])?.usable;
    Ok(usable.into_iter().rev().find(shows_map))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_from_results() {
        assert_eq!(told("note: this takes long"), Told::Note("this takes long"));
        assert_eq!(
            told("progress: 3 %: get hit"),
            Told::Progress("3 %: get hit")
        );
        assert_eq!(told("get hit  10  hamt: 1 ns"), Told::Result);
        assert_eq!(told("error: no such group"), Told::Result);
    }

    #[test]
    fn a_wanted_python_that_does_not_run_is_an_error() {
        let sh = Shell::new().unwrap();
        let error = choose(&sh, Some(Path::new("/no/such/python"))).unwrap_err();
        let error = error.to_string();
        assert!(
            error.starts_with("/no/such/python: it does not run"),
            "{error}"
        );
    }
}
