//! The program: `measure` groups, `print` the report, `publish` it, `render` what is published.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::SystemTime;
use std::{env, fs, thread};

use clap::{Parser, Subcommand};

use crate::bench::{Bench, Group, Plan};
use crate::report::{Report, Run};
use crate::runner::Pace;
use crate::{Result, publish};

/// Every group.
pub const GROUPS: &[&Group] = &[
    &crate::hamt::GROUP,
    &crate::hot::GROUP,
    &crate::python::GROUP,
    &crate::threads::GROUP,
    &crate::ambient::GROUP,
    &crate::rustpython::GROUP,
];

#[derive(Parser)]
#[command(name = "benches")]
struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// The file of the report.
    #[arg(long, global = true, default_value = "target/bench/report.json")]
    report: PathBuf,
    /// The root of the workspace.
    #[arg(long, global = true, default_value = ".")]
    root: PathBuf,
}

#[derive(Subcommand)]
enum Action {
    /// Measures groups, prints each cell and writes the report.
    Measure {
        /// The groups' names; all unless given.
        #[arg(value_parser = GROUPS.iter().map(|group| group.name).collect::<Vec<_>>())]
        groups: Vec<String>,
        /// Takes a first look: fewer rounds, small sizes.
        #[arg(long)]
        quick: bool,
        /// Measures only cells whose title contains this, such as `1000 entries` or
        /// `handle to counted` or `update, shared`; given again, both.
        #[arg(long, value_name = "TEXT")]
        only: Vec<String>,
        /// A file that some groups need, as `extension=FILE`.
        #[arg(long, value_name = "NAME=FILE", value_parser = file)]
        with: Vec<(String, PathBuf)>,
    },
    /// Prints the report as the pages show it.
    Print,
    /// Adds the report to the published ones and renders them.
    Publish,
    /// Renders the published reports in the pages.
    Render,
}

fn file(given: &str) -> std::result::Result<(String, PathBuf), String> {
    let (name, path) = given.split_once('=').ok_or("it is not NAME=FILE")?;
    Ok((name.into(), path.into()))
}

/// Does what the arguments say; ends the process where they make no sense.
pub fn main(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let done = run(Arguments::parse_from(arguments));
    if let Err(error) = &done {
        eprintln!("error: {error}");
    }
    done.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn run(
    Arguments {
        action,
        report,
        root,
    }: Arguments,
) -> Result<()> {
    match action {
        Action::Print => {
            let report = [Report::read(&report)?];
            let measured = |group: &&&Group| report[0].runs.contains_key(group.name);
            for group in GROUPS.iter().filter(measured) {
                println!(
                    "{}:\n{}",
                    group.name,
                    publish::section(group, &report, false)
                );
            }
            Ok(())
        }
        Action::Publish => publish::publish(Report::read(&report)?, GROUPS, &root),
        Action::Render => publish::render(GROUPS, &root),
        Action::Measure {
            groups,
            quick,
            only,
            with,
        } => {
            let pace = if quick { Pace::QUICK } else { Pace::FULL };
            let plan = Plan {
                pace,
                quick,
                only,
                files: with,
            };
            measure(&groups, &plan)?.write(&report)
        }
    }
}

fn measure(names: &[String], plan: &Plan) -> Result<Report> {
    if cfg!(not(feature = "cpython")) {
        println!("note: CPython is no peer in this program, which no interpreter has loaded");
    }
    let mut report = Report {
        machine: machine(),
        runs: BTreeMap::new(),
        cells: Vec::new(),
    };
    for group in GROUPS {
        if names.is_empty() || names.iter().any(|name| name == group.name) {
            let mut bench = Bench::new(plan, group);
            (group.measure)(&mut bench);
            if !bench.cells.is_empty() {
                report.cells.append(&mut bench.cells);
                report.runs.insert(group.name.into(), here(group, plan));
            }
        }
    }
    match report.cells.is_empty() {
        true => Err("no cell has all of these in its title, which is as progress shows it".into()),
        false => Ok(report),
    }
}

/// A run of a group by `plan`, now.
fn here(group: &Group, plan: &Plan) -> Run {
    let libraries = group.libraries.iter();
    let mut versions: BTreeMap<String, String> = libraries
        .filter_map(|name| Some((name.to_string(), locked(name)?)))
        .collect();
    let rustc = asked("rustc", &["--version"]);
    let rustc = rustc
        .as_deref()
        .and_then(|said| said.split(' ').nth(1))
        .map(String::from);
    versions.extend(rustc.map(|version| ("rustc".into(), version)));
    #[cfg(feature = "cpython")]
    versions.insert("CPython".into(), crate::cpython::version());
    Run {
        date: humantime::format_rfc3339(SystemTime::now()).to_string()[..10].into(),
        versions,
        partial: plan.quick || !plan.only.is_empty(),
    }
}

/// The version of a package that this was built with.
fn locked(package: &str) -> Option<String> {
    let (_, of) =
        include_str!("../../Cargo.lock").split_once(&format!("name = \"{package}\"\n"))?;
    Some(of.split('"').nth(1)?.into())
}

/// What a program prints; nothing if it is not there.
fn asked(program: &str, arguments: &[&str]) -> Option<String> {
    let asked = Command::new(program).args(arguments).output().ok()?;
    Some(String::from_utf8(asked.stdout).ok()?.trim().to_string())
}

/// The make of the processor, as the system says it in a file or by `sysctl`, and the system.
fn machine() -> String {
    let file = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut names = file.lines().filter(|line| line.starts_with("model name"));
    let processor = names
        .next()
        .and_then(|line| Some(line.split_once(": ")?.1.to_string()));
    let processor = processor.or_else(|| asked("sysctl", &["-n", "machdep.cpu.brand_string"]));
    let processor = processor.unwrap_or_else(|| "a processor that does not say its name".into());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (os, architecture) = (env::consts::OS, env::consts::ARCH);
    format!("{processor}, {cores} cores, {architecture} {os}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_that_of_the_lock_file() {
        assert_eq!(
            locked("benches").as_deref(),
            Some(env!("CARGO_PKG_VERSION"))
        );
        assert_eq!(locked("no-such-package"), None);
    }
}
