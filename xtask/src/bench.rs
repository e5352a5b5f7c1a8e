//! `cargo xtask bench`: our crates beside others of their kind, measured in turns in one process.
//!
//! The package `benches` does the work; this builds it, with a CPython in it where there is one,
//! and runs it.

mod extensions;
pub mod instructions;
mod runner;
mod rustpython;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::progress::Progress;
use crate::{Result, workspace};
use runner::Runner;

/// Where the published figures go, from the root of the workspace.
const DOCS: &str = "docs";

/// The group of context variables. It needs no map of CPython's, but our extension for it, and has
/// instructions to count.
const HOT: &str = "hot";

/// The group of context variables for Rust programs. It needs nothing of CPython's.
const AMBIENT: &str = "ambient";

#[derive(clap::Args)]
pub struct Args {
    /// What to measure, `hamt`, `hot`, `threads` or `ambient`, all of which unless given; or
    /// `rustpython`, of the options for which there is `--publish`.
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
    /// Measure nothing; print, and publish if told to, the report that is there.
    #[arg(long, conflicts_with_all = ["group", "quick", "only"])]
    last: bool,
    /// Count instructions under callgrind instead, and compare them with the committed figures; for
    /// `hot` only.
    #[arg(long, requires = "group")]
    #[arg(conflicts_with_all = ["quick", "only", "all", "last", "publish", "python"])]
    instructions: bool,
    /// Commit the counted figures for this compiler to the file.
    #[arg(long, requires = "instructions")]
    renew: bool,
    /// Render `docs/performance.md` and its charts from the report; for `rustpython`, its table.
    #[arg(long, conflicts_with_all = ["quick", "only"])]
    publish: bool,
    /// Use this Python as the CPython peer, not the newest that is found.
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
}

pub fn main(args: &Args) -> Result<()> {
    let sh = workspace::shell(&workspace::root())?;
    if args.instructions {
        return match args.group.as_deref() {
            Some(HOT) => instructions::main(&sh, args.renew),
            _ => Err(format!("only `{HOT}` has instructions to count").into()),
        };
    }
    if args.group.as_deref() == Some(rustpython::NAME) {
        return rustpython::main(&sh, args.publish);
    }
    let dir = workspace::target().join("bench");
    let steps = 2 + usize::from(!args.last) + usize::from(args.publish);
    let mut number = 0;
    let mut start = |name| {
        number += 1;
        Progress::start(number, steps, name)
    };

    let progress = start("build the runner");
    // Every CPython has context variables, but not every one shows its map.
    let of_map = !matches!(args.group.as_deref(), Some(HOT | AMBIENT));
    let runner = Runner::build(&sh, args.python.as_deref(), of_map, &progress)?;
    // The extension is there for one group only.
    let of_hot = args.group.as_deref().is_none_or(|group| group == HOT);
    let extensions = match runner.python() {
        Some(python) if of_hot && !args.last => extensions::build(python)?,
        _ => Vec::new(),
    };
    drop(progress);

    if !args.last {
        let mut measure = vec!["measure".into(), "--dir".into(), dir.clone().into()];
        measure.extend(extensions);
        measure.extend(args.group.as_ref().map(OsString::from));
        measure.extend(args.quick.then(|| "--quick".into()));
        let only = args.only.iter();
        measure.extend(only.map(|text| format!("--only={text}").into()));
        runner.run(&sh, &measure, &start("measure"))?;
    }

    let mut table = vec!["table".into(), "--dir".into(), dir.clone().into()];
    table.extend(args.all.then(|| "--all".into()));
    let printed = runner.run(&sh, &table, &start("print the table"))?;
    println!("\n{printed}");
    println!("the report is {}", dir.join("report.json").display());

    if args.publish {
        let docs = workspace::root().join(DOCS);
        let mut publish = vec!["publish".into(), "--dir".into(), dir.into()];
        publish.extend(["--docs".into(), docs.into()]);
        runner.run(&sh, &publish, &start("publish"))?;
        println!("published in {DOCS}/performance.md");
    }
    Ok(())
}
