//! `cargo xtask sanitize`: the tests of the crates with unsafe code under tools
//! that watch their memory.

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{self, Step, passed, watch};
use crate::{Result, tools, workspace};

/// Makes every block come from the allocator and go back there: one that a thread
/// keeps looks alive to what checks.
pub const PLAIN_MEMORY: &str = "--cfg plain_memory";

const PACKAGE: &str = "contextvars-hamt";

/// The others with unsafe code. Their tests leak: the payload of a panic that meets
/// another is kept from dropping.
const OTHERS: [&str; 2] = ["threadstate", "contextvars"];

/// Histories that a random test tries here, where each takes many times longer.
const CASES: &str = "32";
const CASES_QUICK: &str = "4";

/// The modules of tests that run under valgrind, fifty times slower: lifetimes,
/// sharing, threads.
const VALGRIND_TESTS: [&str; 3] = ["drops::", "sharing::", "threads::"];

pub fn main() -> Result<()> {
    step::each(&full(), "cargo xtask sanitize")
}

/// In CI: fewer histories in random tests, and no valgrind.
pub fn quick() -> Step {
    map(CASES_QUICK)
}

fn full() -> Vec<Step> {
    let contexts = Step::new("address sanitizer, contexts", |sh, progress| {
        sanitizer(sh, progress, &OTHERS, CASES, "detect_leaks=0")
    });
    vec![map(CASES), contexts, Step::new("valgrind", under_valgrind)]
}

fn map(cases: &'static str) -> Step {
    Step::new("address and leak sanitizer", |sh, progress| {
        sanitizer(sh, progress, &[PACKAGE], cases, "detect_leaks=1")
    })
}

/// Runs all tests with every access to memory checked, and what is left at the end.
fn sanitizer(
    sh: &Shell,
    progress: &Progress,
    packages: &[&str],
    cases: &str,
    options: &str,
) -> Result<String> {
    tools::need_nightly(sh, &[])?;
    let host = tools::nightly_host(sh)?;
    let products = workspace::target().join("sanitize");
    let flags = format!("-Zsanitizer=address {PLAIN_MEMORY}");
    let cargo = cmd!(
        sh,
        "cargo +nightly test --all-features --lib --tests --target {host} --target-dir {products}"
    )
    .args(workspace::packages(packages))
    .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", &flags))
    .env("ASAN_OPTIONS", options)
    .env("PROPTEST_CASES", cases);
    passed(&watch(cargo, progress)?)
}

/// Runs some tests, as the stable toolchain builds them, in a machine that
/// knows which memory is there and initialized.
fn under_valgrind(sh: &Shell, progress: &Progress) -> Result<String> {
    tools::need_valgrind(sh)?;
    let host = cmd!(sh, "rustc --print host-tuple").read()?;
    let runner = "valgrind --quiet --error-exitcode=97 --leak-check=full \
                  --show-leak-kinds=definite,indirect \
                  --errors-for-leak-kinds=definite,indirect --fair-sched=try";
    let name = host.to_uppercase().replace(['-', '.'], "_");
    let products = workspace::target().join("valgrind");
    let cargo = cmd!(sh, "cargo test --package {PACKAGE} --all-features --test it --target {host} --target-dir {products}")
        .args(["--", "--test-threads=1"])
        .args(VALGRIND_TESTS)
        .env(format!("CARGO_TARGET_{name}_RUNNER"), runner)
        .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", PLAIN_MEMORY))
        .env("PROPTEST_CASES", CASES_QUICK);
    passed(&watch(cargo, progress)?)
}
