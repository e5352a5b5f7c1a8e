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
    let host = workspace::root().join("crates/host-boa/Cargo.toml");
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--manifest-path"]).arg(host).arg("--");
    exit(cargo.args(&args.javascript).status()?.code().unwrap_or(1))
}

/// Format, lints and tests of the host.
pub fn test() -> Step {
    Step::new("boa", |sh, progress| {
        let _here = sh.push_dir("crates/host-boa");
        watch(cmd!(sh, "cargo fmt --check"), progress)?;
        watch(
            cmd!(sh, "cargo clippy --all-targets -- -D warnings"),
            progress,
        )?;
        passed(&watch(cmd!(sh, "cargo test"), progress)?)
    })
}
