//! Our extension for the CPython in the runner.

use std::ffi::OsString;

use crate::conformance::extension::{self, Serves};
use crate::conformance::python::Python;
use crate::{Result, workspace};

/// Builds it as one build serves all versions, and for this version, and gives the runner's
/// arguments that say where the two are.
///
/// # Errors
///
/// Whatever the compiler says, whole.
pub fn build(python: &Python) -> Result<Vec<OsString>> {
    let sh = workspace::shell(&workspace::root())?;
    let products = workspace::target().join("conformance");
    let mut arguments = Vec::new();
    for (name, serves) in [
        ("--extension", Serves::All),
        ("--extension-for-version", Serves::One),
    ] {
        let target = products.join(serves.folder());
        let file = extension::build(&sh, &target, python, serves)?;
        arguments.extend([name.into(), file.into()]);
    }
    Ok(arguments)
}
