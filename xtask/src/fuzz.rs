//! `cargo xtask fuzz`: random inputs, for as long as asked.
//!
//! Those of the map grow by what they reach; the engine's (`engine`) come from seeds.

mod engine;

use std::time::Duration;

use xshell::{Shell, cmd};

use crate::process::{self, Finished};
use crate::progress::Progress;
use crate::sanitize::PLAIN_MEMORY;
use crate::step::Outcome;
use crate::{Result, nightly, table, workspace};

/// A crate that can be fuzzed.
struct Subject {
    name: &'static str,
    /// Its fuzz targets' package.
    folder: &'static str,
    targets: &'static [&'static str],
}

const SUBJECTS: &[Subject] = &[Subject {
    name: "hamt",
    folder: "crates/hamt/fuzz",
    targets: &["versions", "threads"],
}];

/// Bytes of an input: enough for each target's longest run.
const LONGEST_INPUT: usize = 1025;

#[derive(clap::Args)]
pub struct Args {
    /// What to fuzz.
    #[arg(value_parser = ["hamt", "engine"])]
    subject: String,
    /// How long in all, builds not counted; the targets share it.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// The seed of the first program of the engine; each has the next.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Plant faults in the engine, one at a time: each must be noticed.
    #[arg(long)]
    faults: bool,
}

pub fn main(args: &Args) -> Result<()> {
    if args.subject == "engine" {
        return engine::main(args);
    }
    if args.faults || args.seed != 0 {
        return Err("`--faults` and `--seed` are of the engine".into());
    }
    let subject = SUBJECTS
        .iter()
        .find(|subject| subject.name == args.subject)
        .ok_or("nothing of this name can be fuzzed")?;
    let sh = workspace::shell(&workspace::root())?;
    if let Some(install) = nightly::missing(&sh).or_else(|| missing(&sh)) {
        return Err(install.into());
    }
    let each = args.seconds.div_ceil(subject.targets.len() as u64).max(1);
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for (index, target) in subject.targets.iter().enumerate() {
        let progress = Progress::start(index + 1, subject.targets.len(), target);
        let outcome = run(&sh, subject, target, each, &progress)?;
        let time = table::seconds(progress.elapsed());
        let (result, counted) = match outcome {
            Outcome::Passed(counted) => ("ok", counted),
            Outcome::Failed(output) => {
                progress.print(&output);
                failed.push(*target);
                ("FOUND", finding(&output).unwrap_or("see above").to_string())
            }
            Outcome::NotRun(why) | Outcome::NotHere(why) => ("not run", why),
            Outcome::NotReached => ("not reached", String::new()),
        };
        progress.print(&format!("{target}: {result}, {time} s, {counted}"));
        rows.push([target.to_string(), result.into(), time, counted]);
    }
    println!(
        "\n{}",
        table::layout(["target", "result", "seconds", "counted"], &rows)
    );
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("targets that found something: {}", failed.join(", ")).into())
}

/// What to install before anything can be fuzzed.
fn missing(sh: &Shell) -> Option<String> {
    let version = cmd!(sh, "cargo fuzz --version");
    let works = process::run(version, |_| {}).is_ok_and(|done| done.succeeded());
    (!works).then(|| "cargo-fuzz is missing; run `cargo install cargo-fuzz`".into())
}

/// Builds a target, then runs it for so many seconds.
fn run(
    sh: &Shell,
    subject: &Subject,
    target: &str,
    seconds: u64,
    progress: &Progress,
) -> Result<Outcome> {
    let folder = subject.folder;
    let products = workspace::target().join("fuzz").join(subject.name);
    let cargo = |verb: &str| {
        cmd!(
            sh,
            "cargo +nightly fuzz {verb} --fuzz-dir {folder} --debug-assertions"
        )
        .env("CARGO_TARGET_DIR", &products)
        .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", PLAIN_MEMORY))
        .arg(target)
    };
    let built = process::run(cargo("build"), |line| progress.note(line))?;
    if !built.succeeded() {
        return Ok(Outcome::Failed(built.output));
    }
    let options = [
        format!("-max_total_time={seconds}"),
        format!("-max_len={LONGEST_INPUT}"),
        // Long ones from the start: else for minutes none has ten steps, and what
        // takes several versions that bind the same keys is not reached.
        "-len_control=0".into(),
        "-print_final_stats=1".into(),
    ];
    let fuzz = cargo("run").arg("--").args(options);
    // Beyond its time it hangs, though each input has a limit of its own.
    let limit = Duration::from_secs(seconds + 300);
    let done = process::run_within(fuzz, limit, |line| progress.note(line))?;
    Ok(judge(done))
}

/// A target passes when it ended well and had run inputs.
fn judge(done: Finished) -> Outcome {
    match executions(&done.output) {
        Some(count) if done.succeeded() && count > 0 => {
            Outcome::Passed(format!("{count} inputs, no finding"))
        }
        _ => Outcome::Failed(done.output),
    }
}

/// libFuzzer's count of the inputs that it ran.
fn executions(output: &str) -> Option<u64> {
    let (_, rest) = output.rsplit_once("stat::number_of_executed_units:")?;
    rest.lines().next()?.trim().parse().ok()
}

/// Where libFuzzer put the input that fails.
fn finding(output: &str) -> Option<&str> {
    let (_, rest) = output.rsplit_once("Test unit written to ")?;
    rest.lines().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::End;

    fn finished(end: End, output: &str) -> Finished {
        let output = output.into();
        Finished { end, output }
    }

    #[test]
    fn a_target_passes_only_when_inputs_ran() {
        let ran = "Done 12 runs\nstat::number_of_executed_units: 12\nstat::average: 1\n";
        let passed = judge(finished(End::Succeeded, ran));
        assert_eq!(passed, Outcome::Passed("12 inputs, no finding".into()));
        let none = "stat::number_of_executed_units: 0\n";
        for (end, output) in [
            (End::Succeeded, none),
            (End::Succeeded, ""),
            (End::Failed, ran),
            (End::TimedOut, ran),
        ] {
            let outcome = judge(finished(end, output));
            assert_eq!(outcome, Outcome::Failed(output.into()), "{end:?}");
        }
    }

    #[test]
    fn the_input_that_fails_is_named() {
        let output = "artifact_prefix='a/'; Test unit written to a/crash-1\nBase64: AA==\n";
        assert_eq!(finding(output), Some("a/crash-1"));
        assert_eq!(finding("Done"), None);
    }
}
