//! `cargo xtask stress`: random operations on contexts on several threads, with every result checked;
//! also under sanitizers.
//!
//! The program is the example `stress` of the crate `contextvars`.

use std::path::Path;
use std::time::Duration;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::sanitize::PLAIN_MEMORY;
use crate::step::{self, Step, last_line, watch, watch_within};
use crate::workspace::TESTED;
use crate::{Result, tools, workspace};

/// The additional time after which a run is killed. The example `fuzz` shrinks a finding for half a
/// minute.
const GRACE: Duration = Duration::from_secs(120);

#[derive(Clone, clap::Args)]
pub struct Args {
    /// The seconds to run.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub seconds: u64,
    /// The seed of the threads' operations; the interleaving of the threads is not reproducible.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Run under AddressSanitizer with leak detection, or under ThreadSanitizer (nightly).
    #[arg(long, value_name = "SANITIZER", num_args = 0..=1, default_missing_value = "address")]
    pub sanitize: Option<Sanitizer>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Sanitizer {
    Address,
    Thread,
}

impl Args {
    pub fn new(seconds: u64, sanitize: Option<Sanitizer>) -> Args {
        Args {
            seconds,
            seed: 0,
            sanitize,
        }
    }
}

pub fn main(args: &Args) -> Result<()> {
    let stress = step("stress", "stress", args.clone());
    step::each(&[stress], "cargo xtask stress")
}

/// Returns the step that builds and runs an example.
pub fn step(name: &str, example: &'static str, args: Args) -> Step {
    Step::new(name, move |sh, progress| run(sh, example, &args, progress))
}

fn run(sh: &Shell, example: &str, args: &Args, progress: &Progress) -> Result<String> {
    let target = workspace::target();
    let (cargo, target) = match args.sanitize {
        None => (cmd!(sh, "cargo build"), target),
        Some(sanitizer) => {
            // ThreadSanitizer needs a standard library that is instrumented, too.
            let (name, more, flags, component) = match sanitizer {
                Sanitizer::Address => ("sanitize", None, "-Zsanitizer=address", None),
                Sanitizer::Thread => (
                    "tsan",
                    Some("-Zbuild-std"),
                    "-Zsanitizer=thread --cfg tsan",
                    Some("rust-src"),
                ),
            };
            tools::need_nightly(sh, component.as_slice())?;
            let host = tools::nightly_host(sh)?;
            let flags = format!("{flags} -Cdebuginfo=1 {PLAIN_MEMORY}");
            let cargo = cmd!(sh, "cargo +nightly build --target {host}").args(more);
            let target = target.join(name);
            let cargo = cargo.arg("--target-dir").arg(&target);
            (
                cargo.env("RUSTFLAGS", workspace::flags("RUSTFLAGS", &flags)),
                target.join(host),
            )
        }
    };
    let package = ["--release", "--package", "contextvars"];
    watch(cargo.args(package).args(["--example", example]), progress)?;
    let program = target.join("release/examples").join(example);
    play(sh, &program, args, progress)
}

/// Runs `stress` for a short time, in the tests' profile, so that only the example itself is compiled.
pub fn quick(sh: &Shell, progress: &Progress) -> Result<String> {
    let build = cmd!(sh, "cargo build {TESTED...} --example stress");
    watch(build, progress)?;
    let program = workspace::target().join("debug/examples/stress");
    play(sh, &program, &Args::new(5, None), progress)
}

fn play(sh: &Shell, program: &Path, args: &Args, progress: &Progress) -> Result<String> {
    let (seconds, seed) = (args.seconds.to_string(), args.seed.to_string());
    let play = cmd!(sh, "{program} --seconds {seconds} --seed {seed}");
    let limit = Duration::from_secs(args.seconds) + GRACE;
    let printed = watch_within(play.env("RUST_BACKTRACE", "0"), limit, progress)?;
    Ok(last_line(&printed))
}
