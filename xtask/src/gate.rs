//! `cargo xtask gate`: the checks that a change must pass.

use xshell::{Cmd, Shell, cmd};

use crate::faults::Check;
use crate::progress::Progress;
use crate::step::{self, Step, last_line, passed, watch};
use crate::stress::Sanitizer;
use crate::workspace::TESTED;
use crate::{
    Result, acceptance, bench, conformance, faults, fuzz, hosts, loom, miri, msrv, packages,
    sanitize, stress, surface, targets, tools, workspace,
};

/// Arguments of cargo.
type Words = &'static [&'static str];

/// The benchmarks and the program for counting instructions. They have many dependencies, so the short
/// gate leaves them out.
const BENCHES: Words = &["--package", "benches", "--package", "instructions"];

/// All tests except doctests.
const BUT_DOCTESTS: Words = &["--lib", "--bins", "--tests", "--examples"];

/// The packages with default features.
const SMALLER: [&str; 5] = [
    "contextvars-hamt",
    "pyobj",
    "contextvars",
    "contextvars-ambient",
    "contextvars-module",
];

#[derive(clap::Args)]
pub struct Args {
    /// Run all checks of CI: every preemption, interpreter, target and fault. Takes most of an hour,
    /// and needs nightly, Python and a network.
    #[arg(long)]
    full: bool,
    /// Run only this step, or all whose names begin with this word; may be given several times.
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Skip this step, or all whose names begin with this word; may be given several times.
    #[arg(long, value_name = "STEP")]
    skip: Vec<String>,
}

pub fn main(args: &Args) -> Result<()> {
    let (mut steps, mut parallel) = if args.full { full() } else { quick() };
    for chosen in args.only.iter().chain(&args.skip) {
        let all = || steps.iter().chain(&parallel);
        if !all().any(|step| is_called(step, chosen)) {
            let names: Vec<_> = all().map(|step| &*step.name).collect();
            let names = names.join(", ");
            return Err(format!("there is no step `{chosen}`; the steps are: {names}").into());
        }
    }
    for steps in [&mut steps, &mut parallel] {
        steps.retain(|step| {
            let is = |name: &String| is_called(step, name);
            (args.only.is_empty() || args.only.iter().any(is)) && !args.skip.iter().any(is)
        });
    }
    let full = if args.full { " --full" } else { "" };
    step::all(&steps, &parallel, true, |name| {
        format!("cargo xtask gate{full} --only '{name}'")
    })
}

