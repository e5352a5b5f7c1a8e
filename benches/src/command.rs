//! The command line: measures a group, publishes the report, renders the published reports.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::SystemTime;
use std::{env, fs, thread};

use clap::Parser;

use crate::bench::{Bench, Group, Plan};
use crate::options::Options;
use crate::report::{Report, Run};
use crate::runner::Pace;
use crate::{Result, publish};

/// Every group.
pub const GROUPS: &[&Group] = &[
    &crate::hamt::GROUP,
    &crate::hot::GROUP,
    &crate::threads::GROUP,
    &crate::ambient::GROUP,
    &crate::rustpython::GROUP,
];

#[derive(Parser)]
#[command(name = "benches")]
struct Arguments {
    #[command(flatten)]
    options: Options,
    /// A file, as `root=FOLDER`: `root` is the workspace, `report` the report; some groups need
    /// others.
    #[arg(long, value_name = "NAME=FILE", value_parser = file)]
    file: Vec<(String, PathBuf)>,
}

fn file(given: &str) -> std::result::Result<(String, PathBuf), String> {
    let (name, path) = given.split_once('=').ok_or("expected NAME=FILE")?;
    Ok((name.into(), path.into()))
}

/// Runs the command. Exits the process if the arguments are invalid.
pub fn main(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let done = run(Arguments::parse_from(arguments));
    if let Err(error) = &done {
        eprintln!("error: {error}");
    }
    done.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn run(Arguments { options, file }: Arguments) -> Result<()> {
    let pace = if options.quick {
        Pace::QUICK
    } else {
        Pace::FULL
    };
    let plan = Plan {
        pace,
        quick: options.quick,
        only: options.only,
        files: file,
    };
    let (root, path) = (plan.file("root"), plan.file("report"));
    let (root, path) = root
        .zip(path)
        .ok_or("`--file root=…` or `--file report=…` is missing; use `cargo xtask bench`")?;
    if let Some(name) = options.group {
        let report = measure(&name, &plan)?;
        report.write(&path)?;
        println!("report written to {}", path.display());
    }
    if options.publish {
        publish::publish(Report::read(&path)?, GROUPS, &root)?;
    }
    match options.render {
        true => publish::render(GROUPS, &root),
        false => Ok(()),
    }
}

fn measure(name: &str, plan: &Plan) -> Result<Report> {
    if cfg!(not(feature = "cpython")) {
        println!("note: without CPython as a peer: this program is not loaded by an interpreter");
    }
    let group = GROUPS.iter().find(|group| group.name == name);
    let group = group.ok_or("there is no group of this name")?;
    let mut bench = Bench::new(plan, group);
    (group.measure)(&mut bench);
    if bench.cells.is_empty() {
        return Err("no cell's title, as printed in progress, contains all of these texts".into());
    }
    let report = Report {
        machine: machine(),
        runs: [(name.into(), here(group, plan))].into(),
        cells: bench.cells,
    };
    println!("{name}:\n{}", publish::section(group, &[&report], false));
    Ok(report)
}

/// Describes this run of a group.
fn here(group: &Group, plan: &Plan) -> Run {
    let libraries = group.libraries.iter();
    let mut versions: BTreeMap<String, String> = libraries
        .filter_map(|name| Some((name.to_string(), locked(name)?)))
        .collect();
    let rustc = output_of("rustc", &["--version"]).unwrap_or_default();
    let rustc = rustc.split(' ').nth(1).unwrap_or("unknown");
    versions.insert("rustc".into(), rustc.into());
    #[cfg(feature = "cpython")]
    versions.insert("CPython".into(), crate::cpython::version());
    Run {
        date: humantime::format_rfc3339(SystemTime::now()).to_string()[..10].into(),
        versions,
        partial: plan.quick || !plan.only.is_empty(),
    }
}

/// Returns the version of a package in the lock file.
fn locked(package: &str) -> Option<String> {
    let (_, of) =
        include_str!("../../Cargo.lock").split_once(&format!("name = \"{package}\"\n"))?;
    Some(of.split('"').nth(1)?.into())
}

/// Returns the output of a program, or `None` if it cannot be started.
fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_string())
}

/// Returns the model of the processor, from `/proc/cpuinfo` or `sysctl`, the cores and the system.
fn machine() -> String {
    let file = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut names = file.lines().filter(|line| line.starts_with("model name"));
    let processor = names
        .next()
        .and_then(|line| Some(line.split_once(": ")?.1.to_string()));
    let processor = processor.or_else(|| output_of("sysctl", &["-n", "machdep.cpu.brand_string"]));
    let processor = processor.unwrap_or_else(|| "an unknown processor".into());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (os, architecture) = (env::consts::OS, env::consts::ARCH);
    format!("{processor}, {cores} cores, {architecture} {os}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_file() {
        assert_eq!(
            locked("benches").as_deref(),
            Some(env!("CARGO_PKG_VERSION"))
        );
        assert_eq!(locked("no-such-package"), None);
    }
}
