//! `cargo xtask bench`: our crates beside others of their kind, measured in turns in one process.
//!
//! The package `benches` does the work. This builds it as an extension and has a Python load it, so
//! that CPython is among the peers; where there is no Python, as a program.

pub mod instructions;

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::ffi::OsString;
use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::conformance::extension::{self, Serves};
use crate::conformance::python::{self, Python};
use crate::progress::Progress;
use crate::step::must;
use crate::{Result, process, rustpython, workspace};

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

#[derive(clap::Args)]
pub struct Args {
    /// What to measure: `hamt`, `hot`, `python`, `threads`, `ambient` or `rustpython`.
    group: Option<String>,
    /// Take a first look: small sizes, fewer rounds.
    #[arg(long)]
    quick: bool,
    /// Measure only cells whose title contains this, such as `1000 entries` or `update, shared`;
    /// given again, both.
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Measure nothing; print, and publish if told to, the report that is there.
    #[arg(long, conflicts_with_all = ["group", "quick", "only"])]
    last: bool,
    /// Add the report to the published ones, and render these.
    #[arg(long, conflicts_with_all = ["quick", "only"])]
    publish: bool,
    /// Measure nothing; render the published reports in the pages.
    #[arg(long, conflicts_with_all = ["group", "quick", "only", "last", "publish"])]
    render: bool,
    /// Use this Python as the CPython peer, not the newest that is found.
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// Count instructions under callgrind instead, and compare them with the committed figures.
    #[arg(long, conflicts_with_all = ["quick", "only", "last", "publish", "render", "python"])]
    instructions: bool,
    /// Commit the counted figures for this compiler to the file.
    #[arg(long, requires = "instructions")]
    renew: bool,
}

pub fn main(args: &Args) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    if args.instructions {
        return instructions::main(&sh, args.renew);
    }
    let group = args.group.as_deref();
    let progress = Progress::start(1, 1, "bench");
    if group.is_none() && !args.last && !args.render {
        return Err("name a group, or --last, --render or --instructions".into());
    }
    // An extension's thread-locals cost a call, a program's none: so where CPython is no peer, it is
    // measured in a program.
    let python = match (group, &args.python) {
        (Some("hamt" | "hot" | "python"), Some(path)) => Some(std::path::absolute(path)?),
        (Some("hamt" | "hot" | "python"), None) => python::find(&sh, &[])?
            .usable
            .pop()
            .map(|newest| newest.path),
        _ => None,
    };
    let runner = Runner::build(&sh, python, &progress)?;
    if args.render {
        return runner.run(&sh, &["render".into()], &progress);
    }
    if !args.last {
        let mut measure = vec!["measure".into()];
        if group == Some("python") {
            measure.extend(extensions(&sh, &runner, &progress)?);
        }
        if group == Some("rustpython") {
            measure.push(with("rustpython", rustpython::build(&sh)?));
        }
        measure.extend(group.map(OsString::from));
        measure.extend(args.quick.then(|| "--quick".into()));
        measure.extend(args.only.iter().map(|text| format!("--only={text}").into()));
        runner.run(&sh, &measure, &progress)?;
    }
    runner.run(&sh, &["print".into()], &progress)?;
    println!("the report is {}", report().display());
    if args.publish {
        runner.run(&sh, &["publish".into()], &progress)?;
        println!("published in docs/performance.md and README.md");
    }
    Ok(())
}

fn report() -> PathBuf {
    workspace::target().join("bench/report.json")
}

/// Our extension for the Python in which the runner runs, in both builds, as arguments.
fn extensions(sh: &Shell, runner: &Runner, progress: &Progress) -> Result<Vec<OsString>> {
    let Some(python) = &runner.python else {
        return Ok(Vec::new());
    };
    let products = workspace::target().join("conformance");
    let python = &Python {
        version: (0, 0, 0),
        path: python.clone(),
    };
    let builds = [
        ("extension", Serves::All),
        ("extension-for-version", Serves::One),
    ];
    let arguments = builds.map(|(name, serves)| {
        progress.note(&format!("build the {name}"));
        let file = extension::build(sh, &products.join(serves.folder()), python, serves)?;
        Ok(with(name, file))
    });
    arguments.into_iter().collect()
}

fn with(name: &str, file: PathBuf) -> OsString {
    let mut argument = OsString::from(format!("--with={name}="));
    argument.push(file);
    argument
}

/// The package `benches`, built.
struct Runner {
    file: PathBuf,
    /// What loads it, if it is an extension.
    python: Option<PathBuf>,
}

impl Runner {
    fn build(sh: &Shell, python: Option<PathBuf>, progress: &Progress) -> Result<Runner> {
        // The libraries are built as for any other user: for the usual target, by the release
        // profile. What is measured are loops of a few instructions, ours and the peers', that cost
        // half as much again where the compiler happens to lay one across two lines of the cache: so
        // each starts a line. Most cells then repeat from one build to the next. The flags reach one
        // crate, which has all loops; and one unit of it, since what was inlined depended on the
        // units that a function and its caller happened to be in.
        let mut flags = vec!["-Cllvm-args=-align-loops=64", "-Ccodegen-units=1"];
        let cargo = cmd!(sh, "cargo rustc --release --package benches");
        let (cargo, name) = match &python {
            Some(python) => {
                progress.print(&format!("{} is among the peers", python.display()));
                if cfg!(target_os = "macos") {
                    flags.extend(["-Clink-arg=-undefined", "-Clink-arg=dynamic_lookup"]);
                }
                let library = ["--lib", "--crate-type", "cdylib", "--features", "cpython"];
                let cargo = cargo.args(library).env("PYO3_PYTHON", python);
                (cargo, format!("{DLL_PREFIX}benches{DLL_SUFFIX}"))
            }
            None => {
                progress
                    .print("without CPython, which is not asked for or not there (3.11 or later)");
                (
                    cargo.args(["--bin", "benches"]),
                    format!("benches{EXE_SUFFIX}"),
                )
            }
        };
        must(cargo.arg("--").args(flags), progress)?;
        let file = workspace::target().join("release").join(name);
        Ok(Runner { file, python })
    }

    /// Runs it and shows what it prints.
    ///
    /// # Errors
    ///
    /// When it fails.
    fn run(&self, sh: &Shell, args: &[OsString], progress: &Progress) -> Result<()> {
        let (file, report, root) = (&self.file, report(), workspace::root());
        let args = [
            args,
            &[
                "--report".into(),
                report.into(),
                "--root".into(),
                root.into(),
            ],
        ]
        .concat();
        let command = match &self.python {
            Some(python) => cmd!(sh, "{python} -c {LOAD} {file} {args...}"),
            None => cmd!(sh, "{file} {args...}"),
        };
        let done = process::run(command.quiet(), |line| {
            match line.strip_prefix("progress: ") {
                Some(now) => progress.note(now),
                None => progress.print(line),
            }
        })?;
        done.succeeded()
            .then_some(())
            .ok_or_else(|| "the runner failed".into())
    }
}
