//! `cargo xtask conformance`: our `_contextvars` in real CPythons, beside their own.

mod case;
mod checks;
mod clients;
mod difference;
pub mod extension;
mod faults;
mod fuzz;
mod output;
pub mod python;
mod stacks;
mod suites;

use std::path::{Path, PathBuf};
use std::time::Instant;

use xshell::Shell;

use crate::progress::Progress;
use crate::step::Outcome;
use crate::{Result, publish, table, workspace};
use case::Case;
use checks::{CHECKS, Check, SUITE_CHECKS};
use extension::Serves;
use python::{Found, Python};
use stacks::STACK_CHECKS;

/// Where the scripts are, from the root of the workspace.
const SCRIPTS: &str = "crates/host-cpython/conformance";

/// Where results are published.
const PAGE: &str = "docs/conformance.md";

/// The first version whose words the embedded host has.
const EMBEDDED_FROM: (u32, u32, u32) = (3, 13, 0);

/// What to do where there is no interpreter.
const INSTALL: &str = "install Python 3.11 or later with its `test` package";

#[derive(clap::Args)]
pub struct Args {
    /// Also use this interpreter; may be given again.
    #[arg(long, value_name = "PATH")]
    python: Vec<PathBuf>,
    /// Break the code in one place at a time; the checks must notice.
    #[arg(long)]
    faults: bool,
    /// Play random programs on both modules in the newest interpreter, and nothing else.
    #[arg(long)]
    fuzz: bool,
    /// How long to play them.
    #[arg(long, value_name = "N", default_value_t = 60, requires = "fuzz")]
    seconds: u64,
    /// Which programs: the first has this seed, each of the others the next.
    #[arg(long, value_name = "S", default_value_t = 0, requires = "fuzz")]
    seed: u64,
    /// Run all suites of every interpreter that stand on context variables, and nothing else.
    #[arg(long)]
    suites: bool,
    /// Run programs that fork, end with threads at work, switch native stacks (greenlet and gevent,
    /// which are installed) or need much of one, in every interpreter, and nothing else.
    #[arg(long, conflicts_with = "suites")]
    stacks: bool,
    /// Install packages that live on context variables, run programs that use them and the tests
    /// that they carry, in the newest interpreter, and nothing else.
    #[arg(long)]
    clients: bool,
    /// Put the results of `--suites`, `--clients` or `--fuzz` into `docs/conformance.md`.
    #[arg(long)]
    publish: bool,
}

pub fn main(args: &Args) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    let found = python::find(&sh, &args.python)?;
    for line in &found.left_out {
        eprintln!("left out: {line}");
    }
    let Some(newest) = found.usable.last() else {
        return Err(format!("no usable Python was found; {INSTALL}").into());
    };
    if args.publish && !(args.suites || args.clients || args.fuzz) {
        return Err("nothing to publish; add --suites, --clients or --fuzz".into());
    }
    if args.faults {
        return faults::main(newest);
    }
    if args.fuzz {
        let (seconds, seed) = (args.seconds, args.seed);
        return play(&sh, newest, fuzz::Trial { seconds, seed }, args.publish);
    }
    if args.clients {
        return use_clients(&sh, newest, args.publish);
    }
    let checks = match (args.suites, args.stacks) {
        (true, _) => SUITE_CHECKS,
        (_, true) => STACK_CHECKS,
        _ => CHECKS,
    };
    let (rows, failed) = perform(&sh, &found, checks, &|line| println!("{line}"))?;
    println!(
        "\n{}",
        table::layout(["python", "check", "result", "seconds", "counted"], &rows)
    );
    if args.publish {
        let shown = |[python, suite, result, _, tests]: &[String; 5]| {
            [python, suite, result, tests].map(String::clone)
        };
        let shown: Vec<_> = rows.iter().map(shown).collect();
        publish::table(
            &sh,
            PAGE,
            "conformance --suites",
            ["Python", "suite", "result", "tests"],
            &shown,
        )?;
    }
    match failed {
        0 => Ok(()),
        failed => Err(format!("{failed} checks failed").into()),
    }
}

/// The gate's step.
pub fn step(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let found = python::find(sh, &[])?;
    if found.usable.is_empty() {
        return Ok(Outcome::NotRun(INSTALL.into()));
    }
    if let Some(wrong) = extension::lint(sh, &found.usable[0])? {
        return Ok(Outcome::Failed(wrong));
    }
    let (rows, failed) = perform(sh, &found, CHECKS, &|line| progress.print(line))?;
    let table = table::layout(["python", "check", "result", "seconds", "counted"], &rows);
    progress.print(table.trim_end());
    Ok(match failed {
        0 => Outcome::Passed(format!(
            "{} checks, {} Pythons",
            rows.len(),
            found.usable.len()
        )),
        failed => Outcome::Failed(format!("{table}\n{failed} checks failed")),
    })
}

