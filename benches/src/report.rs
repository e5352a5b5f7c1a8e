//! Results and targets.
//!
//! A [`Cell`] is one workload at one size with one kind of operands: a subject's figure and its ratio
//! to each peer's. A [`Target`] limits the ratio to the best of some peers.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Result;

/// The result of a workload for one subject, compared with its peers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub group: String,
    pub workload: String,
    /// The kind of operands.
    pub kind: String,
    /// The number of operands.
    pub size: u64,
    pub subject: String,
    /// `ns`, `bytes` or `allocations`.
    pub unit: String,
    /// The subject's figure; a time is the lowest of all rounds.
    pub figure: f64,
    pub peers: Vec<Peer>,
}

/// The ratio of a subject's figure to a peer's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    pub name: String,
    /// `None` if the peer's figure is 0.
    pub ratio: Option<f64>,
    /// The quartiles of the rounds' ratios.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub spread: Option<[f64; 2]>,
}

/// A limit for a subject's figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The limit is for the ratio to the best of these; without peers, for the figure itself.
    pub peers: &'static [&'static str],
    pub at_most: f64,
    /// A ratio to the subject's floor with which the target is met, too.
    pub of_floor: Option<f64>,
}

/// The subject that does only what no design can do without.
pub const FLOOR: &str = "floor";

impl Cell {
    /// Returns the best of some peers, to which the subject has the highest ratio, and that ratio.
    pub fn best(&self, peers: &[&str]) -> Option<(&str, f64)> {
        let of = self
            .peers
            .iter()
            .filter(|peer| peers.contains(&&*peer.name));
        let ratios = of.filter_map(|peer| Some((&*peer.name, peer.ratio?)));
        ratios.max_by(|one, other| one.1.total_cmp(&other.1))
    }
}

/// Shows the whole cell, for the progress of a measurement.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workload = format!("{}: {}", self.kind, self.workload);
        let figure = display(self.figure, &self.unit);
        write!(f, "{}, {}, {workload}: ", self.group, self.size)?;
        write!(f, "{} {figure}", self.subject)?;
        for peer in &self.peers {
            write!(f, "; {:.2}", peer.ratio.unwrap_or(f64::NAN))?;
            if let Some([low, high]) = peer.spread {
                write!(f, " ({low:.2} to {high:.2})")?;
            }
            write!(f, " of {}", peer.name)?;
        }
        Ok(())
    }
}

impl Target {
    /// Creates a target: the ratio to the best of `peers`, or without peers the figure, is at most
    /// `at_most`.
    pub const fn of(peers: &'static [&'static str], at_most: f64) -> Target {
        Target {
            peers,
            at_most,
            of_floor: None,
        }
    }

    /// Returns the ratio or figure, and whether it meets the target. Returns `None` if none of the peers
    /// was measured. The tolerance is 5 %, since runs differ by that much.
    pub fn judge(&self, cell: &Cell) -> Option<(f64, bool)> {
        let found = match self.peers {
            [] => cell.figure,
            peers => cell.best(peers)?.1,
        };
        let floor = cell.best(&[FLOOR]).zip(self.of_floor);
        let is_at_floor = floor.is_some_and(|((_, ratio), most)| ratio <= most * 1.05);
        Some((found, found <= self.at_most * 1.05 || is_at_floor))
    }
}

/// The date of a group's measurement, and the versions of the libraries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The date, as `2026-01-02`.
    pub date: String,
    /// The version of each library and tool.
    pub versions: BTreeMap<String, String>,
    /// `true` if cells are missing or were measured with `--quick`.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub partial: bool,
}

/// The results of one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The model of the processor, and the system.
    pub machine: String,
    /// The runs, by group.
    pub runs: BTreeMap<String, Run>,
    pub cells: Vec<Cell>,
}

impl Report {
    /// Reads a report.
    ///
    /// # Errors
    ///
    /// If the file is missing or is no report. The error names the file.
    pub fn read(path: &Path) -> Result<Report> {
        let text = fs::read_to_string(path).map_err(|error| named(path, &error))?;
        Ok(serde_json::from_str(&text).map_err(|error| named(path, &error))?)
    }

