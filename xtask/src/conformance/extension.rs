//! Builds the extension.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::python::Python;
use crate::progress::Progress;
use crate::step::{LIMIT, must};
use crate::{Result, process, workspace};

/// The crate of the extension.
const EXTENSION: &str = "crates/host-cpython/Cargo.toml";

/// The crate that shows the embedded host to Python.
const EMBEDDED: &str = "crates/host-cpython/conformance/embedded/Cargo.toml";

/// Checks the format and lints of both crates, which no command of the workspace looks at.
///
/// # Errors
///
/// What is wrong.
pub fn lint(sh: &Shell, python: &Python, builds: &[Serves], progress: &Progress) -> Result<()> {
    let clippy = |manifest: &str, serves: Serves, features: &[&str]| {
        let target = workspace::target()
            .join("conformance")
            .join(serves.folder());
        let crate_of = ["--manifest-path", manifest, "--all-targets"];
        let cargo = cmd!(
            sh,
            "cargo clippy {crate_of...} --target-dir {target} {features...}"
        );
        must(
            cargo
                .args(["--", "-D", "warnings"])
                .env("PYO3_PYTHON", &python.path),
            progress,
        )
    };
    for manifest in [EXTENSION, EMBEDDED] {
        must(
            cmd!(sh, "cargo fmt --manifest-path {manifest} --check"),
            progress,
        )?;
    }
    clippy(EMBEDDED, Serves::All, &[])?;
    for serves in builds {
        clippy(EXTENSION, *serves, serves.features())?;
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
    pub fn folder(self) -> &'static str {
        match self {
            Serves::All => "",
            Serves::One => "for-version",
        }
    }
}

/// Builds the extension in the tree of a shell and returns the file.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build(sh: &Shell, target: &Path, python: &Python, serves: Serves) -> Result<PathBuf> {
    library(
        sh,
        EXTENSION,
        target,
        python,
        serves.features(),
        "_contextvars",
    )
}

/// Builds what shows the embedded host to Python, for all versions, and returns the file.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build_embedded(sh: &Shell, target: &Path, python: &Python) -> Result<PathBuf> {
    library(sh, EMBEDDED, target, python, &[], "_contextvars_embedded")
}

fn library(
    sh: &Shell,
    manifest: &str,
    target: &Path,
    python: &Python,
    features: &[&str],
    name: &str,
) -> Result<PathBuf> {
    let crate_of = ["--release", "--manifest-path", manifest];
    let cargo = cmd!(
        sh,
        "cargo build {crate_of...} --target-dir {target} {features...}"
    );
    let done = process::run_within(cargo.env("PYO3_PYTHON", &python.path), LIMIT, |_| {})?;
    match done.succeeded() {
        true => Ok(target.join(format!("release/{DLL_PREFIX}{name}{DLL_SUFFIX}"))),
        false => Err(format!("{}\n`{name}` does not build", done.output).into()),
    }
}
