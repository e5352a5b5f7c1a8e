//! `cargo xtask gate`: everything that a change must pass, a step at a time.

mod panel;

use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;
use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{Outcome, Step, Tool, watch};
use crate::{Result, bench, conformance, loom, stress, table, workspace};

const RUSTFMT: Tool = Tool {
    subcommand: "fmt",
    component: "rustfmt",
};
const CLIPPY: Tool = Tool {
    subcommand: "clippy",
    component: "clippy",
};

/// The steps, in order.
const STEPS: &[Step] = &[
    Step {
        name: "format",
        needs: Some(RUSTFMT),
        run: format,
    },
    Step {
        name: "clippy",
        needs: Some(CLIPPY),
        run: clippy,
    },
    Step {
        name: "features",
        needs: None,
        run: features,
    },
    Step {
        name: "tests",
        needs: None,
        run: tests,
    },
    Step {
        name: "doctests",
        needs: None,
        run: doctests,
    },
    Step {
        name: "docs",
        needs: None,
        run: docs,
    },
    Step {
        name: "panel",
        needs: None,
        run: panel::run,
    },
    Step {
        name: "loom",
        needs: None,
        run: loom::step,
    },
    Step {
        name: "stress",
        needs: None,
        run: stress::step,
    },
    Step {
        name: "instructions",
        needs: None,
        run: bench::instructions::step,
    },
    Step {
        name: "conformance",
        needs: None,
        run: conformance::step,
    },
];

/// The packages that can be built smaller.
const SMALLER: [&str; 4] = [
    "contextvars-hamt",
    "pyobj",
    "contextvars",
    "contextvars-ambient",
];

#[derive(clap::Args)]
pub struct Args {
    /// Run only this step; may be given again.
    #[arg(long, value_name = "STEP", value_parser = step_names())]
    only: Vec<String>,
    /// Leave this step out; may be given again.
    #[arg(long, value_name = "STEP", value_parser = step_names())]
    skip: Vec<String>,
}

fn step_names() -> PossibleValuesParser {
    PossibleValuesParser::new(STEPS.iter().map(|step| step.name))
}

/// A row of the summary.
struct Row {
    name: &'static str,
    outcome: Outcome,
    time: Duration,
}

pub fn main(args: &Args) -> Result<()> {
    let chosen = |step: &&Step| {
        let is_step = |name: &String| name == step.name;
        (args.only.is_empty() || args.only.iter().any(is_step)) && !args.skip.iter().any(is_step)
    };
    let steps: Vec<&Step> = STEPS.iter().filter(chosen).collect();
    let started = Instant::now();
    let rows = perform(&steps, in_ci())?;

    let cells: Vec<_> = rows.iter().map(Row::cells).collect();
    println!(
        "\n{}",
        table::layout(["step", "result", "seconds", "counted"], &cells)
    );
    match rows.iter().find(|row| row.outcome.stops(in_ci())) {
        Some(row) => Err(format!("the gate failed at step `{}`", row.name).into()),
        None if rows.is_empty() => Err("no step is left to run".into()),
        None => {
            let passed = rows.iter().filter(|row| row.outcome.passed()).count();
            let left_out = STEPS.len() - passed;
            let time = table::seconds(started.elapsed());
            println!("gate: ok; steps passed: {passed}, left out: {left_out}; {time} s");
            Ok(())
        }
    }
}

/// Does each step up to the first that stops the gate.
fn perform(steps: &[&Step], ci: bool) -> Result<Vec<Row>> {
    let sh = workspace::shell(&workspace::root())?;
    let mut rows: Vec<Row> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if rows.last().is_some_and(|row| row.outcome.stops(ci)) {
            let outcome = Outcome::NotReached;
            rows.push(Row {
                name: step.name,
                outcome,
                time: Duration::ZERO,
            });
            continue;
        }
        let progress = Progress::start(index + 1, steps.len(), step.name);
        let outcome = step.perform(&sh, &progress);
        let row = Row {
            name: step.name,
            outcome,
            time: progress.elapsed(),
        };
        progress.print(&row.closing_line());
        rows.push(row);
    }
    Ok(rows)
}

/// Whether this is a run in CI, where nothing may be left out.
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

impl Outcome {
    fn passed(&self) -> bool {
        matches!(self, Outcome::Passed(_))
    }

    /// Whether the steps after this one are not to be reached.
    fn stops(&self, ci: bool) -> bool {
        match self {
            Outcome::Passed(_) | Outcome::NotHere(_) => false,
            Outcome::NotRun(_) => ci,
            Outcome::Failed(_) | Outcome::NotReached => true,
        }
    }
}

