//! One interpreter with the modules that are compared in it, and the output of scripts there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;
use xshell::{Cmd, Shell, cmd};

use super::extension::Extension;
use super::python::Python;
use crate::progress::Progress;
use crate::step::watch_within;
use crate::{Result, workspace};

/// The first version whose messages the embedded host has.
const EMBEDDED_FROM: Version = Version::new(3, 13, 0);

/// The result of a check: its counts, or what went wrong.
pub type Checked = Result<String>;

/// An interpreter and the extension built for it.
#[derive(Clone)]
pub struct Case<'a> {
    pub sh: Shell,
    pub progress: &'a Progress,
    pub name: String,
    pub python: Python,
    pub extension: PathBuf,
    /// The embedded host as a module, for comparison.
    pub embedded: Option<PathBuf>,
    /// The seconds for random programs, and the seed of the first.
    pub seconds: u64,
    pub seed: u64,
}

impl<'a> Case<'a> {
    /// Builds the extension and the module of the embedded host, in the folder of a shell.
    ///
    /// # Errors
    ///
    /// The compiler's output.
    pub fn new(
        sh: &Shell,
        progress: &'a Progress,
        target: &Path,
        python: &Python,
        build: Extension,
    ) -> Result<Case<'a>> {
        let extension = build.build_for(sh, target, python)?;
        // The embedded host has the messages of the newest versions, for every interpreter.
        let has_embedded = python.version >= EMBEDDED_FROM && python.has_lock;
        let embedded = has_embedded.then(|| Extension::EMBEDDED.build(sh, target, &python.path));
        Ok(Case {
            sh: sh.clone(),
            progress,
            name: format!("{}{}", python.name(), build.suffix),
            python: python.clone(),
            extension,
            embedded: embedded.transpose()?,
            seconds: 10,
            seed: 0,
        })
    }

    /// Returns a command that runs the interpreter with our module instead of its own.
    pub fn over_ours(&self) -> Cmd<'_> {
        self.over(&self.extension)
    }

    /// As [`over_ours`](Case::over_ours), with the interpreter's own module.
    pub fn over_built_in(&self) -> Cmd<'_> {
        self.over("built-in".as_ref())
    }

    fn over(&self, module: &Path) -> Cmd<'_> {
        let (sh, python, with_ours) = (&self.sh, &self.python.path, script("with_ours.py"));
        cmd!(sh, "{python} {with_ours}").env("CONTEXTVARS_EXTENSION", module)
    }

    /// Returns the output of a program with the built-in module, and with ours.
    ///
    /// # Errors
    ///
    /// If one of the two fails; the error names it.
    pub fn both(&self, program: &str, limit: Duration) -> Result<(String, String)> {
        let run = |python: Cmd<'_>| self.printed(python.arg(script(program)), limit);
        Ok((run(self.over_built_in())?, run(self.over_ours())?))
    }

    /// Returns the output of a command.
    ///
    /// # Errors
    ///
    /// If it fails or exceeds the time; the error has the command and its output.
    pub fn printed(&self, cmd: Cmd<'_>, limit: Duration) -> Result<String> {
        watch_within(cmd.quiet(), limit, self.progress)
    }

    /// Runs a program with both modules, which must print the same. Returns the number of lines.
    ///
    /// # Errors
    ///
    /// If the outputs differ, or one of the two fails.
    pub fn same(&self, program: &str, limit: Duration) -> Checked {
        let (built_in, ours) = self.both(program, limit)?;
        match ours.lines().count() {
            _ if built_in != ours => Err(format!("built-in:\n{built_in}\nours:\n{ours}").into()),
            0 => Err(format!("{program} printed nothing").into()),
            lines => Ok(format!("the same {lines} lines")),
        }
    }
}

/// Returns the path of a script of the checks.
pub fn script(name: &str) -> PathBuf {
    workspace::root()
        .join("crates/host-cpython/conformance")
        .join(name)
}
