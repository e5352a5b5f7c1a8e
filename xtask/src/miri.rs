//! `cargo xtask miri`: runs the tests of the crates under Miri, which finds undefined behaviour and
//! leaks. Each seed gives another order of threads.

use std::time::Duration;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::sanitize::PLAIN_MEMORY;
use crate::step::{self, LIMIT, Step, passed, watch_within};
use crate::{Result, tools, workspace};

/// A package, parts of the names of tests (empty: all tests), and the number of seeds.
type Run = (&'static str, &'static [&'static str], u32);

/// All tests once with each aliasing model, and those of threads with many seeds.
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

/// The tests that CI has time for.
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

/// Returns the steps of CI.
pub fn quick() -> Vec<Step> {
    steps(QUICK, LIMIT, None)
}

/// Returns a step for each run. Runs with one seed are also run with Stacked Borrows, which is partly
/// stricter.
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
    // Some of these tests panic during a panic, whose payload leaks. `tracing` leaks callsites.
    let leaks = match (*package, tests.is_empty()) {
        ("contextvars" | "contextvars-ambient", true) => "-Zmiri-ignore-leaks",
        _ => "",
    };
    // Random tests run few cases, and store no failures: Miri has no access to files.
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
    // Some tests expect panics, and a backtrace takes seconds.
    .env("RUST_BACKTRACE", "0")
    .env("MIRIFLAGS", workspace::flags("MIRIFLAGS", &flags))
    .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", PLAIN_MEMORY));
    passed(&watch_within(cargo, limit, progress)?)
}
