//! Builds the extension.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use xshell::cmd;

use super::python::Python;
use crate::{Result, process, workspace};

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
