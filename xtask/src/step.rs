//! A step of the gate: its name, what it needs, what it does, and how it ended.

use xshell::{Cmd, Shell, cmd};

use crate::process::{self, Finished};
use crate::progress::Progress;
use crate::test_output::{Tally, is_headline};
use crate::{Result, table, workspace};

/// One step of the gate.
pub struct Step {
    pub name: &'static str,
    pub needs: Option<Tool>,
    pub run: fn(&Shell, &Progress) -> Result<Outcome>,
}

/// A cargo subcommand that comes with a component of the toolchain.
#[derive(Clone, Copy)]
pub struct Tool {
    pub subcommand: &'static str,
    pub component: &'static str,
}

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Carries what was counted, for the summary.
    Passed(String),
    /// Carries all that there is to show.
    Failed(String),
    /// Carries what to install.
    NotRun(String),
    /// The same, where it is fine not to have it, even in CI.
    NotHere(String),
    NotReached,
}

impl Outcome {
    /// What a command that has ended makes of its step.
    pub fn of(done: Finished, counted: impl Into<String>) -> Outcome {
        if done.succeeded() {
            Outcome::Passed(counted.into())
        } else {
            Outcome::Failed(done.output)
        }
    }

    /// What a run of tests makes of its step: it passes when it succeeded and there was a test
    /// in it.
    pub fn of_tests(done: Finished) -> Outcome {
        let tally = Tally::of(&done.output);
        if done.succeeded() && tally.passed == 0 {
            return Outcome::Failed(format!("{}\nno test ran", done.output));
        }
        Outcome::of(done, tally.to_string())
    }
}

impl Tool {
    /// What to install before this tool can be used; nothing when it is there.
    pub fn missing(self, sh: &Shell) -> Option<String> {
        let Tool {
            subcommand,
            component,
        } = self;
        let version = cmd!(sh, "cargo {subcommand} --version");
        let works = process::run(version, |_| {}).is_ok_and(|done| done.succeeded());
        (!works).then(|| format!("{component} is missing; run `rustup component add {component}`"))
    }
}

impl Step {
    /// Does the step. A step that cannot be started has failed.
    pub fn perform(&self, sh: &Shell, progress: &Progress) -> Outcome {
        if let Some(install) = self.needs.and_then(|tool| tool.missing(sh)) {
            return Outcome::NotRun(install);
        }
        (self.run)(sh, progress).unwrap_or_else(|error| Outcome::Failed(error.to_string()))
    }
}

/// Performs each of `steps` in turn, whatever comes of those before, and prints a table.
///
/// # Errors
///
/// When one did not pass.
pub fn each<T>(
    steps: &[T],
    name: impl Fn(&T) -> String,
    perform: impl Fn(&T, &Shell, &Progress) -> Result<Outcome>,
) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let name = name(step);
        let progress = Progress::start(index + 1, steps.len(), &name);
        let outcome = perform(step, &sh, &progress);
        let time = table::seconds(progress.elapsed());
        let (result, counted) = match outcome.unwrap_or_else(|e| Outcome::Failed(e.to_string())) {
            Outcome::Passed(counted) => ("ok", counted),
            Outcome::Failed(output) => {
                progress.print(&output);
                ("FAILED", String::new())
            }
            Outcome::NotRun(install) | Outcome::NotHere(install) => ("not run", install),
            Outcome::NotReached => ("not reached", String::new()),
        };
        progress.print(&format!("{name}: {result}, {time} s, {counted}"));
        if result != "ok" {
            failed.push(name.clone());
        }
        rows.push([name, result.into(), time, counted]);
    }
    println!(
        "\n{}",
        table::layout(["step", "result", "seconds", "counted"], &rows)
    );
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("not passed: {}", failed.join(", ")).into())
}

/// Runs `cmd`; the test runner's headlines stay visible, other lines pass by the spinner.
pub fn watch(cmd: Cmd<'_>, progress: &Progress) -> Result<Finished> {
    process::run(cmd, |line| {
        if is_headline(line) {
            progress.print(line);
        } else {
            progress.note(line);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::End;

    #[test]
    fn a_missing_tool_says_what_to_install() {
        let sh = Shell::new().unwrap();
        let step = Step {
            name: "imaginary",
            needs: Some(Tool {
                subcommand: "no-such-command",
                component: "imaginary",
            }),
            run: |_, _| Ok(Outcome::Passed(String::new())),
        };
        let outcome = step.perform(&sh, &Progress::start(1, 1, step.name));
        let advice = "imaginary is missing; run `rustup component add imaginary`";
        assert_eq!(outcome, Outcome::NotRun(advice.to_string()));
    }

    #[test]
    fn a_step_that_cannot_start_has_failed() {
        let sh = Shell::new().unwrap();
        let step = Step {
            name: "broken",
            needs: None,
            run: |_, _| Err("no way".into()),
        };
        let outcome = step.perform(&sh, &Progress::start(1, 1, step.name));
        assert_eq!(outcome, Outcome::Failed("no way".to_string()));
    }

    #[test]
    fn a_run_without_a_test_fails() {
        let run = |output: &str| Finished {
            end: End::Succeeded,
            output: output.into(),
        };
        let empty = run("test result: ok. 0 passed; 0 failed; 0 ignored");
        assert!(matches!(Outcome::of_tests(empty), Outcome::Failed(_)));
        let one = run("test result: ok. 1 passed; 0 failed; 0 ignored");
        assert!(matches!(Outcome::of_tests(one), Outcome::Passed(_)));
    }
}
