//! `cargo xtask rustpython`: RustPython's interpreter with our context variables.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, exit};

use xshell::{Shell, cmd};

use crate::process;
use crate::progress::Progress;
use crate::test_output;
use crate::{Result, workspace};

const MANIFEST: &str = "crates/host-rustpython/Cargo.toml";

/// What RustPython's parser names as the oldest compiler is newer than what it needs.
const ANY_RUST: &str = "--ignore-rust-version";

#[derive(clap::Args)]
pub struct Args {
    /// Check the format, the lints and the tests of the host, and run no program.
    #[arg(long, conflicts_with_all = ["built_in", "python"])]
    test: bool,
    /// Leave RustPython's own context variables in place.
    #[arg(long)]
    built_in: bool,
    /// A script and its arguments, or `-c` and code; nothing for a prompt.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    python: Vec<OsString>,
}

pub fn main(args: &Args) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    if args.test {
        return test(&sh);
    }
    let mut python = Command::new(build(&sh)?);
    if args.built_in {
        python.env("CONTEXTVARS_BUILT_IN", "1");
    } else {
        python.env_remove("CONTEXTVARS_BUILT_IN");
    }
    let ended = python.args(&args.python).status()?;
    // Of a program that a signal ended nothing is left to say.
    exit(ended.code().unwrap_or(1))
}

/// Builds the interpreter, and gives the file.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build(sh: &Shell) -> Result<PathBuf> {
    let target = target();
    let binary = target.join(format!(
        "release/rustpython-contextvars{}",
        std::env::consts::EXE_SUFFIX
    ));
    if !binary.exists() {
        eprintln!("building RustPython takes about ten minutes on two cores, the first time");
    }
    let progress = Progress::start(1, 1, "build RustPython");
    let cargo = cmd!(
        sh,
        "cargo build --release {ANY_RUST} --manifest-path {MANIFEST} --target-dir {target}"
    );
    let done = process::run(cargo, |line| progress.note(line))?;
    if !done.succeeded() {
        return Err(format!("{}\nRustPython does not build", done.output).into());
    }
    Ok(binary)
}

fn target() -> PathBuf {
    workspace::target().join("rustpython")
}

fn test(sh: &Shell) -> Result<()> {
    let target = target();
    let of = [
        cmd!(sh, "cargo fmt --manifest-path {MANIFEST} --check"),
        cmd!(
            sh,
            "cargo clippy --release {ANY_RUST} --manifest-path {MANIFEST} --target-dir {target} --all-targets -- -D warnings"
        ),
        cmd!(
            sh,
            "cargo test --release {ANY_RUST} --manifest-path {MANIFEST} --target-dir {target}"
        ),
    ];
    let (steps, names) = (of.len(), ["format", "clippy", "tests"]);
    for (index, (cargo, name)) in of.into_iter().zip(names).enumerate() {
        let progress = Progress::start(index + 1, steps, name);
        let done = process::run(cargo, |line| {
            if test_output::is_headline(line) {
                progress.print(line);
            } else {
                progress.note(line);
            }
        })?;
        if !done.succeeded() {
            return Err(format!("{}\n{name} failed", done.output).into());
        }
    }
    Ok(())
}
