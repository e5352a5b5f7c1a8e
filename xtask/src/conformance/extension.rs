//! Builds the extension.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{LIMIT, watch};
use crate::{Result, process, workspace};

/// The crate of the extension.
const EXTENSION: &str = "crates/host-cpython/Cargo.toml";

/// No features.
const NONE: &[&str] = &[];

/// The crate that shows the embedded host to Python.
const EMBEDDED: &str = "crates/host-cpython/conformance/embedded/Cargo.toml";

/// Checks the format and lints of both crates, which no command of the workspace looks at.
///
/// # Errors
///
/// What is wrong.
pub fn lint(sh: &Shell, python: &Path, progress: &Progress) -> Result<()> {
    for manifest in [EXTENSION, EMBEDDED] {
        let format = cmd!(sh, "cargo fmt --manifest-path {manifest} --check");
        watch(format, progress)?;
    }
    let extension = [Serves::All, Serves::One].map(|serves| (EXTENSION, serves, serves.features()));
    for (manifest, serves, features) in [(EMBEDDED, Serves::All, NONE)].into_iter().chain(extension)
    {
        let target = serves.folder(&workspace::target().join("conformance"));
        let crate_of = ["--manifest-path", manifest, "--all-targets"];
        let cargo = cmd!(
            sh,
            "cargo clippy {crate_of...} --target-dir {target} {features...}"
        );
        let cargo = cargo.args(["--", "-D", "warnings"]);
        watch(cargo.env("PYO3_PYTHON", python), progress)?;
    }
    Ok(())
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
    fn folder(self, target: &Path) -> PathBuf {
        match self {
            Serves::All => target.into(),
            Serves::One => target.join("for-version"),
        }
    }
}

/// Builds the extension in the tree of a shell and returns the file.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build(sh: &Shell, target: &Path, python: &Path, serves: Serves) -> Result<PathBuf> {
    let (target, features) = (serves.folder(target), serves.features());
    library(sh, EXTENSION, &target, python, features, "_contextvars")
}

/// Builds what shows the embedded host to Python, for all versions, and returns the file.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build_embedded(sh: &Shell, target: &Path, python: &Path) -> Result<PathBuf> {
    library(sh, EMBEDDED, target, python, NONE, "_contextvars_embedded")
}

fn library(
    sh: &Shell,
    manifest: &str,
    target: &Path,
    python: &Path,
    features: &[&str],
    name: &str,
) -> Result<PathBuf> {
    let crate_of = ["--release", "--manifest-path", manifest];
    let cargo = cmd!(
        sh,
        "cargo build {crate_of...} --target-dir {target} {features...}"
    );
    let done = process::run_within(cargo.env("PYO3_PYTHON", python), LIMIT, |_| {})?;
    match done.succeeded() {
        true => Ok(target.join(format!("release/{DLL_PREFIX}{name}{DLL_SUFFIX}"))),
        false => Err(format!("{}\n`{name}` does not build", done.output).into()),
    }
}
