//! Builds the extension.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::python::Python;
use crate::{Result, process, workspace};

/// Checks the crate's format and lints, which no command of the workspace looks at. Gives what is
/// wrong.
pub fn lint(sh: &Shell, python: &Python) -> Result<Option<String>> {
    let manifest = "crates/host-cpython/Cargo.toml";
    let target = workspace::target().join("conformance");
    let format = cmd!(sh, "cargo fmt --manifest-path {manifest} --check");
    let clippy = |serves: Serves| {
        let target = target.join(serves.folder());
        let features = serves.features();
        let lints = ["--all-targets", "--", "-D", "warnings"];
        cmd!(
            sh,
            "cargo clippy --manifest-path {manifest} --target-dir {target} {features...} {lints...}"
        )
        .env("PYO3_PYTHON", &python.path)
    };
    for command in [format, clippy(Serves::All), clippy(Serves::One)] {
        let done = process::run(command, |_| {})?;
        if !done.succeeded() {
            return Ok(Some(done.output));
        }
    }
    Ok(None)
}

/// What a build of the extension is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serves {
    /// All versions, by the stable ABI.
    All,
    /// The version of the Python that it is built with.
    One,
}

impl Serves {
    fn features(self) -> &'static [&'static str] {
        match self {
            Serves::All => &["--features", "hamt"],
            Serves::One => &["--no-default-features", "--features", "hamt"],
        }
    }

    /// Where its products are, below those of the usual build, so that neither replaces the other.
    pub fn folder(self) -> &'static str {
        match self {
            Serves::All => "",
            Serves::One => "for-version",
        }
    }
}

/// Builds the extension of the tree at `root` and gives the file.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build(root: &Path, target: &Path, python: &Python, serves: Serves) -> Result<PathBuf> {
    let sh = workspace::shell(root)?;
    let manifest = root.join("crates/host-cpython/Cargo.toml");
    let cargo = cmd!(
        sh,
        "cargo build --release --manifest-path {manifest} --target-dir {target}"
    )
    .args(serves.features())
    .env("PYO3_PYTHON", &python.path);
    let done = process::run(cargo, |_| {})?;
    if !done.succeeded() {
        return Err(format!("{}\nthe extension does not build", done.output).into());
    }
    Ok(target.join(format!("release/{DLL_PREFIX}_contextvars{DLL_SUFFIX}")))
}
