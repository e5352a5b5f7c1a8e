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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::Bound;
    use crate::groups::Plan;
    use crate::report::{Allocations, Bytes, Cell, Entrant, Figure, judge};
    use crate::runner::{Pace, Samples};

    fn records<F: Figure>(bench: &str, figures: [F; 2]) -> Vec<Record> {
        let cell = Cell {
            group: "maps",
            bench: bench.into(),
            size: 10,
            keys: "handle",
            values: "u64",
            bounds: vec![("Arc", Bound::of_peer(0.5).strict())],
        };
        let names = ["ours", "theirs"].map(|name| Entrant { name, field: "Arc" });
        judge(&cell, &names.into_iter().zip(figures).collect::<Vec<_>>())
    }

    /// A folder of this test, removed when it is done.
    struct Folder(std::path::PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_report_comes_back_as_it_was_written() {
        let name = format!("benches-report-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        let samples = [[1.0, 2.0, 4.0], [3.0, 3.0, 3.5]].map(|rounds| Samples::new(rounds.into()));
        let mut all = records("get", samples);
        all.extend(records("memory", [Bytes(64.0), Bytes(96.5)]));
        all.extend(records("allocations", [Allocations(0.0), Allocations(2.0)]));
        let plan = Plan {
            pace: Pace::QUICK,
            quick: true,
            only: vec!["get".into()],
            python: None,
            extensions: Default::default(),
        };
        let run = Run::here(&[], &plan);
        write(&folder.0, &run, &all).unwrap();
        assert_eq!(read(&folder.0).unwrap(), (run, all));
    }

    #[test]
    fn a_record_has_the_names_that_readers_look_for() {
        let time = &records("get", [2.0, 4.0].map(|one| Samples::new(vec![one])))[0];
        let json = serde_json::to_value(time).unwrap();
        for (name, value) in [("subject_ns", 2.0), ("peer_ns", 4.0), ("ratio", 0.5)] {
            assert_eq!(json[name], value, "{name}");
        }
        assert_eq!((&json["bench"], &json["size"]), (&"get".into(), &10.into()));
        assert_eq!(
            (&json["subject"], &json["peer"]),
            (&"ours".into(), &"theirs".into())
        );
        let bytes = &records("memory", [Bytes(1.0), Bytes(4.0)])[0];
        let json = serde_json::to_value(bytes).unwrap();
        assert_eq!(
            (&json["subject_bytes"], &json["peer_bytes"]),
            (&1.0.into(), &4.0.into())
        );
        assert_eq!(json["ratio"], 0.25);
    }

    #[test]
    fn a_missing_report_is_named() {
        let error = read(Path::new("/no/such/folder")).unwrap_err().to_string();
        assert!(error.starts_with("/no/such/folder"), "{error}");
    }
}
