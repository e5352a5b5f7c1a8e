//! `cargo xtask msrv`: the tests of the libraries with the oldest Rust that they promise.

use xshell::cmd;

use crate::step::{self, Outcome, watch};
use crate::targets::LIBRARIES;
use crate::{Result, process, workspace};

pub fn main() -> Result<()> {
    let manifest = std::fs::read_to_string(workspace::root().join("Cargo.toml"))?;
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'))
        .ok_or("the workspace names no rust-version")?;
    step::each(
        &[version],
        |version| format!("Rust {version}"),
        |version, sh, progress| {
            let there = process::run(cmd!(sh, "rustup run {version} cargo --version"), |_| {})?;
            if !there.succeeded() {
                let install = format!("run `rustup toolchain install {version} --profile minimal`");
                return Ok(Outcome::NotRun(format!(
                    "the toolchain is missing; {install}"
                )));
            }
            // Each compiler has its own lints, so a warning is no failure here.
            let products = workspace::target().join("msrv");
            let packages = LIBRARIES.iter().flat_map(|name| ["--package", name]);
            let cargo = cmd!(
                sh,
                "rustup run {version} cargo test --locked --no-fail-fast"
            );
            let cargo = cargo
                .args(["--lib", "--tests"])
                .args(packages)
                .env("CARGO_TARGET_DIR", products);
            Ok(Outcome::of_tests(watch(cargo, progress)?))
        },
    )
}
