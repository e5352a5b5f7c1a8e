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
    /// The folder of its build products, so that builds do not replace each other's.
    folder: &'static str,
    /// The suffix of an interpreter's name in reports.
    pub suffix: &'static str,
}

impl Extension {
    /// Our `_contextvars` for all versions, with the stable ABI.
    pub const ALL: Extension = Extension {
        manifest: "crates/host-cpython/Cargo.toml",
        name: "_contextvars",
        features: &["--features", "hamt"],
        folder: "",
        suffix: "",
    };
    /// The same, but only for the version of the Python that it is built with.
    pub const ONE: Extension = Extension {
        features: &["--no-default-features", "--features", "hamt"],
        folder: "for-version",
        suffix: ", for it alone",
        ..Extension::ALL
    };
    /// The module with the embedded host, for all versions.
    pub const EMBEDDED: Extension = Extension {
        manifest: "crates/host-cpython/conformance/embedded/Cargo.toml",
        name: "_contextvars_embedded",
        features: &[],
        ..Extension::ALL
    };

    /// Checks the format and lints, since commands on the workspace do not include this crate.
    ///
    /// # Errors
    ///
    /// The output of the command that fails.
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

    /// Builds it for an interpreter. Free-threaded ones have no stable ABI, so they get a build for
    /// their version.
    ///
    /// # Errors
    ///
    /// The compiler's output.
    pub fn build_for(&self, sh: &Shell, target: &Path, python: &Python) -> Result<PathBuf> {
        match python.has_lock {
            true => self.build(sh, target, &python.path),
            false => Extension::ONE.build(sh, &target.join(python.name()), &python.path),
        }
    }

    /// Builds it in the folder of a shell, and returns the path of the file.
    ///
    /// # Errors
    ///
    /// The compiler's output.
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
