//! `cargo xtask bench`: compares this workspace's crates with similar ones.
//!
//! The package `benches` does the work. It is built as an extension that a Python loads, so that
//! CPython is a peer. Without a Python it is built as a program.

pub mod instructions;
#[path = "../../benches/src/options.rs"]
mod options;

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::conformance::python;
use crate::hosts::RUSTPYTHON;
use crate::progress::Progress;
use crate::step::watch;
use crate::{Result, process, workspace};
pub use options::Options;

/// Loads the extension by its path and calls it with the other arguments.
const LOAD: &str = "
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location('benches', sys.argv[1], loader=ExtensionFileLoader('benches', sys.argv[1]))
sys.modules['benches'] = benches = module_from_spec(spec)
spec.loader.exec_module(benches)
sys.exit(benches.main(['benches', *sys.argv[2:]]))
";

pub fn main(options: &Options) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    if options.instructions {
        return instructions::main(&sh, options.renew);
    }
    let progress = Progress::start(1, 1, "bench");
    let group = options.group.as_deref();
    // A thread-local costs a call in an extension, but not in a program. So groups without CPython
    // as a peer are measured in a program.
    let python = match (group, &options.python) {
        (Some("hamt" | "hot"), Some(path)) => Some(std::path::absolute(path)?),
        (Some("hamt" | "hot"), None) => {
            let newest = python::find(&sh, &[])?.newest().cloned();
            newest.ok().map(|newest| newest.path)
        }
        _ => None,
    };
    let mut files: Vec<(&str, PathBuf)> = vec![
        ("report", workspace::target().join("bench/report.json")),
        ("root", workspace::root()),
    ];
    if group == Some("rustpython") {
        files.push(("rustpython", RUSTPYTHON.build(&sh)?));
    }
    let runner = build(&sh, python.as_deref(), &progress)?;
    let mut arguments: Vec<OsString> = std::env::args_os().skip(2).collect();
    for (name, path) in files {
        let mut argument = OsString::from(format!("--file={name}="));
        argument.push(path);
        arguments.push(argument);
    }
    let command = match &python {
        Some(python) => cmd!(sh, "{python} -c {LOAD} {runner} {arguments...}"),
        None => cmd!(sh, "{runner} {arguments...}"),
    };
    let done = process::run(command.quiet(), |line| progress.print(line))?;
    match done.succeeded() {
        true => Ok(()),
        false => Err("the runner failed".into()),
    }
}

/// Builds the package `benches`, as an extension of a Python if there is one.
fn build(sh: &Shell, python: Option<&Path>, progress: &Progress) -> Result<PathBuf> {
    // The libraries are built as for any user: for the default target, with the release profile.
    // The measured loops have a few instructions and take 1.5 times as long if one crosses a
    // cache line. So each loop is aligned to a cache line, which makes most cells repeatable from
    // build to build. The flags apply to one crate, which has all loops. It has one codegen unit,
    // since inlining would otherwise depend on the division into units.
    let mut flags = vec!["-Cllvm-args=-align-loops=64", "-Ccodegen-units=1"];
    let cargo = cmd!(sh, "cargo rustc --release --package benches");
    let (cargo, name) = match python {
        Some(python) => {
            progress.print(&format!("with {} as a peer", python.display()));
            if cfg!(target_os = "macos") {
                flags.extend(["-Clink-arg=-undefined", "-Clink-arg=dynamic_lookup"]);
            }
            let library = ["--lib", "--crate-type", "cdylib", "--features", "cpython"];
            let cargo = cargo.args(library).env("PYO3_PYTHON", python);
            (cargo, format!("{DLL_PREFIX}benches{DLL_SUFFIX}"))
        }
        None => {
            progress.print("without CPython: not needed, or no Python 3.11 or later was found");
            (
                cargo.args(["--bin", "benches"]),
                format!("benches{EXE_SUFFIX}"),
            )
        }
    };
    watch(cargo.arg("--").args(flags), progress)?;
    Ok(workspace::target().join("release").join(name))
}
