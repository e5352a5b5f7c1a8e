//! `cargo xtask faults`: plants each fault of `faults.toml` in a copy of the workspace, one at a
//! time. Every check that the fault names must fail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;
use xshell::{Cmd, Shell, cmd};

use crate::process::{self, End, Finished};
use crate::progress::Progress;
use crate::step::{self, Step};
use crate::test_output::panic_message;
use crate::{Result, conformance, loom, table, workspace};

/// The list, from the root of the workspace.
const LIST: &str = "xtask/faults.toml";

/// A check that takes longer with a fault in the code is killed.
const LIMIT: Duration = Duration::from_secs(300);

/// A fault: a change of one function.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Fault {
    /// What goes wrong because of the fault.
    breaks: String,
    file: String,
    function: String,
    find: String,
    replace: String,
    noticed_by: Vec<String>,
}

/// A check that must notice faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Check {
    /// Loom models, each of which must panic.
    Loom,
    Stress,
    Fuzz,
    Conformance,
}

#[derive(clap::Args)]
pub struct Args {
    /// Plant only the faults of these names.
    names: Vec<String>,
    /// Run only this check.
    #[arg(long, value_name = "CHECK")]
    by: Option<Check>,
}

pub fn main(args: &Args) -> Result<()> {
    let known = read(&Shell::new()?.read_file(workspace::root().join(LIST))?)?;
    if let Some(name) = args.names.iter().find(|name| !known.contains_key(*name)) {
        return Err(format!("{LIST} has no fault `{name}`").into());
    }
    let steps = steps(args.by, &args.names);
    step::all(&steps, &[], false, |name| {
        format!("cargo xtask {}", name.replace(' ', " --by "))
    })
}

/// Returns a step for each selected check.
pub fn steps(by: Option<Check>, names: &[String]) -> Vec<Step> {
    let checks = Check::value_variants()
        .iter()
        .filter(|check| by.is_none_or(|by| by == **check));
    let step = |check: &Check| {
        let (check, names) = (*check, names.to_owned());
        let title = format!("faults {check:?}").to_lowercase();
        Step::new(title, move |sh, progress| run(sh, check, &names, progress))
    };
    checks.map(step).collect()
}

fn run(sh: &Shell, check: Check, names: &[String], progress: &Progress) -> Result<String> {
    let faults = read(&sh.read_file(LIST)?)?;
    let mut runs = Vec::new();
    for (name, fault) in &faults {
        if names.is_empty() || names.contains(name) {
            let by = fault.noticed_by.iter().filter(|by| Check::of(by) == check);
            runs.extend(by.map(|by| (name, fault, &**by)));
        }
    }
    // Sorted by file: a restored file is compiled again.
    runs.sort_by_key(|(_, fault, _)| &fault.file);
    if runs.is_empty() {
        return Ok("no fault for this check".into());
    }
    let tree = Tree::new(sh, check)?;
    for by in runs.iter().map(|(.., by)| *by).collect::<BTreeSet<_>>() {
        // A check that fails without a fault would seem to notice every fault.
        progress.note(&format!("{by}, unchanged"));
        match check.perform(&tree, by, progress)? {
            Noticed::No(why, _) if why == NOT_NOTICED => {}
            Noticed::No(why, output) => return Err(format!("{output}\n{by}: {why}").into()),
            Noticed::By(what) => return Err(format!("{by} without a fault: {what}").into()),
        }
    }
    let (mut rows, mut missed) = (Vec::new(), Vec::new());
    for (number, (name, fault, by)) in runs.iter().enumerate() {
        progress.note(&format!("{}/{}: {name}", number + 1, runs.len()));
        let noticed = fault.planted(&tree.sh, || check.perform(&tree, by, progress))?;
        let result = match noticed {
            Noticed::By(what) => what,
            Noticed::No(why, output) => {
                missed.push(format!("{name} by {by}"));
                progress.print(output.trim_end());
                why
            }
        };
        progress.print(&format!("{name}: {by}: {result}"));
        rows.push([(*name).clone(), (*by).into(), fault.breaks.clone(), result]);
    }
    let table = table::layout(["fault", "check", "breaks", "noticed as"], &rows);
    progress.print(&format!("\n{table}"));
    match missed.is_empty() {
        true => Ok(format!("{} faults noticed", runs.len())),
        false => Err(format!("not noticed: {}", missed.join(", ")).into()),
    }
}

/// Reads the list.
fn read(list: &str) -> Result<BTreeMap<String, Fault>> {
    Ok(toml::from_str(list).map_err(|error| format!("{LIST}: {error}"))?)
}

