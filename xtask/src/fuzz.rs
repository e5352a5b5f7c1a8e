//! `cargo xtask fuzz`: random inputs for a given time.
//!
//! `hamt` uses cargo-fuzz, whose inputs are guided by coverage. `engine` is the example `fuzz` of the
//! crate `contextvars`, whose programs come from seeds. It needs no tool and runs like `stress`.

use std::time::Duration;

use xshell::cmd;

use crate::sanitize::PLAIN_MEMORY;
use crate::step::{self, LIMIT, Step, watch_within};
use crate::{Result, stress, tools, workspace};

/// The fuzz targets of the map.
const TARGETS: [&str; 2] = ["versions", "threads"];

#[derive(clap::Args)]
pub struct Args {
    /// The subject to fuzz.
    #[arg(value_parser = ["hamt", "engine"])]
    subject: String,
    /// The seconds for each target of the map, or for the engine, without builds.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// The seed of the engine's first program; each other has the next.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

pub fn main(args: &Args) -> Result<()> {
    let (seconds, seed) = (args.seconds, args.seed);
    let steps = match &*args.subject {
        "engine" => vec![engine(seconds, seed)],
        _ => TARGETS.map(|target| hamt(target, seconds)).into(),
    };
    let subject = &args.subject;
    let repeat = format!("cargo xtask fuzz {subject} --seconds {seconds} --seed {seed}");
    step::each(&steps, &repeat)
}

/// Returns the step of a fuzz target of the map.
fn hamt(target: &'static str, seconds: u64) -> Step {
    Step::new(target, move |sh, progress| {
        tools::need_nightly(sh, &[])?;
        tools::need(sh, "cargo fuzz --version", "cargo install cargo-fuzz")?;
        // Long inputs from the start. Otherwise no input has ten operations for minutes, and code for
        // several versions with the same keys is not reached.
        let time = format!("-max_total_time={seconds}");
        let options = ["--", &time, "-max_len=1025", "-len_control=0"];
        let folder = ["--fuzz-dir", "crates/hamt/fuzz", "--debug-assertions"];
        let fuzz = cmd!(
            sh,
            "cargo +nightly fuzz run {folder...} {target} {options...}"
        )
        .env("CARGO_TARGET_DIR", workspace::target().join("fuzz/hamt"))
        .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", PLAIN_MEMORY));
        let printed = watch_within(fuzz, Duration::from_secs(seconds) + LIMIT, progress)?;
        // "Done 12345 runs in 61 second(s)"
        let ran = printed.lines().rfind(|line| line.starts_with("Done "));
        Ok(ran.ok_or_else(|| printed.clone())?.to_owned())
    })
}

/// Returns the step of random programs on the engine.
pub fn engine(seconds: u64, seed: u64) -> Step {
    let mut args = stress::Args::new(seconds, None);
    args.seed = seed;
    stress::step("fuzz engine", "fuzz", args)
}
