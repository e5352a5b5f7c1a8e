//! `cargo xtask rustpython` and `cargo xtask boa`: builds and runs interpreters in Rust with this
//! workspace's context variables.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, exit};

use xshell::{Cmd, Shell, cmd};

use crate::progress::Progress;
use crate::step::{Step, passed, watch};
use crate::{Result, workspace};

/// A host in a separate workspace, and its program.
pub struct Host {
    name: &'static str,
    /// The path of its program in its target folder.
    program: &'static str,
    flags: &'static [&'static str],
}

/// RustPython's parser declares a newer compiler than it needs.
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
    /// Builds the interpreter, runs a program on it, and exits with the program's exit code.
    pub fn main(&self, args: &Args) -> Result<()> {
        let sh = workspace::shell(&workspace::root())?;
        let mut program = Command::new(self.build(&sh)?);
        let ended = program.args(&args.program).status()?;
        // A program that was killed by a signal has no exit code.
        exit(ended.code().unwrap_or(1))
    }

    /// Builds the program. Returns its path.
    ///
    /// # Errors
    ///
    /// The compiler's output.
    pub fn build(&self, sh: &Shell) -> Result<PathBuf> {
        let file = self.target().join(self.program);
        let file = file.with_extension(std::env::consts::EXE_EXTENSION);
        if !file.exists() {
            eprintln!("building {}; the first time this takes minutes", self.name);
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

    /// Returns the step of its format, lints and tests.
    pub fn test(self) -> Step {
        Step::new(self.name, move |sh, progress| {
            let manifest = self.manifest();
            let format = cmd!(sh, "cargo fmt --manifest-path {manifest} --check");
            watch(format, progress)?;
            let lints = ["--all-targets", "--", "-D", "warnings"];
            watch(self.cargo(sh, "clippy").args(lints), progress)?;
            passed(&watch(self.cargo(sh, "test"), progress)?)
        })
    }
}
