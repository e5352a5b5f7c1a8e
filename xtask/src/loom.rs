//! `cargo xtask loom`: runs the loom models, the tests in `tests/loom` or `tests/loom.rs` of each
//! crate.

use xshell::{Cmd, Shell, cmd};

use crate::faults::{BuildAndRun, Tree};
use crate::step::{self, Step, passed, watch};
use crate::{Result, gate, workspace};

/// The crates with models, dependencies first: folder and package.
const CRATES: [(&str, &str); 5] = [
    ("hamt", "contextvars-hamt"),
    ("pyobj", "pyobj"),
    ("threadstate", "threadstate"),
    ("contextvars", "contextvars"),
    ("module", "contextvars-module"),
];

/// The default number of preemptions in one execution of a model.
pub const PREEMPTIONS: u32 = 3;

#[derive(clap::Args)]
pub struct Args {
    /// Run only the models whose names contain this.
    name: Option<String>,
    /// The maximum number of preemptions in one execution.
    #[arg(long, value_name = "N", default_value_t = PREEMPTIONS)]
    preemptions: u32,
}

pub fn main(args: &Args) -> Result<()> {
    let name = args.name.clone().unwrap_or_default();
    step::each(&[step(&name, args.preemptions)], "cargo xtask loom")
}

/// Returns the step that runs the models whose names contain `name`.
pub fn step(name: &str, preemptions: u32) -> Step {
    let name = name.to_owned();
    Step::new("loom", move |sh, progress| {
        let target = workspace::target().join("loom");
        let packages = workspace::packages(&CRATES.map(|of| of.1));
        let test = test(sh, &target, preemptions).args(packages);
        let printed = watch(test.args(["--", "--nocapture", &name]), progress)?;
        let (mut expected, passed) = (models(sh)?, passed(&printed)?);
        expected.retain(|model| model.contains(&name));
        let all = expected.len();
        if passed != format!("{all} passed") {
            return Err(format!("of {all} models {passed}").into());
        }
        let tried = executions(&printed);
        let passed = format!("{passed}, {preemptions} preemptions");
        Ok(format!("{passed}, {tried} executions"))
    })
}

/// Returns the step that runs clippy on the models and on code that only they compile.
pub fn lints() -> Step {
    Step::new("loom lints", |sh, progress| {
        let target = workspace::target().join("loom");
        let packages = workspace::packages(&CRATES.map(|of| of.1));
        let options = ["--profile", "checked", "--lib", "--test", "loom"];
        let clippy = cmd!(sh, "cargo clippy {options...} --target-dir {target}").args(packages);
        let clippy = clippy.env("RUSTFLAGS", flags());
        gate::lint(sh, clippy, progress)
    })
}

/// Returns the commands of the model `by` in a copy of the workspace.
pub fn in_tree<'a>(tree: &'a Tree, by: &str) -> BuildAndRun<'a> {
    let (folder, model) = by.split_once("::").unwrap_or(("", by));
    let package = CRATES.iter().find(|(known, _)| *known == folder);
    let package = package.map_or(folder, |known| known.1);
    let command = || test(&tree.sh, &tree.target, PREEMPTIONS).args(["--package", package]);
    (
        command().arg("--no-run"),
        command().args(["--", "--nocapture", model]),
    )
}

/// Returns the names of all models, as `FOLDER::NAME`.
pub fn models(sh: &Shell) -> Result<Vec<String>> {
    let mut models = Vec::new();
    for (folder, _) in CRATES {
        let tests = workspace::root().join("crates").join(folder).join("tests");
        let mut files = sh.read_dir(tests.join("loom")).unwrap_or_default();
        files.extend(Some(tests.join("loom.rs")).filter(|file| sh.path_exists(file)));
        for file in files {
            let text = sh.read_file(file)?;
            let names = text
                .split("#[test]\nfn ")
                .skip(1)
                .filter_map(|rest| rest.split('(').next());
            models.extend(names.map(|name| format!("{folder}::{name}")));
        }
    }
    Ok(models)
}

fn test<'a>(sh: &'a Shell, target: &std::path::Path, preemptions: u32) -> Cmd<'a> {
    cmd!(
        sh,
        "cargo test --profile checked --no-fail-fast --target-dir {target} --test loom"
    )
    .env("RUSTFLAGS", flags())
    .env("LOOM_MAX_PREEMPTIONS", preemptions.to_string())
    // At this level loom prints its number of executions, but nothing for each of them.
    .env("LOOM_LOG", "loom::model=info")
    .env("NO_COLOR", "1")
}

/// Returns the flags that make the crates use loom's threads and atomics.
fn flags() -> String {
    workspace::flags("RUSTFLAGS", "--cfg loom")
}

/// Returns the sum of loom's execution counts of all models.
fn executions(output: &str) -> u64 {
    let counts = output.split("Completed in ").skip(1);
    counts
        .filter_map(|rest| rest.split_once(" iterations")?.0.parse::<u64>().ok())
        .sum()
}
