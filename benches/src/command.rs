//! The program: `measure` a group, print the `table`, `publish` it.

mod arguments;

use std::path::Path;

use clap::Parser;

use crate::groups::{self, Plan};
use crate::report::{self, Run};
use crate::runner::Pace;
use crate::{Result, table};
use arguments::{Arguments, Command};

#[cfg(feature = "cpython")]
pub use crate::cpython::Interpreter;

/// A CPython around this process. Without the feature `cpython` there is none.
#[cfg(not(feature = "cpython"))]
pub enum Interpreter {}

/// Does what the arguments say.
///
/// # Errors
///
/// One line: arguments that make no sense, a file that cannot be read or written.
pub fn run(args: impl Iterator<Item = String>, python: Option<&Interpreter>) -> Result<()> {
    let program = std::iter::once("benches".to_string());
    match Arguments::try_parse_from(program.chain(args))?.command {
        Command::Measure {
            group,
            quick,
            only,
            dir,
        } => measure(&group, quick, only, &dir, python),
        Command::Table { dir, all } => {
            let (run, records) = report::read(&dir)?;
            print!("{}", table::render(&run, &records, all));
            Ok(())
        }
    }
}

fn measure(
    name: &str,
    quick: bool,
    only: Vec<String>,
    dir: &Path,
    python: Option<&Interpreter>,
) -> Result<()> {
    let group = groups::ALL.iter().find(|group| group.name == name);
    let Some(group) = group else {
        let names: Vec<_> = groups::ALL.iter().map(|group| group.name).collect();
        return Err(format!("there is no group `{name}`; there is {}", names.join(", ")).into());
    };
    let pace = if quick { Pace::QUICK } else { Pace::FULL };
    let plan = Plan {
        pace,
        quick,
        only,
        python,
    };
    let records = (group.measure)(&plan);
    report::write(dir, &Run::here(name, quick, Default::default()), &records)
}
