//! Steps: what they do, how each ended, and what is printed of them.

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

/// A command that takes longer hangs: several times what the slowest takes on a slow machine.
pub const LIMIT: Duration = Duration::from_secs(45 * 60);

/// A step: what it is called, and what it does. It returns what it counted, for the summary.
pub struct Step {
    pub name: String,
    run: Box<Run>,
}

type Run = dyn Fn(&Shell, &Progress) -> Result<String> + Send + Sync;

/// The error of a step that cannot be run: what to install.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub enum Missing {
    /// CI has it.
    InCi(String),
    /// It is fine not to have it, even in CI.
    Optional(String),
}

/// The error that something which CI has is missing.
pub fn missing(install: impl Into<String>) -> Box<dyn std::error::Error> {
    Missing::InCi(install.into()).into()
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    NotRun,
    /// The same, where it is fine even in CI.
    NotHere,
    /// A step before it failed.
    NotReached,
}

impl Outcome {
    /// Whether the step has not done what it had to: a step that cannot be run has not in CI.
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

    /// Does the step, and prints how it ended. A step that cannot be started has failed.
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

/// Performs each of `steps` in turn, and beside them each of `beside`. The worker that comes to its end
/// first takes what is last in the other list. With `stop`, only up to the first that has not done what it
/// had to.
fn perform(steps: &[Step], beside: &[Step], stop: bool) -> Result<Vec<Row>> {
    let sh = workspace::shell(&workspace::root())?;
    let stopped = AtomicBool::new(false);
    let (of_first, of_all) = (steps.len(), steps.len() + beside.len());
    let left = Mutex::new([0..of_first, of_first..of_all]);
    let next = |own: usize| {
        let mut left = left.lock().expect("no step runs under it");
        left[own].next().or_else(|| left[1 - own].next_back())
    };
    let worker = |sh: &Shell, own: usize| {
        let rows = iter::from_fn(|| next(own)).map(|index| {
            let step = steps.iter().chain(beside).nth(index).expect("in a list");
            if stopped.load(Ordering::Relaxed) {
                let row = Row::new(step, Outcome::NotReached, Duration::ZERO, String::new());
                return (index, row);
            }
            let progress = match own {
                0 => Progress::start(index + 1, of_all, &step.name),
                _ => Progress::beside(&step.name),
            };
            let row = step.perform(sh, &progress);
            stopped.fetch_or(stop && row.outcome.is_wrong(), Ordering::Relaxed);
            (index, row)
        });
        rows.collect::<Vec<_>>()
    };
    let mut rows = thread::scope(|scope| {
        let (sh_beside, worker) = (sh.clone(), &worker);
        // Without a second list there is no second worker: each step then knows those before it done.
        let spawn = || scope.spawn(move || worker(&sh_beside, 1));
        let beside = (!beside.is_empty()).then(spawn);
        let mut rows = worker(&sh, 0);
        if let Some(beside) = beside {
            rows.extend(beside.join().map_err(|_| "a step panicked")?);
        }
        Result::Ok(rows)
    })?;
    rows.sort_by_key(|(index, _)| *index);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
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
    let mut cells: Vec<_> = rows.iter().map(|row| row.cells.clone()).collect();
    let time = table::seconds(started.elapsed());
    cells.push(["in all".into(), String::new(), time, String::new()]);
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

/// Performs each of `steps`, whatever comes of those before; `repeat` does so again.
pub fn each(steps: &[Step], repeat: &str) -> Result<()> {
    all(steps, &[], false, |_| repeat.into())
}

/// Runs `cmd` and returns what it printed. The test runner's headlines stay visible, other lines pass
/// by the spinner.
///
/// # Errors
///
/// All that it printed, and which command it is, if it failed.
pub fn watch(cmd: Cmd<'_>, progress: &Progress) -> Result<String> {
    watch_within(cmd, LIMIT, progress)
}

/// Like [`watch`], but kills the command when `limit` has passed.
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

/// The last line of what a command printed, where that says what it counted.
pub fn last_line(output: &str) -> String {
    let last = output.lines().rfind(|line| !line.trim().is_empty());
    last.unwrap_or_default().trim().to_owned()
}

/// How many tests passed, by what they printed.
///
/// # Errors
///
/// When there was none.
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
    fn steps_after_the_first_failure_are_not_reached_where_that_is_asked_for() {
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
        let all = |steps, beside| all(steps, beside, true, str::to_string);
        assert!(all(&steps[2..], &[]).is_err(), "no step was run");
        assert!(all(&steps[..1], &steps[..1]).is_ok());
        assert!(all(&steps[..1], &steps[1..]).is_err());
    }

    #[test]
    fn what_fails_is_named_with_what_it_printed() {
        let (sh, progress) = (Shell::new().unwrap(), Progress::beside("test"));
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