impl Row {
    fn closing_line(&self) -> String {
        let Row {
            name,
            outcome,
            time,
        } = self;
        let time = table::seconds(*time);
        match outcome {
            Outcome::Passed(counted) => format!("{name}: ok, {time} s, {counted}"),
            Outcome::Failed(output) => format!("{output}\n{name}: FAILED, {time} s"),
            Outcome::NotRun(install) | Outcome::NotHere(install) => {
                format!("{name}: not run: {install}")
            }
            Outcome::NotReached => format!("{name}: not reached"),
        }
    }

    fn cells(&self) -> [String; 4] {
        let time = table::seconds(self.time);
        let (result, time, counted) = match &self.outcome {
            Outcome::Passed(counted) => ("ok", time, counted.as_str()),
            Outcome::Failed(_) => ("FAILED", time, ""),
            Outcome::NotRun(install) | Outcome::NotHere(install) => {
                ("not run", time, install.as_str())
            }
            Outcome::NotReached => ("not reached", String::new(), ""),
        };
        [self.name.into(), result.into(), time, counted.into()]
    }
}

fn format(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let done = watch(cmd!(sh, "cargo fmt --all --check"), progress)?;
    Ok(Outcome::of(done, "no difference"))
}

fn clippy(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let usual = cmd!(sh, "cargo clippy --workspace --all-targets -- -D warnings");
    let done = watch(usual, progress)?;
    if !done.succeeded() {
        return Ok(Outcome::Failed(done.output));
    }
    // Without their flag, clippy sees neither the models nor what only they compile.
    let done = watch(loom::clippy(sh), progress)?;
    Ok(Outcome::of(done, "no warning, with and without loom"))
}

/// Builds each crate that has optional parts without them. A build of the workspace does not show
/// what is missing there, because it unites what the crates ask of each other.
fn features(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    for package in SMALLER {
        let cargo = cmd!(sh, "cargo check --package {package} --no-default-features");
        let done = watch(
            cargo.env("RUSTFLAGS", workspace::flags("RUSTFLAGS", "-D warnings")),
            progress,
        )?;
        if !done.succeeded() {
            return Ok(Outcome::Failed(done.output));
        }
    }
    Ok(Outcome::Passed(format!(
        "{} crates without their features",
        SMALLER.len()
    )))
}

/// Leaves out the benchmarks: clippy compiles them, and a debug run of them shows nothing.
fn tests(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let cargo = cmd!(sh, "cargo test --workspace --no-fail-fast");
    let targets = ["--lib", "--bins", "--tests", "--examples"];
    Ok(Outcome::of_tests(watch(cargo.args(targets), progress)?))
}

fn doctests(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let cargo = cmd!(sh, "cargo test --workspace --no-fail-fast --doc");
    Ok(Outcome::of_tests(watch(cargo, progress)?))
}

fn docs(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let flags = workspace::flags("RUSTDOCFLAGS", "-D warnings");
    let cargo = cmd!(sh, "cargo doc --workspace --no-deps").env("RUSTDOCFLAGS", flags);
    Ok(Outcome::of(watch(cargo, progress)?, "no warning"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSES: Step = Step {
        name: "passes",
        needs: None,
        run: |_, _| Ok(Outcome::Passed("1 thing".into())),
    };
    const FAILS: Step = Step {
        name: "fails",
        needs: None,
        run: |_, _| Ok(Outcome::Failed("why".into())),
    };
    const LACKS: Step = Step {
        name: "lacks",
        needs: Some(Tool {
            subcommand: "no-such-command",
            component: "none",
        }),
        run: |_, _| Ok(Outcome::Passed("never".into())),
    };

    const ABSENT: Step = Step {
        name: "absent",
        needs: None,
        run: |_, _| Ok(Outcome::NotHere("install it".into())),
    };

    fn results(steps: &[&Step], ci: bool) -> Vec<String> {
        perform(steps, ci)
            .unwrap()
            .iter()
            .map(|row| row.cells()[1].clone())
            .collect()
    }

    #[test]
    fn steps_after_the_first_failure_are_not_reached() {
        assert_eq!(
            results(&[&PASSES, &FAILS, &PASSES, &PASSES], false),
            ["ok", "FAILED", "not reached", "not reached"]
        );
    }

    #[test]
    fn a_step_not_run_stops_the_gate_only_in_ci() {
        assert_eq!(results(&[&LACKS, &PASSES], false), ["not run", "ok"]);
        assert_eq!(
            results(&[&LACKS, &PASSES], true),
            ["not run", "not reached"]
        );
    }

    #[test]
    fn what_need_not_be_there_stops_nothing() {
        let rows = perform(&[&ABSENT, &PASSES], true).unwrap();
        assert_eq!(rows[0].closing_line(), "absent: not run: install it");
        assert_eq!(rows[1].cells()[1], "ok");
    }

    #[test]
    fn a_failure_is_shown_whole() {
        let rows = perform(&[&FAILS], false).unwrap();
        assert!(rows[0].closing_line().starts_with("why\nfails: FAILED"));
    }
}