    /// Writes a report with one cell on each line, so that diffs are readable.
    ///
    /// # Errors
    ///
    /// If the file cannot be written. The error names the file.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string(self)?.replace("{\"group\"", "\n{\"group\"") + "\n";
        let made = fs::create_dir_all(path.parent().unwrap_or(path));
        let written = made.and_then(|()| fs::write(path, text));
        Ok(written.map_err(|error| named(path, &error))?)
    }

    /// Replaces the groups of another report of this machine.
    pub fn replace(&mut self, with: Report) {
        self.cells
            .retain(|cell| !with.runs.contains_key(&cell.group));
        self.cells.extend(with.cells);
        self.runs.extend(with.runs);
    }
}

fn named(path: &Path, error: &dyn fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// Formats a figure with its unit and its significant digits.
pub fn display(figure: f64, unit: &str) -> String {
    let (figure, unit) = match unit {
        "ns" if figure >= 1e9 => (figure / 1e9, "s"),
        "ns" if figure >= 1e6 => (figure / 1e6, "ms"),
        "ns" if figure >= 1e3 => (figure / 1e3, "µs"),
        _ => (figure, unit),
    };
    let digits = match figure {
        9.995..99.95 => 1,
        0.0005..9.995 => 2,
        _ => 0,
    };
    format!("{figure:.digits$} {unit}")
}

/// Formats a number with thousands separators.
pub fn count(number: u64) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", count(thousands), number % 1_000),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Returns a cell with these peers.
    pub fn cell(workload: &str, size: u64, figure: f64, peers: &[(&str, f64)]) -> Cell {
        let peer = |(name, ratio): &(&str, f64)| Peer {
            name: name.to_string(),
            ratio: Some(*ratio),
            spread: None,
        };
        Cell {
            group: "maps".into(),
            workload: workload.into(),
            kind: "u64".into(),
            size,
            subject: "ours".into(),
            unit: "ns".into(),
            figure,
            peers: peers.iter().map(peer).collect(),
        }
    }

    /// Returns a report of a group with these cells.
    pub fn report(machine: &str, cells: Vec<Cell>) -> Report {
        let run = Run {
            date: "2026-01-02".into(),
            versions: [("im".into(), "1.0".into())].into(),
            partial: false,
        };
        Report {
            machine: machine.into(),
            runs: [("maps".into(), run)].into(),
            cells,
        }
    }

    #[test]
    fn a_target_compares_with_the_best_peer_and_has_a_tolerance() {
        let half = Target::of(&["slow", "fast"], 0.5);
        let judge = |ratio| half.judge(&cell("get", 1, 1.0, &[("slow", 0.1), ("fast", ratio)]));
        assert_eq!(judge(0.52), Some((0.52, true)));
        assert_eq!(judge(0.53), Some((0.53, false)));
        assert_eq!(half.judge(&cell("get", 1, 1.0, &[("another", 9.0)])), None);
        let none = Target::of(&[], 0.0).judge(&cell("get", 1, 0.1, &[("it", 0.0)]));
        assert_eq!(none, Some((0.1, false)));
    }

    #[test]
    fn a_report_is_read_back_and_a_group_replaces_its_cells() {
        let path = std::env::temp_dir().join(format!("benches-{}.json", std::process::id()));
        let report = |date: &str, workload| {
            let mut report = report("A", vec![cell(workload, 10, 1.25, &[("im", 0.5)])]);
            let run = report.runs.get_mut("maps").unwrap();
            (run.date, run.partial) = (date.into(), true);
            report
        };
        let mut old = report("2026-01-02", "get");
        old.write(&path).unwrap();
        let found = Report::read(&path);
        fs::remove_file(&path).unwrap();
        assert_eq!(found.unwrap(), old);
        old.replace(report("2026-01-03", "set"));
        assert_eq!(old, report("2026-01-03", "set"));
        let error = Report::read(&path).unwrap_err().to_string();
        assert!(error.starts_with(&*path.to_string_lossy()), "{error}");
    }

    #[test]
    fn figures_have_three_digits_and_counts_have_separators() {
        let figures = [1.234, 9.999, 99.96, 12_345.0, 2e9, 0.0].map(|figure| display(figure, "ns"));
        assert_eq!(
            figures,
            ["1.23 ns", "10.0 ns", "100 ns", "12.3 µs", "2.00 s", "0 ns"]
        );
        assert_eq!(display(2_079.4, "bytes"), "2079 bytes");
        assert_eq!(
            [10, 1_000, 1_000_010].map(count),
            ["10", "1,000", "1,000,010"]
        );
    }
}
