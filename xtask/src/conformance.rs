//! `cargo xtask conformance`: compares this workspace's `_contextvars` with CPython's own module, in
//! every CPython found.

mod case;
mod checks;
mod clients;
mod difference;
pub mod extension;
mod fuzz;
pub mod python;
mod suites;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::faults::{Noticed, Tree};
use crate::progress::Progress;
use crate::step::{self, Step, last_line, watch};
use crate::{Result, table, workspace};
pub use case::{Case, script};
use checks::{CHECKS, Check, FUZZ, STACK_CHECKS, SUITE_CHECKS};
use extension::Extension;
use python::Python;

/// The page of the published results.
const PAGE: &str = "docs/conformance.md";

#[derive(Clone, Default, clap::Args)]
pub struct Args {
    /// Also use this interpreter; may be given several times.
    #[arg(long, value_name = "PATH")]
    python: Vec<PathBuf>,
    /// Only run random programs on both modules, in the newest interpreter.
    #[arg(long, group = "only")]
    fuzz: bool,
    /// Run random programs for this many seconds; 60 by default.
    #[arg(long, value_name = "N", requires = "fuzz")]
    seconds: Option<u64>,
    /// The seed of the first program; each of the others has the next.
    #[arg(long, value_name = "S", default_value_t = 0, requires = "fuzz")]
    seed: u64,
    /// Only run the suites of every interpreter that use context variables.
    #[arg(long, group = "only")]
    suites: bool,
    /// Only run programs that fork, end with running threads, switch native stacks (greenlet and
    /// gevent, which are installed) or use much stack, in every interpreter.
    #[arg(long, conflicts_with = "suites")]
    stacks: bool,
    /// Only install packages that use context variables, and run programs that use them and tests
    /// that they contain, in the newest interpreter.
    #[arg(long, group = "only")]
    clients: bool,
    /// Write the results of `--suites`, `--clients` or `--fuzz` to `docs/conformance.md`.
    #[arg(long, requires = "only")]
    publish: bool,
}

/// The result of a check: the interpreter, the check, the result, and its counts.
type Row = [String; 4];

const HEAD: [&str; 4] = ["python", "check", "result", "counted"];

pub fn main(args: &Args) -> Result<()> {
    let step = step("conformance", args.clone());
    step::each(&[step], "cargo xtask conformance")
}

/// Creates the step of the checks that `args` select.
fn step(name: &str, args: Args) -> Step {
    Step::new(name, move |sh, progress| {
        let target = workspace::target().join("conformance");
        run(sh, &args, &target, false, progress)
    })
}

/// The step of the short gate: the newest interpreter, with an extension that is built quickly.
pub fn quick(sh: &Shell, progress: &Progress) -> Result<String> {
    let sh = sh.clone();
    workspace::build_quickly(&sh);
    let target = workspace::target().join("conformance-quick");
    run(&sh, &Args::default(), &target, true, progress)
}

/// Returns every interpreter that is found, with the extension built for it.
pub fn cases<'a>(sh: &Shell, progress: &'a Progress) -> Result<Vec<Case<'a>>> {
    let target = workspace::target().join("conformance");
    let usable = python::find(sh, &[])?.usable;
    let case = |python| Case::new(sh, progress, &target, python, Extension::ALL);
    usable.iter().map(case).collect()
}