fn is_called(step: &Step, name: &str) -> bool {
    let rest = step.name.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The steps of the short gate. They need only Rust; with a Python or valgrind they check more.
///
/// The second list runs in parallel with the first, in separate folders, so that both processors are
/// busy.
fn quick() -> (Vec<Step>, Vec<Step>) {
    let mut steps = rust();
    steps.push(Step::new("stress", stress::quick));
    steps.push(Step::new("instructions", bench::instructions::step));
    let conformance = Step::new("conformance", conformance::quick);
    (steps, vec![loom::lints(), loom::step("", 2), conformance])
}

/// The steps that both gates share.
fn rust() -> Vec<Step> {
    vec![
        Step::new("format", format),
        clippy("clippy", TESTED),
        Step::new("features", features),
        tests("tests", TESTED, BUT_DOCTESTS),
        tests("doctests", TESTED, &["--doc"]),
        docs("docs", TESTED, &["--all-features"]),
        Step::new("acceptance", acceptance::run),
    ]
}

/// The steps of the full gate, in two lists, too: those that mostly compile, and those that mostly use
/// one processor.
fn full() -> (Vec<Step>, Vec<Step>) {
    let stress =
        |name: &str, sanitize| stress::step(name, "stress", stress::Args::new(20, sanitize));
    let mut steps = rust();
    steps.push(clippy("benches clippy", BENCHES));
    steps.push(docs("benches doc", BENCHES, &[]));
    steps.push(tests("benches test", BENCHES, BUT_DOCTESTS));
    steps.push(loom::lints());
    steps.push(loom::step("", loom::PREEMPTIONS));
    steps.push(Step::new("instructions", bench::instructions::step));
    for check in [Check::Loom, Check::Stress, Check::Fuzz] {
        steps.extend(faults::steps(Some(check), &[]));
    }
    steps.push(stress("stress", None));
    steps.push(stress("stress thread sanitizer", Some(Sanitizer::Thread)));
    steps.push(sanitize::quick());
    steps.push(fuzz::engine(20, 0));
    steps.extend(miri::quick());
    steps.extend(targets::steps());
    steps.push(Step::new("msrv", msrv::perform));
    steps.push(Step::new("packages", packages::perform));
    steps.push(Step::new("surface", surface::perform));
    steps.push(command(
        "event loop",
        "cargo run --release --example event_loop",
    ));
    steps.push(command(
        "service",
        "cargo run --release --package contextvars-ambient --all-features --example service -- 60",
    ));
    let mut parallel = vec![hosts::RUSTPYTHON.test(), hosts::BOA.test()];
    parallel.extend(conformance::steps());
    parallel.extend(faults::steps(Some(Check::Conformance), &[]));
    (steps, parallel)
}

/// Returns a step that runs one command. The last line of its output has the counts.
fn command(name: &str, line: &'static str) -> Step {
    Step::new(name, move |sh, progress| {
        let words = line.split(' ').skip(1);
        let printed = watch(cmd!(sh, "cargo {words...}"), progress)?;
        Ok(last_line(&printed))
    })
}

fn format(sh: &Shell, progress: &Progress) -> Result<String> {
    tools::need(sh, "cargo fmt --version", "rustup component add rustfmt")?;
    watch(cmd!(sh, "cargo fmt --all --check"), progress)?;
    Ok("no difference".into())
}

fn clippy(name: &str, packages: Words) -> Step {
    Step::new(name, move |sh, progress| {
        let clippy = cmd!(sh, "cargo clippy {packages...} --all-targets");
        lint(sh, clippy, progress)
    })
}

/// Runs clippy, with warnings as errors.
pub fn lint(sh: &Shell, clippy: Cmd<'_>, progress: &Progress) -> Result<String> {
    tools::need(sh, "cargo clippy --version", "rustup component add clippy")?;
    watch(clippy.args(["--", "-D", "warnings"]), progress)?;
    Ok("no warning".into())
}

/// Lints each crate with default features without them. A build of the workspace would not show missing
/// features, since cargo unifies the features of all crates.
fn features(sh: &Shell, progress: &Progress) -> Result<String> {
    for package in SMALLER {
        let smaller = ["--package", package, "--no-default-features"];
        lint(sh, cmd!(sh, "cargo clippy {smaller...}"), progress)?;
    }
    Ok(format!("{} crates without their features", SMALLER.len()))
}

fn tests(name: &str, packages: Words, targets: Words) -> Step {
    Step::new(name, move |sh, progress| {
        let cargo = cmd!(sh, "cargo test {packages...} --no-fail-fast {targets...}");
        passed(&watch(cargo, progress)?)
    })
}

fn docs(name: &str, packages: Words, features: Words) -> Step {
    Step::new(name, move |sh, progress| {
        let flags = workspace::flags("RUSTDOCFLAGS", "-D warnings");
        let cargo = cmd!(sh, "cargo doc {packages...} {features...} --no-deps");
        watch(cargo.env("RUSTDOCFLAGS", flags), progress)?;
        Ok("no warning".into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_selected_by_its_name_or_its_first_words() {
        let step = Step::new("targets thumbv7em", |_, _| Ok(String::new()));
        assert!(is_called(&step, "targets") && is_called(&step, "targets thumbv7em"));
        assert!(!is_called(&step, "target") && !is_called(&step, "thumbv7em"));
    }

    #[test]
    fn the_error_of_an_unknown_step_lists_the_known_ones() {
        let args = Args {
            full: false,
            only: vec!["test".into()],
            skip: Vec::new(),
        };
        let error = main(&args).unwrap_err().to_string();
        let known = "there is no step `test`; the steps are: format, clippy, ";
        assert!(error.starts_with(known), "{error}");
    }
}
