//! `cargo xtask conformance`: our `_contextvars` in real CPythons, beside their own.

mod case;
mod checks;
mod clients;
mod difference;
pub mod extension;
mod fuzz;
pub mod python;
mod suites;

use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::faults::{Noticed, Tree};
use crate::progress::Progress;
use crate::step::{Outcome, Step, watch};
use crate::{Result, publish, table, workspace};
use case::{Case, Checked};
use checks::{CHECKS, Check, STACK_CHECKS, SUITE_CHECKS};
use extension::Serves;
use python::{Found, Python};

/// Where results are published.
const PAGE: &str = "docs/conformance.md";

/// What to do where there is no interpreter.
const INSTALL: &str =
    "no usable Python was found; install Python 3.11 or later with its `test` package";

#[derive(clap::Args)]
pub struct Args {
    /// Also use this interpreter; may be given again.
    #[arg(long, value_name = "PATH")]
    python: Vec<PathBuf>,
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

/// A check that was run: the interpreter, the check, how it ended, and what it counted.
type Row = [String; 4];

const HEAD: [&str; 4] = ["python", "check", "result", "counted"];

pub fn main(args: &Args) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    let found = python::find(&sh, &args.python)?;
    for line in &found.left_out {
        eprintln!("left out: {line}");
    }
    let newest = found.usable.last().ok_or(INSTALL)?;
    if args.publish && !(args.suites || args.clients || args.fuzz) {
        return Err("nothing to publish; add --suites, --clients or --fuzz".into());
    }
    let print = |line: &str| println!("{line}");
    let case = || Case::new(&sh, &target(), newest, Serves::All);
    let mut rows = Vec::new();
    if args.fuzz {
        let progress = Progress::start(1, 1, &format!("random programs in {newest}"));
        let case = case()?;
        let played = fuzz::run(&case, args.seconds, args.seed, |line| progress.note(line));
        rows.push(row(&case, "random programs", played, &print));
    } else if args.clients {
        let (python, packages) = clients::install(&sh, newest, "clients", clients::PACKAGES)?;
        let case = Case { python, ..case()? };
        rows = checks(&case, clients::CHECKS, &print);
        rows.insert(
            0,
            [
                newest.to_string(),
                "installed".into(),
                "ok".into(),
                packages,
            ],
        );
    } else {
        let chosen = match (args.suites, args.stacks) {
            (true, _) => SUITE_CHECKS,
            (_, true) => STACK_CHECKS,
            _ => CHECKS,
        };
        for case in cases(&sh, &found)? {
            rows.extend(checks(&case, chosen, &print));
        }
    }
    println!("\n{}", table::layout(HEAD, &rows));
    if args.publish {
        publish(&sh, args, &rows)?;
    }
    match rows.iter().filter(|row| row[2] != "ok").count() {
        0 => Ok(()),
        failed => Err(format!("{failed} checks failed").into()),
    }
}

fn publish(sh: &Shell, args: &Args, rows: &[Row]) -> Result<()> {
    if args.suites {
        let head = ["Python", "suite", "result", "tests"];
        return publish::table(sh, PAGE, "conformance --suites", head, rows);
    }
    if args.clients {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| [row[1].clone(), row[3].clone()])
            .collect();
        return publish::table(
            sh,
            PAGE,
            "conformance --clients",
            ["client", "result"],
            &rows,
        );
    }
    let seconds = args.seconds.to_string();
    let cells = |row: &Row| [row[0].clone(), seconds.clone(), row[3].clone()];
    let rows: Vec<_> = rows.iter().map(cells).collect();
    publish::table(
        sh,
        PAGE,
        "conformance --fuzz",
        ["Python", "seconds", "result"],
        &rows,
    )
}

fn target() -> PathBuf {
    workspace::target().join("conformance")
}

/// Every interpreter; the newest also with an extension that is built for it alone.
fn cases(sh: &Shell, found: &Found) -> Result<Vec<Case>> {
    let newest = found.usable.last().map(|python| (python, Serves::One));
    let all = found
        .usable
        .iter()
        .map(|python| (python, Serves::All))
        .chain(newest);
    all.map(|(python, serves)| Case::new(sh, &target(), python, serves))
        .collect()
}

/// Runs `checks` in an interpreter, whatever comes of those before.
fn checks(case: &Case, checks: &[Check], print: &dyn Fn(&str)) -> Vec<Row> {
    let checks = checks.iter();
    checks
        .map(|check| row(case, check.name, check.run(case), print))
        .collect()
}

