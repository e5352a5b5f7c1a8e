//! One interpreter with the modules that are compared in it.

use std::path::Path;

use xshell::{Cmd, Shell, cmd};

use super::python::Python;

/// The name of the interpreter's own module, where that of a file is asked for.
const BUILT_IN: &str = "built-in";

/// What a check gives: what it counted, or what went wrong.
pub type Checked = std::result::Result<String, String>;

/// An interpreter, our extension, and the scripts to run over it.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub sh: &'a Shell,
    pub python: &'a Python,
    pub scripts: &'a Path,
    pub extension: &'a Path,
    /// The embedded host as a module, for comparison.
    pub embedded: Option<&'a Path>,
}

impl<'a> Case<'a> {
    /// The interpreter, for whose arguments our module takes the place of its own.
    pub fn over_ours(&self) -> Cmd<'a> {
        self.over(self.extension)
    }

    /// The same with the interpreter's own module in its place.
    pub fn over_built_in(&self) -> Cmd<'a> {
        self.over(BUILT_IN.as_ref())
    }

    fn over(&self, module: &Path) -> Cmd<'a> {
        let (python, with_ours) = (&self.python.path, self.scripts.join("with_ours.py"));
        let sh = self.sh;
        cmd!(sh, "{python} {with_ours}").env("CONTEXTVARS_EXTENSION", module)
    }
}
