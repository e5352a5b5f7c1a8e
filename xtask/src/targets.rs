//! `cargo xtask targets`: the libraries on targets other than this machine's.

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{self, Outcome, watch};
use crate::{Result, workspace};

pub const LIBRARIES: &[&str] = &[
    "contextvars-hamt",
    "pyobj",
    "threadstate",
    "contextvars",
    "contextvars-ambient",
    "contextvars-module",
];

/// What is done on one target.
struct Target {
    name: &'static str,
    /// Arguments of cargo.
    run: &'static [&'static str],
    packages: &'static [&'static str],
}

const TARGETS: &[Target] = &[
    // 32-bit pointers; musl's programs run on Linux without further libraries.
    Target {
        name: "i686-unknown-linux-musl",
        run: &["test", "--lib", "--tests", "--no-fail-fast"],
        packages: LIBRARIES,
    },
    // No threads.
    Target {
        name: "wasm32-unknown-unknown",
        run: &["build", "--lib"],
        packages: LIBRARIES,
    },
    // No standard library.
    Target {
        name: "thumbv7em-none-eabi",
        run: &["build", "--lib", "--no-default-features"],
        packages: &["contextvars-hamt"],
    },
];

pub fn main() -> Result<()> {
    step::each(TARGETS, |target| target.name.into(), perform)
}

fn perform(target: &Target, sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let Target { name, packages, .. } = target;
    let run = target.run;
    let installed = cmd!(sh, "rustup target list --installed").read()?;
    if !installed.lines().any(|line| line == *name) {
        let install = format!("the target is missing; run `rustup target add {name}`");
        return Ok(Outcome::NotRun(install));
    }
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    let products = workspace::target();
    let cargo = cmd!(sh, "cargo {run...} --target {name} --target-dir {products}").args(packages);
    let done = watch(cargo, progress)?;
    if run[0] == "test" {
        return Ok(Outcome::of_tests(done));
    }
    Ok(Outcome::of(done, "builds"))
}
