//! Steps: what they do, how each ended, and what is printed of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use xshell::{Cmd, Shell};

use crate::process::{self, End, Finished};
use crate::progress::Progress;
use crate::test_output::{is_headline, tests_passed};
use crate::{Result, table, workspace};

/// A command that takes longer hangs: several times what the slowest takes on a slow machine.
pub const LIMIT: Duration = Duration::from_secs(45 * 60);

/// A step: what it is called, and what it does.
pub struct Step {
    pub name: String,
    run: Box<Run>,
}

type Run = dyn Fn(&Shell, &Progress) -> Result<Outcome> + Send + Sync;

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
    /// A step before it failed.
    NotReached,
}

impl Outcome {
    /// What a command that has ended makes of its step.
    pub fn of(done: Finished, counted: impl Into<String>) -> Outcome {
        match done.end {
            End::Succeeded => Outcome::Passed(counted.into()),
            _ => Outcome::Failed(done.output),
        }
    }

    /// The same, where its last line says what it counted.
    pub fn of_last_line(done: Finished) -> Outcome {
        let last = done.output.lines().rfind(|line| !line.trim().is_empty());
        let last = last.unwrap_or_default().trim().to_owned();
        Outcome::of(done, last)
    }

    /// What a run of tests makes of its step: it passes when it succeeded and there was a test
    /// in it.
    pub fn of_tests(done: Finished) -> Outcome {
        match tests_passed(&done.output) {
            0 if done.succeeded() => Outcome::Failed(format!("{}\nno test ran", done.output)),
            passed => Outcome::of(done, format!("{passed} passed")),
        }
    }

    fn passed(&self) -> bool {
        matches!(self, Outcome::Passed(_))
    }

    /// Whether the step has not done what it had to: a step that cannot be run has not in CI.
    fn is_wrong(&self) -> bool {
        match self {
            Outcome::Passed(_) | Outcome::NotHere(_) => false,
            Outcome::NotRun(_) => std::env::var("CI").is_ok_and(|ci| ci == "true"),
            Outcome::Failed(_) | Outcome::NotReached => true,
        }
    }
}

impl Step {
    pub fn new(
        name: impl Into<String>,
        run: impl Fn(&Shell, &Progress) -> Result<Outcome> + Send + Sync + 'static,
    ) -> Step {
        Step {
            name: name.into(),
            run: Box::new(run),
        }
    }

    /// Does the step. A step that cannot be started has failed.
    fn perform(&self, sh: &Shell, progress: &Progress) -> Row {
        let outcome = (self.run)(sh, progress);
        let outcome = outcome.unwrap_or_else(|error| Outcome::Failed(error.to_string()));
        let row = Row {
            name: self.name.clone(),
            outcome,
            time: progress.elapsed(),
        };
        let [name, result, time, counted] = row.cells();
        if let Outcome::Failed(output) = &row.outcome {
            progress.print(output.trim_end());
        }
        progress.print(&match row.outcome {
            Outcome::NotRun(_) | Outcome::NotHere(_) => format!("{name}: {result}: {counted}"),
            _ if counted.is_empty() => format!("{name}: {result}, {time} s"),
            _ => format!("{name}: {result}, {time} s, {counted}"),
        });
        row
    }
}

/// A row of the summary.
pub struct Row {
    name: String,
    pub outcome: Outcome,
    time: Duration,
}

impl Row {
    pub fn cells(&self) -> [String; 4] {
        let time = table::seconds(self.time);
        let (result, time, counted) = match &self.outcome {
            Outcome::Passed(counted) => ("ok", time, counted.as_str()),
            Outcome::Failed(_) => ("FAILED", time, ""),
            Outcome::NotRun(install) | Outcome::NotHere(install) => ("not run", time, &**install),
            Outcome::NotReached => ("not reached", String::new(), ""),
        };
        [self.name.clone(), result.into(), time, counted.into()]
    }
}

/// Performs each of `steps` in turn, and beside them each of `beside`. With `stop`, only up to the
/// first that has not done what it had to.
pub fn perform(steps: &[Step], beside: &[Step], stop: bool) -> Result<Vec<Row>> {
    let sh = workspace::shell(&workspace::root())?;
    let stopped = AtomicBool::new(false);
    let each = |sh: &Shell, steps: &[Step], start: &dyn Fn(usize, &str) -> Progress| {
        let rows = steps.iter().enumerate().map(|(index, step)| {
            if stopped.load(Ordering::Relaxed) {
                return Row {
                    name: step.name.clone(),
                    outcome: Outcome::NotReached,
                    time: Duration::ZERO,
                };
            }
            let row = step.perform(sh, &start(index + 1, &step.name));
            stopped.fetch_or(stop && row.outcome.is_wrong(), Ordering::Relaxed);
            row
        });
        rows.collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let sh_beside = sh.clone();
        let each = &each;
        let beside =
            scope.spawn(move || each(&sh_beside, beside, &|_, name| Progress::beside(name)));
        let mut rows = each(&sh, steps, &|number, name| {
            Progress::start(number, steps.len(), name)
        });
        rows.extend(beside.join().map_err(|_| "a step panicked")?);
        Ok(rows)
    })
}

