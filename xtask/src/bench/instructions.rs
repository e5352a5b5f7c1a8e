//! `cargo xtask bench hot --instructions`: how many instructions the engine's operations take.
//!
//! Times move with the machine and its neighbours, and a slowdown by a twentieth hides in them.
//! Instructions do not: with the same compiler they are the same everywhere, to the last one. So
//! the gate can hold them against figures that are committed.

mod compiler;
mod count;
mod figures;
mod growth;

use std::path::PathBuf;

use xshell::Shell;

use crate::progress::Progress;
use crate::step::Outcome;
use crate::{Result, table, valgrind, workspace};
use compiler::Compiler;
use figures::{Figures, Operations};
use growth::Growth;

/// The committed figures, from the root of the workspace.
const FILE: &str = "benches/instructions/figures.toml";

/// How they are renewed.
const RENEW: &str = "cargo xtask bench hot --instructions --renew";

/// Counts, prints, and compares with what is committed, or commits the new figures if `renew`.
///
/// # Errors
///
/// Where an operation takes more than it may; where there is no valgrind; what the compiler says.
pub fn main(sh: &Shell, renew: bool) -> Result<()> {
    if let Some(install) = valgrind::missing(sh) {
        return Err(install.into());
    }
    let progress = Progress::start(1, 1, "instructions");
    let found = Found::here(sh, &progress)?;
    drop(progress);
    println!("\n{}", found.table());
    if renew {
        let path = path();
        let mut figures = Figures::read(&path)?;
        figures.put(&found.compiler.name, found.counted);
        figures.write(&path)?;
        println!("these are the figures of {} in {FILE}", found.compiler.name);
        return Ok(());
    }
    match found.verdict() {
        Ok(counted) => println!("{counted}"),
        Err(why) => return Err(why.into()),
    }
    Ok(())
}

/// The gate's step. Without valgrind there is nothing to say, also in CI.
pub fn step(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    if let Some(install) = valgrind::missing(sh) {
        return Ok(Outcome::NotHere(install));
    }
    let found = Found::here(sh, progress)?;
    let table = found.table();
    progress.print(table.trim_end());
    Ok(match found.verdict() {
        Ok(counted) => Outcome::Passed(counted),
        Err(why) => Outcome::Failed(format!("{table}\n{why}")),
    })
}

fn path() -> PathBuf {
    workspace::root().join(FILE)
}

/// What was counted, beside what is committed.
struct Found {
    compiler: Compiler,
    counted: Operations,
    /// Of the same compiler, if there are any.
    committed: Option<Operations>,
}

impl Found {
    fn here(sh: &Shell, progress: &Progress) -> Result<Found> {
        let compiler = Compiler::here(sh)?;
        let committed = Figures::read(&path())?.of(&compiler.name).cloned();
        let counted = count::all(sh, progress)?;
        Ok(Found {
            compiler,
            counted,
            committed,
        })
    }

    fn growths(&self) -> Vec<Growth> {
        let committed = self.committed.clone().unwrap_or_default();
        growth::compare(&committed, &self.counted)
    }

    fn table(&self) -> String {
        let rows: Vec<_> = self.growths().iter().map(Growth::cells).collect();
        table::layout(["operation", "instructions", "committed", "change"], &rows)
    }

    /// What there is to say in one line; an error where an operation takes more than it may.
    fn verdict(&self) -> std::result::Result<String, String> {
        let compiler = &self.compiler.name;
        let Some(committed) = &self.committed else {
            return Ok(format!(
                "no figures for {compiler}: printed only; `{RENEW}` commits them"
            ));
        };
        growth::judge(&growth::compare(committed, &self.counted))
            .map(|operations| format!("{operations} operations within their figures"))
            .map_err(|why| format!("{why}; if that is wanted, `{RENEW}`"))
    }
}
