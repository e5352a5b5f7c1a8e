//! Builds a model and runs it, in this workspace or in a mutated copy.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use xshell::{Shell, cmd};

use super::models::Model;
use crate::process::{self, End, Finished};
use crate::progress::Progress;
use crate::test_output::{Tally, closing_line, panic_message};
use crate::{Result, workspace};

/// What makes the crates use loom's threads and atomics, and check themselves in release.
pub const FLAGS: &str = "--cfg loom -C debug_assertions";

/// A source tree with a folder for what loom's flags build from it.
pub struct Tree {
    sh: Shell,
    target: PathBuf,
}

/// What came out for a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It ran, and every execution was as it should be.
    Holds,
    /// An execution was found that should not be.
    Broken,
    /// It ended in another way than a panic, such as a signal.
    Crashed,
    TimedOut,
    /// There is no test of its name.
    DidNotRun,
    BuildFailed,
}

/// A model that was checked.
pub struct Checked {
    pub verdict: Verdict,
    /// How many executions loom tried in all models of the test, when it says so.
    pub executions: Option<u64>,
    /// The time of the run, without the build.
    pub time: Duration,
    pub output: String,
}

impl Tree {
    pub fn new(root: &Path, target: PathBuf) -> Result<Tree> {
        let sh = workspace::shell(root)?;
        sh.set_var("RUSTFLAGS", workspace::flags("RUSTFLAGS", FLAGS));
        // Loom counts its executions at this level, and stays quiet about each of them.
        sh.set_var("LOOM_LOG", "loom::model=info");
        sh.set_var("NO_COLOR", "1");
        Ok(Tree { sh, target })
    }

    /// The shell, for reading and writing files of this tree.
    pub fn files(&self) -> &Shell {
        &self.sh
    }

    /// Builds `model`, then runs it for at most `limit`.
    pub fn check(
        &self,
        model: &Model,
        preemptions: u32,
        limit: Duration,
        progress: &Progress,
    ) -> Result<Checked> {
        let Tree { sh, target } = self;
        let Model { name, package, .. } = model;
        let cargo = cmd!(
            sh,
            "cargo test --release --package {package} --test loom --no-run"
        )
        .arg("--target-dir")
        .arg(target);
        let built = process::run(cargo, |line| progress.note(line))?;
        if !built.succeeded() {
            return Ok(Checked::unbuilt(built.output));
        }
        let program = executable(&built.output)
            .ok_or("cargo built a model but did not say where: no line `Executable`")?;
        let program = sh.current_dir().join(program);

        progress.note(name);
        // In whichever module it is: no model's name is part of another's.
        let test = cmd!(sh, "{program} {name} --nocapture")
            .env("LOOM_MAX_PREEMPTIONS", preemptions.to_string());
        let started = Instant::now();
        let ran = process::run_within(test, limit, |line| progress.note(line))?;
        Ok(Checked {
            verdict: judge(&ran),
            executions: executions(&ran.output),
            time: started.elapsed(),
            output: ran.output,
        })
    }
}

impl Checked {
    fn unbuilt(output: String) -> Checked {
        let verdict = Verdict::BuildFailed;
        Checked {
            verdict,
            executions: None,
            time: Duration::ZERO,
            output,
        }
    }

    /// The test runner's own word, for a reader of the log.
    pub fn closing_line(&self) -> &str {
        closing_line(&self.output).unwrap_or("the test runner printed no result")
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Holds => "ok",
            Verdict::Broken => "FAILED",
            Verdict::Crashed => "crashed",
            Verdict::TimedOut => "timed out",
            Verdict::DidNotRun => "did not run",
            Verdict::BuildFailed => "build failed",
        })
    }
}

/// The test program that cargo says it built.
fn executable(output: &str) -> Option<&str> {
    // Executable tests/loom.rs (target/loom/release/deps/loom-0123456789abcdef)
    let line = output
        .lines()
        .find(|line| line.trim_start().starts_with("Executable "))?;
    line.rsplit_once(" (")?.1.strip_suffix(')')
}

/// Loom's counts of executions, of which each model has one, together.
fn executions(output: &str) -> Option<u64> {
    let counts = output.split("Completed in ").skip(1);
    let counts = counts.filter_map(|rest| rest.split_once(" iterations")?.0.parse::<u64>().ok());
    counts.reduce(|sum, count| sum + count)
}

fn judge(ran: &Finished) -> Verdict {
    match ran.end {
        End::TimedOut => Verdict::TimedOut,
        End::Succeeded if Tally::of(&ran.output).passed == 1 => Verdict::Holds,
        End::Succeeded => Verdict::DidNotRun,
        End::Failed if panic_message(&ran.output).is_some() => Verdict::Broken,
        End::Failed => Verdict::Crashed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(end: End, output: &str) -> Verdict {
        judge(&Finished {
            end,
            output: output.into(),
        })
    }

    #[test]
    fn a_model_holds_only_when_its_one_test_passed() {
        let one = "test result: ok. 1 passed; 0 failed; 0 ignored";
        let none = "test result: ok. 0 passed; 0 failed; 0 ignored";
        assert_eq!(verdict(End::Succeeded, one), Verdict::Holds);
        assert_eq!(verdict(End::Succeeded, none), Verdict::DidNotRun);
        assert_eq!(verdict(End::Succeeded, ""), Verdict::DidNotRun);
    }

    #[test]
    fn only_a_panic_breaks_a_model() {
        let panic = "thread 'inittab' panicked at tests/loom.rs:1:1:\ntwice";
        assert_eq!(verdict(End::Failed, panic), Verdict::Broken);
        assert_eq!(verdict(End::Failed, "Killed"), Verdict::Crashed);
        assert_eq!(verdict(End::TimedOut, panic), Verdict::TimedOut);
    }

    #[test]
    fn the_test_program_is_read_from_cargos_output() {
        let output = "   Compiling one v0.1.0 (/tmp/one)
    Finished `release` profile [optimized] target(s) in 0.10s
  Executable tests/loom.rs (target/loom/release/deps/loom-0123)";
        assert_eq!(
            executable(output),
            Some("target/loom/release/deps/loom-0123")
        );
        assert_eq!(executable("Finished"), None);
    }

    #[test]
    fn executions_are_the_sum_of_looms_counts() {
        let output = " INFO loom::model: Completed in 12 iterations\n\
                      INFO loom::model: Completed in 40321 iterations\n";
        assert_eq!(executions(output), Some(40333));
        assert_eq!(executions("running 1 test"), None);
    }
}
