//! A fault that is planted on purpose, which a check must notice.

use std::path::Path;

use xshell::Shell;

use crate::process::{End, Finished};
use crate::progress::Progress;
use crate::{Result, edit, table, workspace};

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

/// What a run says, if it has noticed something: its last line.
fn noticed(done: &Finished) -> std::result::Result<String, &'static str> {
    match done.end {
        End::Succeeded => Err("NOT NOTICED"),
        End::TimedOut => Ok("it hangs".into()),
        End::Failed if done.output.contains("could not compile") => Err("DOES NOT COMPILE"),
        End::Failed => {
            let error = done.output.lines().rev();
            let error = error.filter_map(|line| line.strip_prefix("error: ")).next();
            Ok(error.unwrap_or("it crashes").into())
        }
    }
}

/// Plants each fault in a copy of the workspace, in `folder` of the build products, and runs that.
///
/// # Errors
///
/// When a run has not noticed its fault; whatever `run` fails with.
pub fn all_noticed(
    folder: &str,
    faults: &[Fault],
    run: impl Fn(&Shell, &Path, &Progress) -> Result<Finished>,
) -> Result<()> {
    let base = workspace::target().join(folder);
    let (tree, target) = (base.join("tree"), base.join("target"));
    workspace::copy(&Shell::new()?, &workspace::root(), &tree)?;
    let sh = workspace::shell(&tree)?;
    let mut rows = Vec::new();
    let mut missed = Vec::new();
    for (index, fault) in faults.iter().enumerate() {
        let progress = Progress::start(index + 1, faults.len(), fault.name);
        let done = fault.planted(&sh, || run(&sh, &target, &progress))?;
        let (result, output) = match noticed(&done) {
            Ok(error) => (error, ""),
            Err(why) => (why.to_string(), done.output.as_str()),
        };
        if !output.is_empty() {
            progress.print(output);
            missed.push(fault.name);
        }
        let time = table::seconds(progress.elapsed());
        progress.print(&format!("{}: {result}, {time} s", fault.name));
        rows.push([fault.name.into(), fault.breaks.into(), time, result]);
    }
    println!(
        "\n{}",
        table::layout(["fault", "breaks", "seconds", "noticed as"], &rows)
    );
    if missed.is_empty() {
        return Ok(());
    }
    Err(format!("not noticed: {}", missed.join(", ")).into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_that_fails_has_noticed_a_fault() {
        let said = |end, output: &str| {
            let output = output.into();
            noticed(&Finished { end, output })
        };
        assert_eq!(said(End::Succeeded, "12 steps"), Err("NOT NOTICED"));
        assert_eq!(
            said(End::Failed, "error: could not compile `x`"),
            Err("DOES NOT COMPILE")
        );
        assert_eq!(said(End::Failed, "1 step\nerror: torn"), Ok("torn".into()));
        assert_eq!(said(End::Failed, ""), Ok("it crashes".into()));
    }
}