/// Performs `steps`, prints a table of them, and how to repeat those that did not pass.
///
/// # Errors
///
/// When one did not do what it had to.
pub fn all(
    steps: &[Step],
    beside: &[Step],
    stop: bool,
    repeat: impl Fn(&str) -> String,
) -> Result<()> {
    let started = Instant::now();
    let rows = perform(steps, beside, stop)?;
    let mut cells: Vec<_> = rows.iter().map(Row::cells).collect();
    let time = table::seconds(started.elapsed());
    cells.push(["in all".into(), String::new(), time, String::new()]);
    println!(
        "\n{}",
        table::layout(["step", "result", "seconds", "counted"], &cells)
    );
    let of = |outcome: fn(&Outcome) -> bool| rows.iter().filter(move |row| outcome(&row.outcome));
    let wrong: Vec<_> = of(|outcome| outcome.is_wrong() && *outcome != Outcome::NotReached)
        .map(|row| {
            format!(
                "step `{}`: {}; repeat it with `{}`",
                row.name,
                row.cells()[1],
                repeat(&row.name)
            )
        })
        .collect();
    match of(Outcome::passed).count() {
        _ if !wrong.is_empty() => Err(wrong.join("\n").into()),
        0 => Err("no step was run".into()),
        passed => {
            println!(
                "ok; steps passed: {passed}, not run: {}",
                rows.len() - passed
            );
            Ok(())
        }
    }
}

/// Performs each of `steps`, whatever comes of those before; `repeat` does so again.
pub fn each(steps: &[Step], repeat: &str) -> Result<()> {
    all(steps, &[], false, |_| repeat.into())
}

/// Runs `cmd`, which has to succeed for its step to go on, and returns what it printed.
///
/// # Errors
///
/// All that it printed, if it failed.
pub fn must(cmd: Cmd<'_>, progress: &Progress) -> Result<String> {
    let done = watch(cmd, progress)?;
    match done.succeeded() {
        true => Ok(done.output),
        false => Err(done.output.into()),
    }
}

/// Runs `cmd`; the test runner's headlines stay visible, other lines pass by the spinner.
pub fn watch(cmd: Cmd<'_>, progress: &Progress) -> Result<Finished> {
    watch_within(cmd, LIMIT, progress)
}

/// Like [`watch`], but kills the command when `limit` has passed.
pub fn watch_within(cmd: Cmd<'_>, limit: Duration, progress: &Progress) -> Result<Finished> {
    process::run_within(cmd, limit, |line| match is_headline(line) {
        true => progress.print(line),
        false => progress.note(line),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, outcome: fn() -> Result<Outcome>) -> Step {
        Step::new(name, move |_, _| outcome())
    }

    fn results(steps: &[Step], stop: bool) -> Vec<String> {
        let rows = perform(steps, &[], stop).unwrap();
        rows.iter().map(|row| row.cells()[1].clone()).collect()
    }

    #[test]
    fn steps_after_the_first_failure_are_not_reached_where_that_is_asked_for() {
        let steps = [
            step("passes", || Ok(Outcome::Passed("1 thing".into()))),
            step("cannot start", || Err("no way".into())),
            step("absent", || Ok(Outcome::NotHere("install it".into()))),
        ];
        assert_eq!(results(&steps, true), ["ok", "FAILED", "not reached"]);
        assert_eq!(results(&steps, false), ["ok", "FAILED", "not run"]);
        let error = all(&steps, &[], true, |name| format!("do {name}")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "step `cannot start`: FAILED; repeat it with `do cannot start`"
        );
        assert!(
            all(&steps[2..], &[], true, str::to_string).is_err(),
            "no step was run"
        );
        assert!(all(&steps[..1], &steps[..1], true, str::to_string).is_ok());
        assert!(all(&steps[..1], &steps[1..], true, str::to_string).is_err());
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
        assert_eq!(Outcome::of_tests(one), Outcome::Passed("1 passed".into()));
    }
}
