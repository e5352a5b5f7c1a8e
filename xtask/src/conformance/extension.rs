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
    let lints = ["--all-targets", "--", "-D", "warnings"];
    let clippy = cmd!(
        sh,
        "cargo clippy --manifest-path {manifest} --target-dir {target} {lints...}"
    );
    for command in [format, clippy.env("PYO3_PYTHON", &python.path)] {
        let done = process::run(command, |_| {})?;
        if !done.succeeded() {
            return Ok(Some(done.output));
        }
    }
    Ok(None)
}

/// Builds the extension of the tree at `root` and gives the file. One serves all versions.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build(root: &Path, target: &Path, python: &Python) -> Result<PathBuf> {
    let sh = workspace::shell(root)?;
    let manifest = root.join("crates/host-cpython/Cargo.toml");
    let cargo = cmd!(
        sh,
        "cargo build --release --manifest-path {manifest} --target-dir {target}"
    )
    .env("PYO3_PYTHON", &python.path);
    let done = process::run(cargo, |_| {})?;
    if !done.succeeded() {
        return Err(format!("{}\nthe extension does not build", done.output).into());
    }
    Ok(target.join(format!("release/{DLL_PREFIX}_contextvars{DLL_SUFFIX}")))
}
