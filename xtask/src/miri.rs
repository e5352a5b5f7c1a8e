//! `cargo xtask miri`: the tests of the crates under Miri, which finds undefined behaviour and
//! leaks, and puts threads into another order with each seed.

use std::time::Duration;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::sanitize::PLAIN_MEMORY;
use crate::step::{self, LIMIT, Step, passed, watch_within};
use crate::{Result, tools, workspace};

/// A package, parts of the names of tests (all tests without one), and how many orders of threads
/// are tried.
type Run = (&'static str, &'static [&'static str], u32);

/// All tests once by each set of rules, and those of threads in many orders.
const FULL: &[Run] = &[
    ("contextvars-hamt", &[], 1),
    ("contextvars-hamt", &["threads::"], 64),
    ("pyobj", &[], 1),
    ("pyobj", &["threads"], 64),
    ("threadstate", &[], 1),
    ("threadstate", &["race::"], 64),
    ("contextvars", &[], 1),
    ("contextvars", &["threads::"], 64),
    ("contextvars-ambient", &[], 1),
    ("contextvars-ambient", &["threads"], 16),
];

/// What CI has time for.
const QUICK: &[Run] = &[
    ("contextvars-hamt", &["threads::"], 2),
    ("contextvars-hamt", &["shape::entries"], 1),
    ("pyobj", &["shared::"], 1),
    ("threadstate", &["thread_end::", "race::"], 4),
    ("contextvars", &["reads::", "threads::"], 2),
];

#[derive(clap::Args)]
pub struct Args {
    /// Run only the tests of this package.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
}

pub fn main(args: &Args) -> Result<()> {
    let steps = steps(FULL, 16 * LIMIT, args.package.as_deref());
    step::all(&steps, &[], false, |name| {
        let package = name.split(' ').nth(1).unwrap_or_default();
        format!("cargo xtask miri --package {package}")
    })
}

/// In CI.
pub fn quick() -> Vec<Step> {
    steps(QUICK, LIMIT, None)
}

/// A step for each run; those that try one order are run by the older rules of aliasing, too,
/// which are stricter in part.
fn steps(runs: &'static [Run], limit: Duration, package: Option<&str>) -> Vec<Step> {
    let is_chosen = |run: &&Run| package.is_none_or(|name| name == run.0);
    let chosen = runs.iter().filter(is_chosen);
    let both = chosen.flat_map(|run| {
        let stacked = (run.2 == 1).then_some((run, "stacked"));
        [(run, "tree")].into_iter().chain(stacked)
    });
    let step = |(run, aliasing): (&'static Run, &'static str)| {
        let (package, tests, seeds) = run;
        let tests = tests.join(" ");
        let name = format!("miri {package} {tests}, {aliasing} borrows, {seeds} seeds");
        Step::new(name, move |sh, progress| {
            perform(sh, run, aliasing, limit, progress)
        })
    };
    both.map(step).collect()
}

fn perform(
    sh: &Shell,
    (package, tests, seeds): &Run,
    aliasing: &str,
    limit: Duration,
    progress: &Progress,
) -> Result<String> {
    tools::need_nightly(sh, &["miri", "rust-src"])?;
    let products = workspace::target().join("miri");
    let aliasing = match aliasing {
        "tree" => "-Zmiri-tree-borrows",
        _ => "",
    };
    // Among all of these tests are some in which a panic meets another, whose payload leaks,
    // and some for which `tracing` wants what lives for ever.
    let leaks = match (*package, tests.is_empty()) {
        ("contextvars" | "contextvars-ambient", true) => "-Zmiri-ignore-leaks",
        _ => "",
    };
    // Random tests try few histories, and keep none in files, which Miri cannot reach.
    let flags = format!(
        "-Zmiri-strict-provenance -Zmiri-many-seeds=0..{seeds} {aliasing} {leaks} \
         -Zmiri-env-set=PROPTEST_CASES=4 \
         -Zmiri-env-set=PROPTEST_DISABLE_FAILURE_PERSISTENCE=1"
    );
    let targets = match tests.is_empty() {
        true => ["--lib", "--tests"],
        false => ["--test", "it"],
    };
    let cargo = cmd!(
        sh,
        "cargo +nightly miri test --no-fail-fast --package {package} --target-dir {products}"
    )
    .args(targets)
    .arg("--")
    .args(*tests)
    // Tests expect panics, and a backtrace of one takes seconds.
    .env("RUST_BACKTRACE", "0")
    .env("MIRIFLAGS", workspace::flags("MIRIFLAGS", &flags))
    .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", PLAIN_MEMORY));
    passed(&watch_within(cargo, limit, progress)?)
}
