//! `cargo xtask gate --full --only targets`: tests or builds the libraries for other targets.

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{Step, missing, passed, watch};
use crate::{Result, workspace};

pub const LIBRARIES: &[&str] = &[
    "contextvars-hamt",
    "pyobj",
    "threadstate",
    "contextvars",
    "contextvars-ambient",
    "contextvars-module",
];

/// A target, the arguments of cargo, and the packages.
type Target = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const CHECK: &[&str] = &["check", "--lib", "--all-features"];

const TARGETS: [Target; 6] = [
    // 32-bit pointers; programs for musl run on Linux without other libraries.
    (
        "i686-unknown-linux-musl",
        &["test", "--lib", "--tests", "--no-fail-fast"],
        LIBRARIES,
    ),
    // No threads.
    ("wasm32-unknown-unknown", &["build", "--lib"], LIBRARIES),
    // Other processors and systems; without a linker for them they can only be checked.
    ("aarch64-unknown-linux-gnu", CHECK, LIBRARIES),
    ("x86_64-pc-windows-gnu", CHECK, LIBRARIES),
    ("aarch64-apple-darwin", CHECK, LIBRARIES),
    // No standard library.
    (
        "thumbv7em-none-eabi",
        &["build", "--lib", "--no-default-features"],
        &["contextvars-hamt"],
    ),
];

pub fn steps() -> Vec<Step> {
    let step = |target: Target| {
        Step::new(format!("targets {}", target.0), move |sh, progress| {
            perform(sh, target, progress)
        })
    };
    TARGETS.map(step).into()
}

fn perform(sh: &Shell, (name, run, packages): Target, progress: &Progress) -> Result<String> {
    let installed = cmd!(sh, "rustup target list --installed").read()?;
    if !installed.lines().any(|line| line == name) {
        let install = format!("rustup target add {name}");
        return Err(missing(format!("the target is missing; run `{install}`")));
    }
    let packages = workspace::packages(packages);
    let cargo = cmd!(sh, "cargo {run...} --target {name} {packages...}");
    let printed = watch(cargo, progress)?;
    match run[0] {
        "test" => passed(&printed),
        _ => Ok("builds".into()),
    }
}
