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
    let embedded = (EMBEDDED, "", NONE);
    let both = [Serves::ALL, Serves::ONE].map(|of| (EXTENSION, of.folder, of.features));
    for (manifest, folder, features) in both.into_iter().chain([embedded]) {
        let target = workspace::target().join("conformance").join(folder);
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
#[derive(Clone, Copy)]
pub struct Serves {
    features: &'static [&'static str],
    /// Where its products are, below those of the usual build, so that neither replaces the other.
    folder: &'static str,
    /// What follows the version of an interpreter with it.
    pub suffix: &'static str,
}

impl Serves {
    /// All versions, by the stable ABI.
    pub const ALL: Serves = Serves {
        features: &["--features", "hamt"],
        folder: "",
        suffix: "",
    };
    /// The version of the Python that it is built with.
    pub const ONE: Serves = Serves {
        features: &["--no-default-features", "--features", "hamt"],
        folder: "for-version",
        suffix: ", for it alone",
    };
}

/// Builds the extension in the tree of a shell and returns the file.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build(sh: &Shell, target: &Path, python: &Path, serves: Serves) -> Result<PathBuf> {
    let target = target.join(serves.folder);
    library(
        sh,
        EXTENSION,
        &target,
        python,
        serves.features,
        "_contextvars",
    )
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
