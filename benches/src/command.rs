//! The program: `measure` a group, print the `table`, `publish` it.

mod arguments;

use std::path::Path;

use clap::Parser;

use crate::cpython::Interpreter;
use crate::groups::{self, Extensions, Group, Plan};
use crate::report::{self, Run};
use crate::runner::Pace;
use crate::{Result, publish, table};
use arguments::{Arguments, Command};

/// Does what the process's arguments say; ends the process where they make no sense.
///
/// # Errors
///
/// One line: a group that is not there, a file that cannot be read or written.
pub fn run() -> Result<()> {
    match Arguments::parse().command {
        Command::Measure {
            groups,
            quick,
            only,
            extension,
            extension_for_version,
            dir,
        } => {
            let extensions = Extensions {
                stable: extension,
                specific: extension_for_version,
            };
            measure(&groups, quick, only, extensions, &dir)
        }
        Command::Table { dir, all } => {
            let (run, records) = report::read(&dir)?;
            print!("{}", table::render(&run, &records, all));
            Ok(())
        }
        Command::Publish { dir, docs } => {
            let (run, records) = report::read(&dir)?;
            publish::publish(&run, &records, &docs)
        }
    }
}

fn measure(
    names: &[String],
    quick: bool,
    only: Vec<String>,
    extensions: Extensions,
    dir: &Path,
) -> Result<()> {
    let named: Result<Vec<&Group>> = names.iter().map(|name| groups::find(name)).collect();
    let groups = match names {
        [] => groups::ALL.iter().collect(),
        _ => named?,
    };
    let python = Interpreter::start();
    let plan = Plan {
        pace: if quick { Pace::QUICK } else { Pace::FULL },
        quick,
        only,
        python: python.as_ref(),
        extensions,
    };
    let records: Vec<_> = groups
        .iter()
        .flat_map(|group| (group.measure)(&plan))
        .collect();
    if records.is_empty() {
        return Err("no cell has all of these in its title, which is as progress shows it".into());
    }
    report::write(dir, &Run::here(&groups, &plan), &records)
}
