//! `cargo xtask stress`: real threads do at random all that can be done to contexts, and every
//! result is checked; also with every access to memory checked, and with faults planted.
//!
//! The program is the example `stress` of the crate `contextvars`.

mod faults;

use std::path::Path;
use std::time::Duration;

use xshell::{Shell, cmd};

use crate::process::{self, End, Finished};
use crate::progress::Progress;
use crate::sanitize::PLAIN_MEMORY;
use crate::step::Outcome;
use crate::{Result, nightly, workspace};

/// How long the gate takes for it.
const GATE_SECONDS: u64 = 10;

/// Beyond its time a run hangs.
const GRACE: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub struct Args {
    /// How long.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// What each thread does; the order in which the threads come is the machine's.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many threads; three a processor unless given.
    #[arg(long, value_name = "N")]
    threads: Option<u16>,
    /// Under AddressSanitizer, with leaks looked for at the end, or under ThreadSanitizer
    /// (nightly).
    #[arg(long, value_name = "SANITIZER", num_args = 0..=1, default_missing_value = "address")]
    sanitize: Option<Sanitizer>,
    /// Plant faults, one at a time: each must be noticed.
    #[arg(long, conflicts_with = "sanitize")]
    faults: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Sanitizer {
    Address,
    Thread,
}

pub fn main(args: &Args) -> Result<()> {
    if args.faults {
        return faults::main(args);
    }
    let sh = workspace::shell(&workspace::root())?;
    let install = match args.sanitize {
        None => None,
        Some(Sanitizer::Address) => nightly::missing(&sh),
        Some(Sanitizer::Thread) => nightly::missing_with(&sh, &["rust-src"]),
    };
    if let Some(install) = install {
        return Err(install.into());
    }
    let progress = Progress::start(1, 1, "stress");
    let done = run(&sh, &workspace::target(), args, &progress)?;
    drop(progress);
    println!("{}", done.output.trim_end());
    match done.end {
        End::Succeeded => Ok(()),
        End::Failed => Err("stress found something".into()),
        End::TimedOut => Err("stress hangs".into()),
    }
}

/// The step of the gate.
pub fn step(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let args = Args {
        seconds: GATE_SECONDS,
        seed: 0,
        threads: None,
        sanitize: None,
        faults: false,
    };
    let done = run(sh, &workspace::target(), &args, progress)?;
    let last = done.output.lines().last().unwrap_or_default().to_string();
    Ok(Outcome::of(done, last))
}

/// Builds the program and runs it. Its progress is shown, the rest is in the result.
fn run(sh: &Shell, target: &Path, args: &Args, progress: &Progress) -> Result<Finished> {
    let (mut cargo, mut target) = (cmd!(sh, "cargo build"), target.to_path_buf());
    let mut products = target.clone();
    if let Some(sanitizer) = args.sanitize {
        let host = nightly::host(sh)?;
        let (name, more, flags) = match sanitizer {
            Sanitizer::Address => ("sanitize", None, "-Zsanitizer=address"),
            // With a standard library of its own, whose accesses are seen, too.
            Sanitizer::Thread => ("tsan", Some("-Zbuild-std"), "-Zsanitizer=thread --cfg tsan"),
        };
        let flags = format!("{flags} -Cdebuginfo=1 {PLAIN_MEMORY}");
        target.push(name);
        products = target.join(&host);
        cargo = cmd!(sh, "cargo +nightly build --target {host}")
            .args(more)
            .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", &flags));
    }
    let cargo = cargo
        .args(["--release", "--package", "contextvars"])
        .args(["--example", "stress", "--target-dir"])
        .arg(&target);
    let built = process::run(cargo, |line| progress.note(line))?;
    if !built.succeeded() {
        return Ok(built);
    }
    let program = products.join("release/examples/stress");
    let (seconds, seed) = (args.seconds.to_string(), args.seed.to_string());
    let mut stress = cmd!(sh, "{program} --seconds {seconds} --seed {seed}");
    if let Some(threads) = args.threads {
        stress = stress.args(["--threads", &threads.to_string()]);
    }
    let limit = Duration::from_secs(args.seconds) + GRACE;
    let mut done = process::run_within(stress.env("RUST_BACKTRACE", "0"), limit, |line| {
        if let Some(now) = line.strip_prefix(PROGRESS) {
            progress.note(now);
        }
    })?;
    done.output = without_progress(&done.output);
    Ok(done)
}

/// What the program puts before how far it is.
const PROGRESS: &str = "progress: ";

fn without_progress(output: &str) -> String {
    let rest = output.lines().filter(|line| !line.starts_with(PROGRESS));
    rest.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_no_result() {
        let output = "progress: 1 s\n3 steps\nprogress: 2 s\n0 values left\n";
        assert_eq!(without_progress(output), "3 steps\n0 values left\n");
    }
}
