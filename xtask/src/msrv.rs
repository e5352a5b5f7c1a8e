//! `cargo xtask gate --full --only msrv`: the tests of the libraries with the oldest Rust that they promise.

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
        .ok_or("the workspace names no rust-version")?;
    let install = format!("rustup toolchain install {version} --profile minimal");
    let probe = format!("rustup run {version} cargo --version");
    tools::need(sh, &probe, &install)?;
    // Each compiler has its own lints, so a warning is no failure here.
    let products = workspace::target().join("msrv");
    let packages = workspace::packages(LIBRARIES);
    let tests = ["--locked", "--no-fail-fast", "--lib", "--tests"];
    let cargo = cmd!(sh, "rustup run {version} cargo test {tests...}");
    // Ambient's `clippy.toml` is for today's clippy, which a minimal toolchain has not.
    let cargo = cargo.args(packages).args(["--", "--skip", "lints::"]);
    let cargo = cargo.env("CARGO_TARGET_DIR", products);
    passed(&watch(cargo, progress)?)
}