/// Builds the extension and runs every check in every interpreter; in the newest also over an
/// extension that is built for it alone.
fn perform(
    sh: &Shell,
    found: &Found,
    checks: &[Check],
    print: &dyn Fn(&str),
) -> Result<(Vec<[String; 5]>, usize)> {
    let root = workspace::root();
    print("building the extension");
    let target = workspace::target().join("conformance");
    let extension = extension::build(&root, &target, &found.usable[0], Serves::All)?;
    let embedded = extension::build_embedded(&root, &target, &found.usable[0])?;
    let mut subjects: Vec<_> = found
        .usable
        .iter()
        .map(|python| (python, python.to_string(), extension.clone()))
        .collect();
    if let Some(newest) = found.usable.last() {
        print(&format!("building the extension for {newest} alone"));
        let target = target.join(Serves::One.folder());
        let extension = extension::build(&root, &target, newest, Serves::One)?;
        subjects.push((newest, format!("{newest}, for it alone"), extension));
    }
    let scripts = root.join(SCRIPTS);
    let mut rows = Vec::new();
    let mut failed = 0;
    for (python, name, extension) in &subjects {
        let case = Case {
            sh,
            python,
            scripts: &scripts,
            extension,
            // It has the words of the newest versions, whatever the interpreter's are.
            embedded: (python.version >= EMBEDDED_FROM).then_some(&*embedded),
        };
        for check in checks {
            let started = Instant::now();
            let outcome = check.run(&case);
            let time = table::seconds(started.elapsed());
            let (result, counted) = match outcome {
                Ok(counted) => ("ok", counted),
                Err(why) => {
                    failed += 1;
                    print(&format!("{name}: {}: {why}", check.name));
                    ("FAILED", String::new())
                }
            };
            print(&format!("{name}: {}: {result}, {counted}", check.name));
            rows.push([
                name.clone(),
                check.name.into(),
                result.into(),
                time,
                counted,
            ]);
        }
    }
    Ok((rows, failed))
}

/// Plays random programs for a while.
fn play(sh: &Shell, python: &Python, trial: fuzz::Trial, publish: bool) -> Result<()> {
    let (root, target) = (workspace::root(), workspace::target().join("conformance"));
    let progress = Progress::start(1, 2, "build the extension");
    let extension = extension::build(&root, &target, python, Serves::All)?;
    let embedded = extension::build_embedded(&root, &target, python)?;
    drop(progress);
    let progress = Progress::start(2, 2, &format!("random programs in {python}"));
    let case = Case {
        sh,
        python,
        scripts: &root.join(SCRIPTS),
        extension: &extension,
        embedded: Some(&embedded),
    };
    let played = fuzz::run(&case, trial, |line| progress.note(line))?;
    progress.print(&played);
    if publish {
        let seconds = trial.seconds.to_string();
        let row = [python.to_string(), seconds, played];
        publish::table(
            sh,
            PAGE,
            "conformance --fuzz",
            ["Python", "seconds", "result"],
            &[row],
        )?;
    }
    Ok(())
}

/// Runs what uses packages, over both modules.
fn use_clients(sh: &Shell, python: &Python, publish: bool) -> Result<()> {
    let (root, target) = (workspace::root(), workspace::target().join("conformance"));
    let of = clients::PROGRAMS.len() + 3;
    let progress = Progress::start(1, of, "build the extension");
    let extension = extension::build(&root, &target, python, Serves::All)?;
    drop(progress);
    let progress = Progress::start(2, of, "install the packages");
    let installed = match clients::Installed::new(sh, python, "clients", clients::PACKAGES) {
        Ok(installed) => installed,
        Err(why) => {
            progress.print(&format!("not run: {why}"));
            return Ok(());
        }
    };
    progress.print(&format!("{python}: {}", installed.packages));
    drop(progress);
    let case = Case {
        sh,
        python: &installed.python,
        scripts: &root.join(SCRIPTS),
        extension: &extension,
        embedded: None,
    };
    let mut rows = Vec::new();
    let mut failed = 0;
    let names = clients::PROGRAMS
        .iter()
        .copied()
        .chain(["trio's own tests"]);
    for (index, name) in names.enumerate() {
        let progress = Progress::start(index + 3, of, name);
        let checked = match clients::PROGRAMS.get(index) {
            Some(program) => clients::program(&case, program),
            None => clients::carried_tests(&case),
        };
        let result = checked.unwrap_or_else(|why| {
            failed += 1;
            progress.print(&format!("{name}: {why}"));
            "FAILED".into()
        });
        rows.push([name.into(), result]);
    }
    println!("\n{}", table::layout(["client", "result"], &rows));
    if publish {
        let mut published = vec![["installed".into(), installed.packages.clone()]];
        published.extend(rows);
        publish::table(
            sh,
            PAGE,
            "conformance --clients",
            ["client", "result"],
            &published,
        )?;
    }
    match failed {
        0 => Ok(()),
        failed => Err(format!("{failed} clients can tell the two apart").into()),
    }
}

/// The checks that an extension does not pass, and of random programs after how many.
fn red(sh: &Shell, python: &Python, extension: &Path, embedded: Option<&Path>) -> Vec<String> {
    let case = Case {
        sh,
        python,
        scripts: &workspace::root().join(SCRIPTS),
        extension,
        embedded,
    };
    let fails = |check: &Check| {
        let why = check.run(&case).err()?;
        let first = why.lines().next().unwrap_or_default();
        let after = first.strip_prefix("told apart ");
        Some(after.map_or(check.name.into(), |after| format!("{} {after}", check.name)))
    };
    CHECKS.iter().filter_map(fails).collect()
}
