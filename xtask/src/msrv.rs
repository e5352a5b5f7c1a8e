//! `cargo xtask gate --full --only msrv`: runs the tests of the libraries with their minimum Rust version.

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{passed, watch};
use crate::targets::LIBRARIES;
use crate::{Result, tools, workspace};

pub fn perform(sh: &Shell, progress: &Progress) -> Result<String> {
    let manifest = std::fs::read_to_string(workspace::root().join("Cargo.toml"))?;
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'))
        .ok_or("Cargo.toml has no rust-version")?;
    let install = format!("rustup toolchain install {version} --profile minimal");
    let probe = format!("rustup run {version} cargo --version");
    tools::need(sh, &probe, &install)?;
    // Lints differ between compilers, so warnings are no errors here.
    let products = workspace::target().join("msrv");
    let packages = workspace::packages(LIBRARIES);
    let tests = ["--locked", "--no-fail-fast", "--lib", "--tests"];
    let cargo = cmd!(sh, "rustup run {version} cargo test {tests...}");
    // The tests `lints::*` of ambient need clippy, which a minimal toolchain does not have.
    let cargo = cargo.args(packages).args(["--", "--skip", "lints::"]);
    let cargo = cargo.env("CARGO_TARGET_DIR", products);
    passed(&watch(cargo, progress)?)
}
