//! One interpreter with the modules that are compared in it, and what scripts print there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;
use xshell::{Cmd, Shell, cmd};

use super::extension::Extension;
use super::python::Python;
use crate::progress::Progress;
use crate::step::watch_within;
use crate::{Result, workspace};

/// The first version whose words the embedded host has.
const EMBEDDED_FROM: Version = Version::new(3, 13, 0);

/// What a check returns: what it counted, or what went wrong.
pub type Checked = Result<String>;

/// An interpreter and our extension.
#[derive(Clone)]
pub struct Case<'a> {
    pub sh: Shell,
    pub progress: &'a Progress,
    pub name: String,
    pub python: Python,
    pub extension: PathBuf,
    /// The embedded host as a module, for comparison.
    pub embedded: Option<PathBuf>,
    /// How long random programs are played, and the seed of the first.
    pub seconds: u64,
    pub seed: u64,
}

impl<'a> Case<'a> {
    /// Builds the extension, and what shows the embedded host to Python, from the tree of a shell.
    ///
    /// # Errors
    ///
    /// Whatever the compiler says, whole.
    pub fn new(
        sh: &Shell,
        progress: &'a Progress,
        target: &Path,
        python: &Python,
        build: Extension,
    ) -> Result<Case<'a>> {
        let extension = build.build_for(sh, target, python)?;
        // It has the words of the newest versions, whatever the interpreter's are.
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

    /// The interpreter, for whose arguments our module takes the place of its own.
    pub fn over_ours(&self) -> Cmd<'_> {
        self.over(&self.extension)
    }

    /// The same with the interpreter's own module in its place.
    pub fn over_built_in(&self) -> Cmd<'_> {
        self.over("built-in".as_ref())
    }

    fn over(&self, module: &Path) -> Cmd<'_> {
        let (sh, python, with_ours) = (&self.sh, &self.python.path, script("with_ours.py"));
        cmd!(sh, "{python} {with_ours}").env("CONTEXTVARS_EXTENSION", module)
    }

    /// What a program prints over the built-in module, and over ours.
    ///
    /// # Errors
    ///
    /// Which of the two did not end well.
    pub fn both(&self, program: &str, limit: Duration) -> Result<(String, String)> {
        let run = |python: Cmd<'_>| self.printed(python.arg(script(program)), limit);
        Ok((run(self.over_built_in())?, run(self.over_ours())?))
    }

    /// Returns what a command prints, if it ends well and in time.
    ///
    /// # Errors
    ///
    /// Which command did not, and what it printed.
    pub fn printed(&self, cmd: Cmd<'_>, limit: Duration) -> Result<String> {
        watch_within(cmd.quiet(), limit, self.progress)
    }

    /// Runs a program over both, which must print the same. Returns how many lines.
    ///
    /// # Errors
    ///
    /// What differs, or which of the two did not end well.
    pub fn same(&self, program: &str, limit: Duration) -> Checked {
        let (built_in, ours) = self.both(program, limit)?;
        match ours.lines().count() {
            _ if built_in != ours => Err(format!("built-in:\n{built_in}\nours:\n{ours}").into()),
            0 => Err(format!("{program} printed nothing").into()),
            lines => Ok(format!("the same {lines} lines")),
        }
    }
}

/// A script of the checks.
pub fn script(name: &str) -> PathBuf {
    workspace::root()
        .join("crates/host-cpython/conformance")
        .join(name)
}