fn row(case: &Case, check: &str, checked: Checked, print: &dyn Fn(&str)) -> Row {
    let name = &case.name;
    let (result, counted) = match checked {
        Ok(counted) => ("ok", counted),
        Err(why) => {
            print(&format!("{name}: {check}: {why}"));
            ("FAILED", String::new())
        }
    };
    print(&format!("{name}: {check}: {result}, {counted}"));
    [name.clone(), check.into(), result.into(), counted]
}

fn outcome(rows: &[Row], progress: &Progress) -> Outcome {
    let failed: Vec<_> = rows.iter().filter(|row| row[2] != "ok").cloned().collect();
    progress.print(table::layout(HEAD, rows).trim_end());
    match failed.is_empty() {
        true => Outcome::Passed(format!("{} checks", rows.len())),
        false => Outcome::Failed(table::layout(HEAD, &failed)),
    }
}

/// In the gate of everyone: the newest interpreter, over an extension that is built in little time.
pub fn quick(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let found = python::find(sh, &[])?;
    let Some(newest) = found.usable.last() else {
        return Ok(Outcome::NotRun(INSTALL.into()));
    };
    let sh = sh.clone();
    workspace::build_quickly(&sh);
    progress.note("building the extension");
    let case = Case::new(
        &sh,
        &workspace::target().join("conformance-quick"),
        newest,
        Serves::All,
    )?;
    let rows = checks(&case, CHECKS, &|line| progress.print(line));
    Ok(outcome(&rows, progress))
}

/// In CI: every interpreter, random programs for longer, programs of native stacks, and the wheel.
pub fn steps() -> Vec<Step> {
    let lint = |sh: &Shell, newest: &Python, progress: &Progress| {
        extension::lint(sh, newest, &[Serves::All, Serves::One], progress)?;
        Ok(Outcome::Passed("no warning".into()))
    };
    let fuzz = |sh: &Shell, newest: &Python, progress: &Progress| {
        let case = Case::new(sh, &target(), newest, Serves::All)?;
        let played = fuzz::run(&case, 120, 1_000_000, |line| progress.note(line));
        Ok(played.map_or_else(Outcome::Failed, Outcome::Passed))
    };
    let wheel = |sh: &Shell, _: &Python, progress: &Progress| {
        let done = watch(
            cmd!(sh, "python3 crates/host-cpython/tests/wheel.py"),
            progress,
        )?;
        Ok(Outcome::of_last_line(done))
    };
    vec![
        with_newest("conformance lints", lint),
        in_all("conformance", CHECKS),
        with_newest("conformance random programs", fuzz),
        in_all("conformance stacks", STACK_CHECKS),
        with_newest("wheel", wheel),
    ]
}

fn with_newest(
    name: &str,
    run: impl Fn(&Shell, &Python, &Progress) -> Result<Outcome> + Send + Sync + 'static,
) -> Step {
    Step::new(name, move |sh, progress| {
        match python::find(sh, &[])?.usable.last() {
            Some(newest) => run(sh, newest, progress),
            None => Ok(Outcome::NotRun(INSTALL.into())),
        }
    })
}

fn in_all(name: &str, chosen: &'static [Check]) -> Step {
    with_newest(name, move |sh, _, progress| {
        let mut rows = Vec::new();
        for case in cases(sh, &python::find(sh, &[])?)? {
            rows.extend(checks(&case, chosen, &|line| progress.print(line)));
        }
        Ok(outcome(&rows, progress))
    })
}

/// Whether the checks notice what is wrong in a copy of the workspace: the first that fails, and of
/// random programs after how many.
pub fn in_tree(tree: &Tree, progress: &Progress) -> Result<Noticed> {
    let found = python::find(&tree.sh, &[])?;
    let newest = found.usable.last().ok_or(INSTALL)?;
    let case = match Case::new(&tree.sh, &tree.target, newest, Serves::All) {
        Ok(case) => case,
        Err(error) => return Ok(Noticed::No("DOES NOT COMPILE".into(), error.to_string())),
    };
    for check in CHECKS {
        progress.note(check.name);
        if let Err(why) = check.run(&case) {
            let first = why.lines().next().unwrap_or_default();
            let after = first.strip_prefix("told apart").unwrap_or_default();
            return Ok(Noticed::By(format!("{}{after}", check.name)));
        }
    }
    Ok(Noticed::No("NOT NOTICED".into(), String::new()))
}
