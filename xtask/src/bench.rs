//! `cargo xtask bench`: our crates beside others of their kind, measured in turns in one process.
//!
//! The package `benches` does the work; this builds it, as a module of a CPython where there is
//! one, and runs it.

mod runner;

use std::path::PathBuf;

use crate::progress::Progress;
use crate::{Result, workspace};
use runner::Runner;

/// Where the published figures go, from the root of the workspace.
const DOCS: &str = "docs";

#[derive(clap::Args)]
pub struct Args {
    /// What to measure, such as `hamt`; everything unless given.
    group: Option<String>,
    /// Take a first look: small sizes, fewer and shorter rounds.
    #[arg(long)]
    quick: bool,
    /// Measure only cells whose title contains this, such as `1000 entries` or `update, shared`;
    /// given again, both.
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Print a line for every peer, not just for the best.
    #[arg(long)]
    all: bool,
    /// Render `docs/performance.md` and its charts from the report.
    #[arg(long, conflicts_with_all = ["quick", "only"])]
    publish: bool,
    /// Use this Python as the CPython peer, not the newest that is found.
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
}

pub fn main(args: &Args) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    let dir = workspace::target().join("bench");
    let steps = if args.publish { 4 } else { 3 };

    let progress = Progress::start(1, steps, "build the runner");
    let runner = Runner::build(&sh, args.python.as_deref(), &progress)?;
    drop(progress);

    let progress = Progress::start(2, steps, "measure");
    let mut measure = vec![
        "measure".into(),
        "--dir".into(),
        dir.clone().into_os_string(),
    ];
    measure.extend(args.group.as_ref().map(Into::into));
    measure.extend(args.quick.then(|| "--quick".into()));
    measure.extend(args.only.iter().map(|text| format!("--only={text}").into()));
    runner.run(&sh, &measure, &progress)?;
    drop(progress);

    let progress = Progress::start(3, steps, "print the table");
    let mut table = vec!["table".into(), "--dir".into(), dir.clone().into_os_string()];
    table.extend(args.all.then(|| "--all".into()));
    let printed = runner.run(&sh, &table, &progress)?;
    drop(progress);
    println!("{printed}");
    println!("written to {}", dir.join("report.json").display());

    if args.publish {
        let progress = Progress::start(4, steps, "publish");
        let docs = workspace::root().join(DOCS);
        let publish = [
            "publish".into(),
            "--dir".into(),
            dir.into_os_string(),
            "--docs".into(),
            docs.into_os_string(),
        ];
        runner.run(&sh, &publish, &progress)?;
        drop(progress);
        println!("published in {DOCS}/performance.md");
    }
    Ok(())
}
