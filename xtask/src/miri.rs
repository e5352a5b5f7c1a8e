//! `cargo xtask miri`: the tests of the crates under Miri, which finds undefined behaviour and
//! leaks, and puts threads into another order with each seed.

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::sanitize::PLAIN_MEMORY;
use crate::step::{self, Outcome, watch};
use crate::{Result, nightly, workspace};

/// The rules of aliasing that a run checks.
#[derive(Clone, Copy)]
enum Aliasing {
    Tree,
    /// The older and stricter ones.
    Stacked,
}

struct Run {
    package: &'static str,
    /// Parts of the names of tests; all tests without one.
    tests: &'static [&'static str],
    aliasing: Aliasing,
    /// How many orders of threads are tried.
    seeds: u32,
}

const fn run(
    package: &'static str,
    tests: &'static [&'static str],
    aliasing: Aliasing,
    seeds: u32,
) -> Run {
    Run {
        package,
        tests,
        aliasing,
        seeds,
    }
}

use Aliasing::{Stacked, Tree};

/// All tests once by each set of rules, and those of threads in many orders.
const FULL: &[Run] = &[
    run("contextvars-hamt", &[], Tree, 1),
    run("contextvars-hamt", &[], Stacked, 1),
    run("contextvars-hamt", &["threads::"], Tree, 64),
    run("pyobj", &[], Tree, 1),
    run("pyobj", &[], Stacked, 1),
    run("pyobj", &["threads"], Tree, 64),
    run("threadstate", &[], Tree, 1),
    run("threadstate", &[], Stacked, 1),
    run("threadstate", &["race::"], Tree, 64),
    run("contextvars", &[], Tree, 1),
    run("contextvars", &[], Stacked, 1),
    run("contextvars", &["threads::"], Tree, 64),
    run("contextvars-ambient", &[], Tree, 1),
    run("contextvars-ambient", &[], Stacked, 1),
    run("contextvars-ambient", &["threads"], Tree, 16),
];

/// What CI has time for.
const QUICK: &[Run] = &[
    run("contextvars-hamt", &["threads::"], Tree, 2),
    run("pyobj", &["shared::"], Tree, 2),
    run("threadstate", &["thread_end::", "race::"], Tree, 4),
    run("contextvars", &["reads::", "threads::"], Tree, 2),
];

#[derive(clap::Args)]
pub struct Args {
    /// Run only what CI has time for.
    #[arg(long)]
    quick: bool,
    /// Run only the tests of this package.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
}

pub fn main(args: &Args) -> Result<()> {
    let runs = if args.quick { QUICK } else { FULL };
    let chosen = |run: &&Run| args.package.as_ref().is_none_or(|name| name == run.package);
    let runs: Vec<&Run> = runs.iter().filter(chosen).collect();
    step::each(
        &runs,
        |run| run.name(),
        |run, sh, progress| run.perform(sh, progress),
    )
}

impl Run {
    fn name(&self) -> String {
        let aliasing = match self.aliasing {
            Tree => "tree",
            Stacked => "stacked",
        };
        let tests = self.tests.join(" ");
        format!(
            "{} {tests}, {aliasing} borrows, {} seeds",
            self.package, self.seeds
        )
    }

    fn perform(&self, sh: &Shell, progress: &Progress) -> Result<Outcome> {
        if let Some(install) = nightly::missing_with(sh, &["miri", "rust-src"]) {
            return Ok(Outcome::NotRun(install));
        }
        let Run {
            package,
            tests,
            aliasing,
            seeds,
        } = self;
        let products = workspace::target().join("miri");
        let aliasing = match aliasing {
            Tree => "-Zmiri-tree-borrows",
            Stacked => "",
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
        let cargo = cmd!(
            sh,
            "cargo +nightly miri test --no-fail-fast --package {package}"
        )
        .arg("--target-dir")
        .arg(products)
        .args(if tests.is_empty() {
            &["--lib", "--tests"][..]
        } else {
            &["--test", "it"]
        })
        .arg("--")
        .args(*tests)
        // Tests expect panics, and a backtrace of one takes seconds.
        .env("RUST_BACKTRACE", "0")
        .env("MIRIFLAGS", workspace::flags("MIRIFLAGS", &flags))
        .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", PLAIN_MEMORY));
        let done = watch(cargo, progress)?;
        match passed(&done.output) {
            0 if done.succeeded() => Ok(Outcome::Failed(format!("{}\nno test ran", done.output))),
            count => Ok(Outcome::of(done, format!("{count} passed"))),
        }
    }
}

/// The sum of the passed tests over all seeds. Seeds run at the same time, so their lines are
/// mixed; but the counts of one are written at once.
fn passed(output: &str) -> usize {
    let counts = output.match_indices(" passed; ").filter_map(|(at, _)| {
        let (_, count) = output[..at].rsplit_once(' ')?;
        count.parse::<usize>().ok()
    });
    counts.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_where_the_lines_of_seeds_are_mixed() {
        let output =
            "test result: okok\n. 8 passed; 0 failed\ntest result: ok\n. 8 passed; 0 failed";
        assert_eq!(passed(output), 16);
        assert_eq!(passed("test result: ok. 0 passed; 0 failed; 0 ignored"), 0);
    }
}
