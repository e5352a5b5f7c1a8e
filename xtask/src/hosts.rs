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
    program: &'static str,
    /// Where its program is below its target folder.
    profile: &'static str,
    flags: &'static [&'static str],
    /// How long its build takes the first time, on two cores.
    takes: &'static str,
}

/// What RustPython's parser names as the oldest compiler is newer than what it needs.
pub const RUSTPYTHON: Host = Host {
    name: "rustpython",
    program: "rustpython-contextvars",
    profile: "release",
    flags: &["--release", "--ignore-rust-version"],
    takes: "ten minutes",
};

pub const BOA: Host = Host {
    name: "boa",
    program: "boa-async-context",
    profile: "debug",
    flags: &[],
    takes: "two minutes",
};

#[derive(clap::Args)]
pub struct RustPythonArgs {
    /// Leave RustPython's own context variables in place.
    #[arg(long)]
    built_in: bool,
    /// A script and its arguments, or `-c` and code; nothing for a prompt.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    python: Vec<OsString>,
}

#[derive(clap::Args)]
pub struct BoaArgs {
    /// A script, or `-e` and code.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    javascript: Vec<OsString>,
}

pub fn rustpython(args: &RustPythonArgs) -> Result<()> {
    let built_in = args.built_in.then_some("1");
    RUSTPYTHON.main(
        &args.python,
        built_in.map(|it| ("CONTEXTVARS_BUILT_IN", it)),
    )
}

pub fn boa(args: &BoaArgs) -> Result<()> {
    BOA.main(&args.javascript, None)
}

impl Host {
    /// Builds the program, runs it, and ends as it does.
    fn main(&self, args: &[OsString], variable: Option<(&str, &str)>) -> Result<()> {
        let sh = workspace::shell(&workspace::root())?;
        let mut program = Command::new(self.build(&sh)?);
        program.env_remove("CONTEXTVARS_BUILT_IN").envs(variable);
        // Of a program that a signal ended nothing is left to say.
        exit(program.args(args).status()?.code().unwrap_or(1))
    }

    /// Builds the program and returns the file.
    ///
    /// # Errors
    ///
    /// Whatever the compiler says, whole.
    pub fn build(&self, sh: &Shell) -> Result<PathBuf> {
        let Host {
            name,
            program,
            profile,
            takes,
            ..
        } = self;
        let file = format!("{profile}/{program}{}", std::env::consts::EXE_SUFFIX);
        let file = self.target().join(file);
        if !file.exists() {
            eprintln!("building {name} takes about {takes} on two cores, the first time");
        }
        let progress = Progress::start(1, 1, &format!("build {name}"));
        watch(self.cargo(sh, "build"), &progress)?;
        Ok(file)
    }

    fn target(&self) -> PathBuf {
        workspace::target().join(self.name)
    }

    fn cargo<'a>(&self, sh: &'a Shell, verb: &str) -> Cmd<'a> {
        let (manifest, target, flags) = (self.manifest(), self.target(), self.flags);
        cmd!(
            sh,
            "cargo {verb} --manifest-path {manifest} {flags...} --target-dir {target}"
        )
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