/// Runs the checks in every interpreter, or only in the newest. In the first case the newest also runs
/// them with an extension that is built for its version only.
fn run(
    sh: &Shell,
    args: &Args,
    target: &Path,
    newest_only: bool,
    progress: &Progress,
) -> Result<String> {
    let found = python::find(sh, &args.python)?;
    for line in &found.left_out {
        progress.print(&format!("left out: {line}"));
    }
    let newest = found.newest()?;
    let case = |python: &Python, build| -> Result<Case<'_>> {
        progress.note("building the extension");
        let mut case = Case::new(sh, progress, target, python, build)?;
        case.seed = args.seed;
        case.seconds = args.seconds.unwrap_or(if args.fuzz { 60 } else { 10 });
        Ok(case)
    };
    let mut rows = Vec::new();
    let (command, checks) = match args {
        Args { fuzz: true, .. } => ("--fuzz", FUZZ),
        Args { clients: true, .. } => ("--clients", clients::CHECKS),
        Args { suites: true, .. } => ("--suites", SUITE_CHECKS),
        Args { stacks: true, .. } => ("--stacks", STACK_CHECKS),
        _ => ("", CHECKS),
    };
    let mut cases = vec![case(newest, Extension::ALL)?];
    if args.clients {
        let (python, packages) = clients::install(&cases[0], "clients", clients::PACKAGES)?;
        rows.push([
            newest.version.to_string(),
            "installed".into(),
            "ok".into(),
            packages,
        ]);
        cases[0].python = python;
    } else if !args.fuzz && !newest_only {
        let others = found.usable.iter().filter(|other| *other != newest);
        for other in others.rev() {
            cases.insert(0, case(other, Extension::ALL)?);
        }
        cases.push(case(newest, Extension::ONE)?);
    }
    for case in &cases {
        rows.extend(checks.iter().map(|check| row(case, check)));
    }
    progress.print(table::layout(HEAD, &rows).trim_end());
    if args.publish {
        table::publish(sh, PAGE, &format!("conformance {command}"), HEAD, &rows)?;
    }
    let failed = rows.iter().filter(|row| row[2] != "ok");
    let failed: Vec<_> = failed.cloned().collect();
    match failed.is_empty() {
        true => Ok(format!("{} checks", rows.len())),
        false => Err(table::layout(HEAD, &failed).into()),
    }
}

/// Runs a check and prints its result.
fn row(case: &Case<'_>, (check, run): &Check) -> Row {
    let (name, print) = (&case.name, |line: String| case.progress.print(&line));
    let (result, counted) = match run(case, check) {
        Ok(counted) => ("ok", counted),
        Err(why) => {
            print(format!("{name}: {check}: {why}"));
            ("FAILED", String::new())
        }
    };
    print(format!("{name}: {check}: {result}, {counted}"));
    [name.clone(), (*check).into(), result.into(), counted]
}

/// The steps of CI: every interpreter, random programs for longer, programs of native stacks, and the
/// wheel.
pub fn steps() -> Vec<Step> {
    let fuzz = Args {
        fuzz: true,
        seconds: Some(120),
        seed: 1_000_000,
        ..Args::default()
    };
    let checks = Args {
        seconds: Some(30),
        ..Args::default()
    };
    let stacks = Args {
        stacks: true,
        ..Args::default()
    };
    let lints = |sh: &Shell, progress: &Progress| {
        let found = python::find(sh, &[])?;
        let newest = found.newest()?;
        for build in [Extension::ALL, Extension::ONE, Extension::EMBEDDED] {
            build.lint(sh, &newest.path, progress)?;
        }
        Ok("no warning".into())
    };
    let wheel = |sh: &Shell, progress: &Progress| {
        let each = |python: Python| [OsString::from("--python"), python.path.into()];
        let pythons = python::find(sh, &[])?.usable.into_iter().flat_map(each);
        let wheel = cmd!(sh, "python3 crates/host-cpython/tests/wheel.py").args(pythons);
        Ok(last_line(&watch(wheel, progress)?))
    };
    vec![
        Step::new("conformance lints", lints),
        step("conformance", checks),
        step("conformance random programs", fuzz),
        step("conformance stacks", stacks),
        Step::new("wheel", wheel),
    ]
}

/// Runs the checks in a copy of the workspace with a fault. Returns the first check that fails, and for
/// random programs the number of the failing one.
pub fn in_tree(tree: &Tree, progress: &Progress) -> Result<Noticed> {
    let found = python::find(&tree.sh, &[])?;
    let newest = found.newest()?;
    let case = match Case::new(&tree.sh, progress, &tree.target, newest, Extension::ALL) {
        Ok(case) => case,
        Err(error) => return Ok(Noticed::No("DOES NOT COMPILE".into(), error.to_string())),
    };
    for (check, run) in CHECKS {
        progress.note(check);
        if let Err(why) = run(&case, check) {
            let why = why.to_string();
            let first = why.lines().next().unwrap_or_default();
            let after = first.strip_prefix("different").unwrap_or_default();
            return Ok(Noticed::By(format!("{check}{after}")));
        }
    }
    Ok(Noticed::No("NOT NOTICED".into(), String::new()))
}
