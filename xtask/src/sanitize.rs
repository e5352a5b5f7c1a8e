//! `cargo xtask sanitize`: runs the tests of crates with unsafe code under
//! AddressSanitizer and valgrind.

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{self, Step, passed, watch};
use crate::{Result, tools, workspace};

/// Disables the caches of freed allocations: memory in a thread's cache would look
/// alive to the tools.
pub const PLAIN_MEMORY: &str = "--cfg plain_memory";

const PACKAGE: &str = "contextvars-hamt";

/// The other crates with unsafe code. Their tests leak: the payload of a panic
/// during another panic is forgotten.
const OTHERS: [&str; 2] = ["threadstate", "contextvars"];

/// The number of cases of a random test, each of which takes many times longer here.
const CASES: &str = "32";
const CASES_QUICK: &str = "4";

/// The modules of tests that run under valgrind, fifty times slower: lifetimes,
/// sharing, threads.
const VALGRIND_TESTS: [&str; 3] = ["drops::", "sharing::", "threads::"];

pub fn main() -> Result<()> {
    step::each(&full(), "cargo xtask sanitize")
}

/// Returns the step of CI: fewer cases of random tests, and no valgrind.
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

/// Runs all tests under AddressSanitizer.
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

/// Runs some tests, as built by the stable toolchain, under valgrind.
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
