//! `cargo xtask boa`: JavaScript with `AsyncContext`, on Boa.

use std::ffi::OsString;
use std::process::{Command, exit};

use xshell::cmd;

use crate::step::{Step, passed, watch};
use crate::{Result, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// A script, or `-e` and code.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    javascript: Vec<OsString>,
}

pub fn main(args: &Args) -> Result<()> {
    let target = workspace::target().join("boa");
    if !target.exists() {
        eprintln!("building Boa takes two minutes on two cores, the first time");
    }
    let host = workspace::root().join("crates/host-boa/Cargo.toml");
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--manifest-path"]).arg(host);
    cargo.arg("--target-dir").arg(target);
    let ended = cargo.arg("--").args(&args.javascript).status()?;
    exit(ended.code().unwrap_or(1))
}

/// Format, lints and tests of the host.
pub fn test() -> Step {
    Step::new("boa", |sh, progress| {
        let _target = sh.push_env("CARGO_TARGET_DIR", workspace::target().join("boa"));
        let _here = sh.push_dir("crates/host-boa");
        watch(cmd!(sh, "cargo fmt --check"), progress)?;
        watch(
            cmd!(sh, "cargo clippy --all-targets -- -D warnings"),
            progress,
        )?;
        passed(&watch(cmd!(sh, "cargo test"), progress)?)
    })
}
