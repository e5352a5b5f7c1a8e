//! `cargo xtask rustpython` and `cargo xtask boa`: interpreters in Rust with our context variables.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, exit};

use xshell::{Cmd, Shell, cmd};

use crate::progress::Progress;
use crate::step::{Step, passed, watch};
use crate::{Result, workspace};

/// A crate that is a workspace of its own, and its program.
pub struct Host {
    name: &'static str,
    /// Where its program is below its target folder.
    program: &'static str,
    flags: &'static [&'static str],
}

/// What RustPython's parser names as the oldest compiler is newer than what it needs.
pub const RUSTPYTHON: Host = Host {
    name: "rustpython",
    program: "release/rustpython-contextvars",
    flags: &["--release", "--ignore-rust-version"],
};

pub const BOA: Host = Host {
    name: "boa",
    program: "debug/boa-async-context",
    flags: &[],
};

#[derive(clap::Args)]
pub struct Args {
    /// A script and its arguments, or code after `-c` (RustPython) or `-e` (Boa).
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,
}

impl Host {
    /// Builds the interpreter, runs a program on it, and ends as that does.
    pub fn main(&self, args: &Args) -> Result<()> {
        let sh = workspace::shell(&workspace::root())?;
        let mut program = Command::new(self.build(&sh)?);
        let ended = program.args(&args.program).status()?;
        // Of a program that a signal ended nothing is left to say.
        exit(ended.code().unwrap_or(1))
    }

    /// Builds the program and returns the file.
    ///
    /// # Errors
    ///
    /// Whatever the compiler says, whole.
    pub fn build(&self, sh: &Shell) -> Result<PathBuf> {
        let file = self.target().join(self.program);
        let file = file.with_extension(std::env::consts::EXE_EXTENSION);
        if !file.exists() {
            eprintln!("building {} takes minutes, the first time", self.name);
        }
        let progress = Progress::start(1, 1, &format!("build {}", self.name));
        watch(self.cargo(sh, "build"), &progress)?;
        Ok(file)
    }

    fn target(&self) -> PathBuf {
        workspace::target().join(self.name)
    }

    fn cargo<'a>(&self, sh: &'a Shell, verb: &str) -> Cmd<'a> {
        let (manifest, target) = (self.manifest(), self.target());
        let cargo = cmd!(sh, "cargo {verb} --manifest-path {manifest}");
        cargo.arg("--target-dir").arg(target).args(self.flags)
    }

    fn manifest(&self) -> String {
        format!("crates/host-{}/Cargo.toml", self.name)
    }

    /// Format, lints and tests.
    pub fn test(self) -> Step {
        Step::new(self.name, move |sh, progress| {
            let manifest = self.manifest();
            watch(
                cmd!(sh, "cargo fmt --manifest-path {manifest} --check"),
                progress,
            )?;
            let lints = ["--all-targets", "--", "-D", "warnings"];
            watch(self.cargo(sh, "clippy").args(lints), progress)?;
            passed(&watch(self.cargo(sh, "test"), progress)?)
        })
    }
}
