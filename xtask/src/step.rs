//! Steps of the gate and of other commands: runs them, and prints their results.

use std::iter;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use xshell::{Cmd, Shell};

use crate::process::{self, End};
use crate::progress::Progress;
use crate::test_output::{is_headline, tests_passed};
use crate::{Result, table, workspace};

/// A command that takes longer is killed. The slowest takes a fraction of this on a slow machine.
pub const LIMIT: Duration = Duration::from_secs(45 * 60);

/// A step: its name and its function, which returns counts for the summary.
pub struct Step {
    pub name: String,
    run: Box<Run>,
}

type Run = dyn Fn(&Shell, &Progress) -> Result<String> + Send + Sync;

/// The error of a step that cannot be run, with what to install.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub enum Missing {
    /// A tool that CI has.
    InCi(String),
    /// A tool that may be missing, also in CI.
    Optional(String),
}

/// Returns the error of a missing tool that CI has.
pub fn missing(install: impl Into<String>) -> Box<dyn std::error::Error> {
    Missing::InCi(install.into()).into()
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    NotRun,
    /// Not run, which is allowed also in CI.
    NotHere,
    /// A step before it failed.
    NotReached,
}

impl Outcome {
    /// Returns `true` if the result is an error. A step that cannot be run is an error in CI.
    fn is_wrong(self) -> bool {
        match self {
            Outcome::Passed | Outcome::NotHere => false,
            Outcome::NotRun => std::env::var("CI").is_ok_and(|ci| ci == "true"),
            Outcome::Failed | Outcome::NotReached => true,
        }
    }
}

impl Step {
    pub fn new(
        name: impl Into<String>,
        run: impl Fn(&Shell, &Progress) -> Result<String> + Send + Sync + 'static,
    ) -> Step {
        Step {
            name: name.into(),
            run: Box::new(run),
        }
    }

    /// Runs the step and prints its result. A step that cannot be started has failed.
    fn perform(&self, sh: &Shell, progress: &Progress) -> Row {
        let done = (self.run)(sh, progress);
        let done = done.map_err(|error| error.downcast().map(|missing| *missing));
        let (outcome, counted) = match done {
            Ok(counted) => (Outcome::Passed, counted),
            Err(Ok(Missing::Optional(install))) => (Outcome::NotHere, install),
            Err(Ok(Missing::InCi(install))) => (Outcome::NotRun, install),
            Err(Err(error)) => {
                progress.print(error.to_string().trim_end());
                (Outcome::Failed, String::new())
            }
        };
        let row = Row::new(self, outcome, progress.elapsed(), counted);
        let [name, result, time, counted] = &row.cells;
        progress.print(&match outcome {
            Outcome::NotRun | Outcome::NotHere => format!("{name}: {result}: {counted}"),
            _ if counted.is_empty() => format!("{name}: {result}, {time} s"),
            _ => format!("{name}: {result}, {time} s, {counted}"),
        });
        row
    }
}

/// A row of the summary.
struct Row {
    outcome: Outcome,
    /// The name, the result, the time, and what was counted or what to install.
    cells: [String; 4],
}

impl Row {
    fn new(step: &Step, outcome: Outcome, time: Duration, counted: String) -> Row {
        let result = match outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
            Outcome::NotRun | Outcome::NotHere => "not run",
            Outcome::NotReached => "not reached",
        };
        let cells = [
            step.name.clone(),
            result.into(),
            table::seconds(time),
            counted,
        ];
        Row { outcome, cells }
    }
}

