//! `cargo xtask rustpython`: RustPython's interpreter with our context variables.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, exit};

use xshell::{Cmd, Shell, cmd};

use crate::progress::Progress;
use crate::step::{Step, passed, watch};
use crate::{Result, workspace};

/// What RustPython's parser names as the oldest compiler is newer than what it needs.
const HOST: [&str; 3] = [
    "--manifest-path",
    "crates/host-rustpython/Cargo.toml",
    "--ignore-rust-version",
];

#[derive(clap::Args)]
pub struct Args {
    /// Leave RustPython's own context variables in place.
    #[arg(long)]
    built_in: bool,
    /// A script and its arguments, or `-c` and code; nothing for a prompt.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    python: Vec<OsString>,
}

pub fn main(args: &Args) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    let mut python = Command::new(build(&sh)?);
    python.env_remove("CONTEXTVARS_BUILT_IN");
    python.envs(args.built_in.then_some(("CONTEXTVARS_BUILT_IN", "1")));
    let ended = python.args(&args.python).status()?;
    // Of a program that a signal ended nothing is left to say.
    exit(ended.code().unwrap_or(1))
}

/// Builds the interpreter and returns the file.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build(sh: &Shell) -> Result<PathBuf> {
    let name = format!(
        "release/rustpython-contextvars{}",
        std::env::consts::EXE_SUFFIX
    );
    let binary = target().join(name);
    if !binary.exists() {
        eprintln!("building RustPython takes about ten minutes on two cores, the first time");
    }
    let progress = Progress::start(1, 1, "build RustPython");
    watch(cargo(sh, "build"), &progress)?;
    Ok(binary)
}

fn target() -> PathBuf {
    workspace::target().join("rustpython")
}

fn cargo<'a>(sh: &'a Shell, verb: &str) -> Cmd<'a> {
    let target = target();
    cmd!(sh, "cargo {verb} --release {HOST...} --target-dir {target}")
}

/// Format, lints and tests of the host.
pub fn test() -> Step {
    Step::new("rustpython", |sh, progress| {
        let manifest = &HOST[..2];
        watch(cmd!(sh, "cargo fmt {manifest...} --check"), progress)?;
        let lints = ["--all-targets", "--", "-D", "warnings"];
        watch(cargo(sh, "clippy").args(lints), progress)?;
        passed(&watch(cargo(sh, "test"), progress)?)
    })
}
