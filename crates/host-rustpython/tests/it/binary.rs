//! Helpers: runs the interpreter's binary, and finds scripts and a CPython.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The implementation of `_contextvars` that the interpreter uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    Ours,
    BuiltIn,
}

/// Returns a command that runs the interpreter with this module.
pub fn python(module: Module) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rustpython-contextvars"));
    match module {
        Module::Ours => command.env_remove("CONTEXTVARS_BUILT_IN"),
        Module::BuiltIn => command.env("CONTEXTVARS_BUILT_IN", "1"),
    };
    command
}

/// Runs a command. Returns its standard output.
///
/// # Errors
///
/// The exit status and all output, if the command failed.
pub fn output(command: &mut Command) -> Result<String, String> {
    let done = command.output().expect("it can be started");
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(printed);
    }
    let errors = String::from_utf8_lossy(&done.stderr);
    Err(format!("{}\n{printed}{errors}", done.status))
}

/// Returns the scripts in a folder of this crate, sorted.
pub fn scripts(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let files = files.map(|file| file.expect("readable").path());
    let mut scripts: Vec<_> = files
        .filter(|file| file.extension() == Some(OsStr::new("py")))
        .collect();
    scripts.sort();
    scripts
}

/// Returns a CPython 3.11 or later that has the package `test`, and the folder of that package.
pub fn cpython() -> Option<(PathBuf, PathBuf)> {
    let probe = "import sys, os, test.test_context as found; assert sys.version_info >= (3, 11); \
                 print(os.path.dirname(found.__file__))";
    let mut python = Command::new("python3");
    let printed = python.args(["-c", probe]).output().ok()?;
    let folder = String::from_utf8(printed.stdout).ok()?;
    (printed.status.success()).then(|| (PathBuf::from("python3"), folder.trim().into()))
}