/// Runs `steps` in turn, and in parallel with them those of `parallel` in turn. A worker whose list is
/// done takes steps from the end of the other list. With `stop`, no step starts after a failure.
fn perform(steps: &[Step], parallel: &[Step], stop: bool) -> Result<Vec<Row>> {
    let sh = workspace::shell(&workspace::root())?;
    let stopped = AtomicBool::new(false);
    let (of_first, of_all) = (steps.len(), steps.len() + parallel.len());
    let left = Mutex::new([0..of_first, of_first..of_all]);
    let next = |own: usize| {
        let mut left = left.lock().expect("no step panics while it is locked");
        left[own].next().or_else(|| left[1 - own].next_back())
    };
    let worker = |sh: &Shell, own: usize| {
        let rows = iter::from_fn(|| next(own)).map(|index| {
            let step = steps.iter().chain(parallel).nth(index).expect("in a list");
            if stopped.load(Ordering::Relaxed) {
                let row = Row::new(step, Outcome::NotReached, Duration::ZERO, String::new());
                return (index, row);
            }
            let progress = match own {
                0 => Progress::start(index + 1, of_all, &step.name),
                _ => Progress::parallel(&step.name),
            };
            let row = step.perform(sh, &progress);
            stopped.fetch_or(stop && row.outcome.is_wrong(), Ordering::Relaxed);
            (index, row)
        });
        rows.collect::<Vec<_>>()
    };
    let mut rows = thread::scope(|scope| {
        let (sh_parallel, worker) = (sh.clone(), &worker);
        // Without a second list there is no second worker: each step then starts after the one before.
        let spawn = || scope.spawn(move || worker(&sh_parallel, 1));
        let parallel = (!parallel.is_empty()).then(spawn);
        let mut rows = worker(&sh, 0);
        if let Some(parallel) = parallel {
            rows.extend(parallel.join().map_err(|_| "a step panicked")?);
        }
        Result::Ok(rows)
    })?;
    rows.sort_by_key(|(index, _)| *index);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Runs the steps, and prints a table of the results and how to repeat those that failed.
///
/// # Errors
///
/// If a step failed.
pub fn all(
    steps: &[Step],
    parallel: &[Step],
    stop: bool,
    repeat: impl Fn(&str) -> String,
) -> Result<()> {
    let started = Instant::now();
    let rows = perform(steps, parallel, stop)?;
    let mut cells: Vec<_> = rows.iter().map(|row| row.cells.clone()).collect();
    let time = table::seconds(started.elapsed());
    cells.push(["total".into(), String::new(), time, String::new()]);
    let head = ["step", "result", "seconds", "counted"];
    println!("\n{}", table::layout(head, &cells));
    let is_wrong = |row: &&Row| row.outcome.is_wrong() && row.outcome != Outcome::NotReached;
    let wrong = rows.iter().filter(is_wrong).map(|row| {
        let [name, result, ..] = &row.cells;
        let repeat = repeat(name);
        format!("step `{name}`: {result}; repeat it with `{repeat}`")
    });
    let wrong: Vec<_> = wrong.collect();
    let has_passed = |row: &&Row| row.outcome == Outcome::Passed;
    let passed = rows.iter().filter(has_passed).count();
    match passed {
        _ if !wrong.is_empty() => Err(wrong.join("\n").into()),
        0 => Err("no step was run".into()),
        _ => {
            println!(
                "ok; steps passed: {passed}, not run: {}",
                rows.len() - passed
            );
            Ok(())
        }
    }
}

/// Runs each of `steps`, also after a failure. `repeat` is the command that repeats them.
pub fn each(steps: &[Step], repeat: &str) -> Result<()> {
    all(steps, &[], false, |_| repeat.into())
}

/// Runs `cmd` and returns its output. The test runner's headlines are printed, other lines are shown
/// beside the spinner.
///
/// # Errors
///
/// If it failed: its output and the command.
pub fn watch(cmd: Cmd<'_>, progress: &Progress) -> Result<String> {
    watch_within(cmd, LIMIT, progress)
}

/// As [`watch`], but kills the command after `limit`.
pub fn watch_within(cmd: Cmd<'_>, limit: Duration, progress: &Progress) -> Result<String> {
    let shown = cmd.to_string();
    let done = process::run_within(cmd, limit, |line| match is_headline(line) {
        true => progress.print(line),
        false => progress.note(line),
    })?;
    match done.end {
        End::Succeeded => Ok(done.output),
        End::Failed => Err(format!("{}`{shown}` failed", done.output).into()),
        End::Crashed | End::TimedOut => Err(done.output.into()),
    }
}

/// Returns the last line of a command's output that is not empty.
pub fn last_line(output: &str) -> String {
    let last = output.lines().rfind(|line| !line.trim().is_empty());
    last.unwrap_or_default().trim().to_owned()
}

/// Returns the number of passed tests in the output of test runners.
///
/// # Errors
///
/// If there is none.
pub fn passed(output: &str) -> Result<String> {
    match tests_passed(output) {
        0 => Err(format!("{output}\nno test ran").into()),
        passed => Ok(format!("{passed} passed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xshell::cmd;

    fn results(steps: &[Step], stop: bool) -> Vec<String> {
        let rows = perform(steps, &[], stop).unwrap();
        rows.iter().map(|row| row.cells[1].clone()).collect()
    }

    #[test]
    fn with_stop_the_steps_after_the_first_failure_are_not_reached() {
        let absent = || Missing::Optional("install it".into());
        let steps = [
            Step::new("passes", |_, _| Ok("1 thing".into())),
            Step::new("cannot start", |_, _| Err("no way".into())),
            Step::new("absent", move |_, _| Err(absent().into())),
        ];
        assert_eq!(results(&steps, true), ["ok", "FAILED", "not reached"]);
        assert_eq!(results(&steps, false), ["ok", "FAILED", "not run"]);
        let error = all(&steps, &[], true, |name| format!("do {name}")).unwrap_err();
        let repeat = "step `cannot start`: FAILED; repeat it with `do cannot start`";
        assert_eq!(error.to_string(), repeat);
        let all = |steps, parallel| all(steps, parallel, true, str::to_string);
        assert!(all(&steps[2..], &[]).is_err(), "no step was run");
        assert!(all(&steps[..1], &steps[..1]).is_ok());
        assert!(all(&steps[..1], &steps[1..]).is_err());
    }

    #[test]
    fn the_error_of_a_command_has_its_output_and_name() {
        let (sh, progress) = (Shell::new().unwrap(), Progress::parallel("test"));
        let version = watch(cmd!(sh, "rustc --version"), &progress).unwrap();
        assert!(version.starts_with("rustc "), "{version}");
        let failed = watch(cmd!(sh, "rustc --no-such-option"), &progress).unwrap_err();
        let failed = failed.to_string();
        assert!(failed.contains("no-such-option'"), "{failed}");
        assert!(
            failed.ends_with("`rustc --no-such-option` failed"),
            "{failed}"
        );
    }

    #[test]
    fn a_run_without_a_test_fails() {
        assert!(passed("test result: ok. 0 passed; 0 failed; 0 ignored").is_err());
        let one = passed("test result: ok. 1 passed; 0 failed; 0 ignored");
        assert_eq!(one.unwrap(), "1 passed");
    }
}