impl Fault {
    /// Plants it in the folder of a shell, calls `run`, and restores the file.
    ///
    /// # Errors
    ///
    /// If it no longer applies; the error of `run`.
    fn planted<R>(&self, sh: &Shell, run: impl FnOnce() -> Result<R>) -> Result<R> {
        let original = sh.read_file(&self.file)?;
        sh.write_file(&self.file, self.apply(&original)?)?;
        let result = run();
        sh.write_file(&self.file, original)?;
        result
    }

    fn apply(&self, source: &str) -> std::result::Result<String, String> {
        let Fault { find, replace, .. } = self;
        let wrong = |why| Err(format!("{}, `{}`: {why}: {find}", self.file, self.function));
        let places = functions(source, &self.function);
        let places = places.iter().flat_map(|(start, text)| {
            let places = text.match_indices(find.as_str());
            places.map(move |(at, _)| start + at)
        });
        match places.collect::<Vec<_>>()[..] {
            [_] if find == replace => wrong("it changes nothing"),
            [at] => {
                let (before, after) = (&source[..at], &source[at + find.len()..]);
                Ok(format!("{before}{replace}{after}"))
            }
            _ => wrong("the text must occur once"),
        }
    }
}

/// Returns the functions of this name, each with the offset of its start.
fn functions<'a>(source: &'a str, name: &str) -> Vec<(usize, &'a str)> {
    let head = format!("fn {name}");
    let heads = source
        .match_indices(&head)
        .filter(|(at, _)| source[at + head.len()..].starts_with(['(', '<']));
    let whole = |(at, _): (usize, &str)| {
        let start = source[..at].rfind('\n').map_or(0, |end| end + 1);
        let indent = source[start..].len() - source[start..].trim_start().len();
        let end = format!("\n{}}}\n", &source[start..start + indent]);
        let end = source[at..].find(&end);
        let end = end.map_or(source.len(), |length| at + length);
        (start, &source[start..end])
    };
    heads.map(whole).collect()
}

/// A copy of the workspace, and the folder of its build products.
pub struct Tree {
    pub sh: Shell,
    pub target: PathBuf,
}

impl Tree {
    fn new(sh: &Shell, check: Check) -> Result<Tree> {
        // The faults for conformance run in parallel with the others.
        let folder = match check {
            Check::Conformance => "faults-conformance",
            _ => "faults",
        };
        let base = workspace::target().join(folder);
        let (root, target) = (base.join("tree"), base.join("target"));
        workspace::copy(sh, &workspace::root(), &root)?;
        let sh = workspace::shell(&root)?;
        if check == Check::Conformance {
            workspace::build_quickly(&sh);
        }
        Ok(Tree { sh, target })
    }

    /// Returns the commands of an example, which runs for a while. It is built with optimisations:
    /// otherwise threads collide too rarely, and `stress` misses some races.
    fn example(&self, name: &str) -> BuildAndRun<'_> {
        let (sh, target) = (&self.sh, &self.target);
        let program = target.join(format!("release/examples/{name}"));
        let options = ["--release", "--package", "contextvars", "--example", name];
        let build = cmd!(sh, "cargo build {options...} --target-dir {target}");
        let run = cmd!(sh, "{program} --seconds 20");
        (build, run.env("RUST_BACKTRACE", "0"))
    }
}

/// The result of a check on a fault.
#[derive(Debug, PartialEq, Eq)]
pub enum Noticed {
    /// Noticed; with the message of the check.
    By(String),
    /// Not noticed; with the reason and the output.
    No(String, String),
}

const NOT_NOTICED: &str = "NOT NOTICED";

impl Check {
    /// Returns the check that an entry of `noticed-by` names.
    fn of(by: &str) -> Check {
        Check::from_str(by, false).unwrap_or(Check::Loom)
    }

    /// Builds and runs the check.
    fn perform(self, tree: &Tree, by: &str, progress: &Progress) -> Result<Noticed> {
        let (build, run) = match self {
            Check::Loom => loom::in_tree(tree, by),
            Check::Stress | Check::Fuzz => tree.example(by),
            Check::Conformance => return conformance::in_tree(tree, progress),
        };
        let built = process::run_within(build, step::LIMIT, |line| progress.note(line))?;
        if !built.succeeded() {
            return Ok(Noticed::No("DOES NOT COMPILE".into(), built.output));
        }
        let ran = process::run_within(run, LIMIT, |line| progress.note(line))?;
        Ok(self.judge(ran))
    }

