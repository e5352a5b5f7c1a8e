//! The report as files.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Record, Run};
use crate::Result;

const REPORT: &str = "report.json";
const RUN: &str = "run.json";

/// Writes a report to the folder `dir`, which is made where it is missing.
///
/// # Errors
///
/// When the folder or a file cannot be written; names it.
pub fn write(dir: &Path, run: &Run, records: &[Record]) -> Result<()> {
    fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    write_file(&dir.join(RUN), run)?;
    write_file(&dir.join(REPORT), &records)
}

/// Reads the report in the folder `dir`.
///
/// # Errors
///
/// When a file is missing or is no report; names it.
pub fn read(dir: &Path) -> Result<(Run, Vec<Record>)> {
    Ok((read_file(&dir.join(RUN))?, read_file(&dir.join(REPORT))?))
}

fn write_file(path: &Path, content: &impl Serialize) -> Result<()> {
    let fail = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut file = BufWriter::new(File::create(path).map_err(|error| fail(&error))?);
    serde_json::to_writer_pretty(&mut file, content).map_err(|error| fail(&error))?;
    Ok(writeln!(file)
        .and_then(|()| file.flush())
        .map_err(|error| fail(&error))?)
}

fn read_file<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let fail = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(|error| fail(&error))?;
    Ok(serde_json::from_reader(BufReader::new(file)).map_err(|error| fail(&error))?)
}
