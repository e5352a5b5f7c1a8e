//! A fault that is planted on purpose, which a check must notice.

use xshell::Shell;

use crate::{Result, edit};

/// A change of one place of production code.
#[derive(Debug)]
pub struct Fault {
    pub name: &'static str,
    /// The file, from the root of the workspace.
    pub file: &'static str,
    /// The text to take out; it must occur exactly once.
    pub find: &'static str,
    /// The text to put in its place.
    pub replace: &'static str,
    /// What no longer holds then.
    pub breaks: &'static str,
}

impl Fault {
    /// Plants it in the tree of a shell for the time of `run`.
    ///
    /// # Errors
    ///
    /// When it no longer applies; whatever `run` fails with.
    pub fn planted<R>(&self, sh: &Shell, run: impl FnOnce() -> Result<R>) -> Result<R> {
        let original = sh.read_file(self.file)?;
        sh.write_file(self.file, self.apply(&original)?)?;
        let result = run();
        sh.write_file(self.file, original)?;
        result
    }

    fn apply(&self, source: &str) -> std::result::Result<String, String> {
        edit::once(source, self.find, self.replace)
            .map_err(|why| format!("fault `{}` in {}: {why}", self.name, self.file))
    }
}

/// Panics unless each applies to this workspace: for tests.
#[cfg(test)]
pub fn assert_all_apply(faults: &[Fault]) {
    let sh = crate::workspace::shell(&crate::workspace::root()).unwrap();
    for fault in faults {
        let source = sh.read_file(fault.file).unwrap();
        fault.apply(&source).unwrap();
    }
}