    /// Decides if the fault was noticed. A loom model must panic with a message; the others may also
    /// crash or hang.
    fn judge(self, ran: Finished) -> Noticed {
        let last = ran.output.lines().last().unwrap_or_default().to_owned();
        let one_passed = ran.output.contains(" 1 passed; ");
        let no = match (self, ran.end) {
            (Check::Loom, End::Succeeded) if !one_passed => "DID NOT RUN".into(),
            (_, End::Succeeded) => NOT_NOTICED.into(),
            (Check::Loom, End::Failed) => match panic_message(&ran.output) {
                Some(message) => return Noticed::By(message.into()),
                None => "NO PANIC".into(),
            },
            (Check::Loom, _) => last,
            _ => {
                let mut lines = ran.output.lines().rev();
                let error = lines.find_map(|line| line.strip_prefix("error: "));
                return Noticed::By(error.map_or(last, str::to_owned));
            }
        };
        Noticed::No(no, ran.output)
    }
}

/// A command that builds a check, and the command that runs it.
pub type BuildAndRun<'a> = (Cmd<'a>, Cmd<'a>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_applies_to_this_workspace() {
        let sh = workspace::shell(&workspace::root()).unwrap();
        let faults = read(&sh.read_file(LIST).unwrap()).unwrap();
        for (name, fault) in &faults {
            let source = sh.read_file(&fault.file).unwrap();
            fault
                .apply(&source)
                .unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(!fault.noticed_by.is_empty(), "{name}");
        }
        // Each model has at least two faults, and each name is a model or another check.
        let by = faults.values().flat_map(|fault| &fault.noticed_by);
        let models = loom::models(&sh).unwrap();
        let mut counts: BTreeMap<_, _> = models.iter().map(|model| (model, 0)).collect();
        for by in by.filter(|by| Check::of(by) == Check::Loom) {
            *counts
                .get_mut(by)
                .unwrap_or_else(|| panic!("there is no model {by}")) += 1;
        }
        let few: Vec<_> = counts.iter().filter(|(_, count)| **count < 2).collect();
        assert!(few.is_empty(), "too few faults: {few:?}");
    }

    const SOURCE: &str =
        "impl A {\n    fn f() {\n        a + b\n    }\n}\nfn g() {\n    a + b\n}\n";

    fn fault(function: &str, find: &str, replace: &str) -> std::result::Result<String, String> {
        let text = format!(
            "[m]\nbreaks = ''\nfile = 'x.rs'\nfunction = '{function}'\nfind = '{find}'\n\
             replace = '{replace}'\nnoticed-by = []"
        );
        read(&text).unwrap()["m"].apply(SOURCE)
    }

    #[test]
    fn a_fault_changes_one_place_of_one_function() {
        let changed = fault("g", "a + b", "a - b").unwrap();
        assert_eq!(changed, SOURCE.replace("\n    a + b", "\n    a - b"));
        let changed = fault("f", "a + b", "c").unwrap();
        assert_eq!(changed, SOURCE.replace("    a + b\n    }", "    c\n    }"));
        let wrong = |function, find, replace| fault(function, find, replace).unwrap_err();
        let error = wrong("h", "a + b", "");
        assert!(
            error.starts_with("x.rs, `h`: the text must occur"),
            "{error}"
        );
        assert!(wrong("g", "a + b", "a + b").contains("it changes nothing"));
        assert!(wrong("f", "[a-z]", "").contains("must occur once"));
    }

    #[test]
    fn a_model_must_panic_and_other_checks_must_fail() {
        let judged = |check: Check, end, output: &str| {
            let output = output.into();
            match check.judge(Finished { end, output }) {
                Noticed::By(what) => format!("by {what}"),
                Noticed::No(why, _) => why,
            }
        };
        let panic = "thread 'x' panicked at a.rs:1:1:\nno sum\n";
        let cases = [
            (Check::Loom, End::Failed, panic, "by no sum"),
            (
                Check::Loom,
                End::Succeeded,
                "ok. 1 passed; 0 failed",
                NOT_NOTICED,
            ),
            (
                Check::Loom,
                End::Succeeded,
                "ok. 0 passed; 0 failed",
                "DID NOT RUN",
            ),
            (Check::Loom, End::Failed, "Killed", "NO PANIC"),
            (
                Check::Loom,
                End::TimedOut,
                "panicked at \nno sum\nkilled",
                "killed",
            ),
            (Check::Stress, End::Succeeded, "12 steps", NOT_NOTICED),
            (Check::Fuzz, End::Failed, "error: torn\n1 step", "by torn"),
            (
                Check::Fuzz,
                End::Crashed,
                "crashed: signal: 6",
                "by crashed: signal: 6",
            ),
        ];
        for (check, end, output, expected) in cases {
            assert_eq!(judged(check, end, output), expected, "{output}");
        }
    }
}
