//! Builds extension modules: our `_contextvars`, and the embedded host.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::python::Python;
use crate::progress::Progress;
use crate::step::{LIMIT, watch};
use crate::{Result, process, workspace};

/// A build of an extension module.
#[derive(Clone, Copy)]
pub struct Extension {
    manifest: &'static str,
    /// The name of the module.
    name: &'static str,
    features: &'static [&'static str],
    /// Where its products are, below those of the others, so that none replaces another.
    folder: &'static str,
    /// What follows the version of an interpreter with it.
    pub suffix: &'static str,
}

impl Extension {
    /// Our `_contextvars` for all versions, by the stable ABI.
    pub const ALL: Extension = Extension {
        manifest: "crates/host-cpython/Cargo.toml",
        name: "_contextvars",
        features: &["--features", "hamt"],
        folder: "",
        suffix: "",
    };
    /// The same for the version of the Python that it is built with.
    pub const ONE: Extension = Extension {
        features: &["--no-default-features", "--features", "hamt"],
        folder: "for-version",
        suffix: ", for it alone",
        ..Extension::ALL
    };
    /// What shows the embedded host to Python, for all versions.
    pub const EMBEDDED: Extension = Extension {
        manifest: "crates/host-cpython/conformance/embedded/Cargo.toml",
        name: "_contextvars_embedded",
        features: &[],
        ..Extension::ALL
    };

    /// Checks the format and lints, which no command of the workspace looks at.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn lint(&self, sh: &Shell, python: &Path, progress: &Progress) -> Result<()> {
        let crate_of = ["--manifest-path", self.manifest];
        watch(cmd!(sh, "cargo fmt {crate_of...} --check"), progress)?;
        let target = workspace::target().join("conformance").join(self.folder);
        let clippy = cmd!(
            sh,
            "cargo clippy {crate_of...} --target-dir {target} --all-targets"
        );
        let clippy = clippy.args(self.features).args(["--", "-D", "warnings"]);
        watch(clippy.env("PYO3_PYTHON", python), progress)?;
        Ok(())
    }

    /// Builds it for an interpreter: without a global lock none serves all versions.
    ///
    /// # Errors
    ///
    /// Whatever the compiler says, whole.
    pub fn build_for(&self, sh: &Shell, target: &Path, python: &Python) -> Result<PathBuf> {
        match python.has_lock {
            true => self.build(sh, target, &python.path),
            false => Extension::ONE.build(sh, &target.join(python.name()), &python.path),
        }
    }

    /// Builds it in the tree of a shell and returns the file.
    ///
    /// # Errors
    ///
    /// Whatever the compiler says, whole.
    pub fn build(&self, sh: &Shell, target: &Path, python: &Path) -> Result<PathBuf> {
        let (name, target) = (self.name, target.join(self.folder));
        let crate_of = ["--release", "--manifest-path", self.manifest];
        let cargo = cmd!(sh, "cargo build {crate_of...} --target-dir {target}");
        let cargo = cargo.args(self.features).env("PYO3_PYTHON", python);
        let done = process::run_within(cargo, LIMIT, |_| {})?;
        match done.succeeded() {
            true => Ok(target.join(format!("release/{DLL_PREFIX}{name}{DLL_SUFFIX}"))),
            false => Err(format!("{}\n`{name}` does not build", done.output).into()),
        }
    }
}
