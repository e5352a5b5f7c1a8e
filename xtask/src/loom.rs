//! `cargo xtask loom`: the models, and the mutations that they must catch.

mod models;
mod mutate;
mod tree;

use std::time::Duration;

use xshell::{Cmd, Shell, cmd};

use crate::progress::Progress;
use crate::step::Outcome;
use crate::{Result, table, workspace};
use models::Model;
use tree::{Checked, Tree, Verdict};

/// How often a model may switch threads by force, unless the caller says otherwise.
const PREEMPTIONS: u32 = 3;

#[derive(clap::Args)]
pub struct Args {
    /// Run only this model.
    name: Option<String>,
    /// Let a thread be interrupted this often in one execution.
    #[arg(long, value_name = "N", default_value_t = PREEMPTIONS)]
    preemptions: u32,
    /// Break the code in one place at a time, and demand that the models notice.
    #[arg(long)]
    mutants: bool,
}

pub fn main(args: &Args) -> Result<()> {
    let models = models::named(args.name.as_deref())?;
    if args.mutants {
        mutate::main(&models, args.preemptions)
    } else {
        run(&models, args.preemptions)
    }
}

/// Where the models of this very workspace are built and run.
fn own_tree() -> Result<Tree> {
    Tree::new(&workspace::root(), workspace::target().join("loom"))
}

fn run(models: &[&Model], preemptions: u32) -> Result<()> {
    let tree = own_tree()?;
    let mut rows = Vec::new();
    let mut broken = Vec::new();
    for (index, model) in models.iter().enumerate() {
        let progress = Progress::start(index + 1, models.len(), model.name);
        let checked = tree.check(model, preemptions, Duration::MAX, &progress)?;
        progress.print(&format!("{}: {}", model.name, checked.closing_line()));
        if checked.verdict != Verdict::Holds {
            progress.print(&checked.output);
            broken.push(model.name);
        }
        rows.push(cells(model, &checked));
    }
    println!(
        "\n{}",
        table::layout(["model", "result", "executions", "seconds", "shows"], &rows)
    );
    if broken.is_empty() {
        return Ok(());
    }
    Err(format!("models that do not hold: {}", broken.join(", ")).into())
}

fn cells(model: &Model, checked: &Checked) -> [String; 5] {
    let executions = checked
        .executions
        .map_or_else(|| "?".into(), |count| count.to_string());
    let seconds = table::seconds(checked.time);
    let result = checked.verdict.to_string();
    [
        model.name.into(),
        result,
        executions,
        seconds,
        model.shows.into(),
    ]
}

/// All the models, as a step of the gate.
pub fn step(_: &Shell, progress: &Progress) -> Result<Outcome> {
    let tree = own_tree()?;
    let models = models::all();
    for model in &models {
        let checked = tree.check(model, PREEMPTIONS, Duration::MAX, progress)?;
        let [name, result, executions, seconds, _] = cells(model, &checked);
        let counted = format!("{executions} executions, {seconds} s");
        progress.print(&format!("{name}: {}", checked.closing_line()));
        progress.print(&format!("{name}: {result}, {counted}"));
        if checked.verdict != Verdict::Holds {
            return Ok(Outcome::Failed(checked.output));
        }
    }
    Ok(Outcome::Passed(format!(
        "{} models, {PREEMPTIONS} preemptions",
        models.len()
    )))
}

/// Clippy over the models and what only they compile.
pub fn clippy(sh: &Shell) -> Cmd<'_> {
    let target = workspace::target().join("loom");
    let packages = models::packages()
        .into_iter()
        .flat_map(|package| ["--package", package]);
    cmd!(sh, "cargo clippy --target-dir {target} --lib --test loom")
        .args(packages)
        .args(["--", "-D", "warnings"])
        .env("RUSTFLAGS", workspace::flags("RUSTFLAGS", tree::FLAGS))
}
