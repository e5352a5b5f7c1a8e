//! `cargo xtask fuzz`: random inputs, for as long as asked.
//!
//! `hamt` is cargo-fuzz's: its inputs grow by what they reach. `engine` is the example `fuzz` of the
//! crate `contextvars`, whose programs come from seeds; it needs no tool.

use std::time::Duration;

use xshell::{Shell, cmd};

use crate::faults::{BuildAndRun, Tree};
use crate::progress::Progress;
use crate::sanitize::PLAIN_MEMORY;
use crate::step::{self, LIMIT, Outcome, Step, must, watch_within};
use crate::{Result, nightly, tools, workspace};

/// The fuzz targets of the map.
const TARGETS: [&str; 2] = ["versions", "threads"];

/// Beyond its time a run hangs: a finding is made smaller for half a minute.
const GRACE: Duration = Duration::from_secs(120);

#[derive(clap::Args)]
pub struct Args {
    /// What to fuzz.
    #[arg(value_parser = ["hamt", "engine"])]
    subject: String,
    /// How long, builds not counted: each target of the map, or the engine.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// The seed of the first program of the engine; each has the next.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

pub fn main(args: &Args) -> Result<()> {
    let (seconds, seed) = (args.seconds, args.seed);
    let steps = match &*args.subject {
        "engine" => vec![engine(seconds, seed)],
        _ => TARGETS
            .map(|target| {
                Step::new(target, move |sh, progress| {
                    hamt(sh, target, seconds, progress)
                })
            })
            .into(),
    };
    let repeat = format!(
        "cargo xtask fuzz {} --seconds {seconds} --seed {seed}",
        args.subject
    );
    step::each(&steps, &repeat)
}

/// Runs a fuzz target of the map for so many seconds.
fn hamt(sh: &Shell, target: &str, seconds: u64, progress: &Progress) -> Result<Outcome> {
    let install = || {
        tools::missing(
            sh,
            "cargo fuzz --version",
            "cargo-fuzz",
            "cargo install cargo-fuzz",
        )
    };
    if let Some(install) = nightly::missing_with(sh, &[]).or_else(install) {
        return Ok(Outcome::NotRun(install));
    }
    // Long inputs from the start: else for minutes none has ten operations, and what takes several
    // versions that bind the same keys is not reached.
    let options = [
        &format!("-max_total_time={seconds}"),
        "-max_len=1025",
        "-len_control=0",
    ];
    let fuzz = cmd!(sh, "cargo +nightly fuzz run --fuzz-dir crates/hamt/fuzz --debug-assertions {target} -- {options...}")
        .env("CARGO_TARGET_DIR", workspace::target().join("fuzz/hamt"))
        .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", PLAIN_MEMORY));
    let done = watch_within(fuzz, Duration::from_secs(seconds) + LIMIT, progress)?;
    // "Done 12345 runs in 61 second(s)"
    let ran = done
        .output
        .lines()
        .rfind(|line| line.starts_with("Done "))
        .map(str::to_owned);
    Ok(match ran {
        Some(ran) => Outcome::of(done, ran),
        None => Outcome::Failed(done.output),
    })
}

/// Builds the program and runs it for so many seconds.
pub fn engine(seconds: u64, seed: u64) -> Step {
    Step::new("fuzz engine", move |sh, progress| {
        let target = workspace::target();
        let build = cmd!(
            sh,
            "cargo build --profile checked --package contextvars --example fuzz"
        );
        must(build, progress)?;
        let program = target.join("checked/examples/fuzz");
        let limit = Duration::from_secs(seconds) + GRACE;
        let (seconds, seed) = (seconds.to_string(), seed.to_string());
        let fuzz = cmd!(sh, "{program} --seconds {seconds} --seed {seed}");
        Ok(Outcome::of_last_line(watch_within(fuzz, limit, progress)?))
    })
}

/// The engine's in a copy of the workspace.
pub fn in_tree(tree: &Tree) -> BuildAndRun<'_> {
    let (sh, target) = (&tree.sh, &tree.target);
    let program = target.join("checked/examples/fuzz");
    (
        cmd!(
            sh,
            "cargo build --profile checked --package contextvars --example fuzz --target-dir {target}"
        ),
        cmd!(sh, "{program} --seconds 20"),
    )
}
