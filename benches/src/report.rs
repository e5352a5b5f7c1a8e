//! What was found, and how it stands to what is asked.
//!
//! A [`Cell`] is one workload at one size with one kind of operands: a subject's figure and its ratio
//! to each peer's. A [`Target`] is asked of the ratio to the best of some peers.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Result;

/// A subject beside its peers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub group: String,
    /// What was done.
    pub workload: String,
    /// With what kind of operands.
    pub kind: String,
    /// To how many.
    pub size: u64,
    pub subject: String,
    /// `ns`, `bytes` or `allocations`.
    pub unit: String,
    /// What the subject needed: of times, the least of all rounds.
    pub figure: f64,
    pub peers: Vec<Peer>,
}

/// What a subject's figure is of a peer's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    pub name: String,
    /// Nothing where the peer needed nothing.
    pub ratio: Option<f64>,
    /// The quartiles of the rounds' ratios.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub spread: Option<[f64; 2]>,
}

/// What is asked of a subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The ratio to the best of these may be so much; where there are none, the figure itself.
    pub peers: &'static [&'static str],
    pub at_most: f64,
}

impl Cell {
    /// The best of some peers: the one that the subject looks worst beside.
    pub fn best(&self, peers: &[&str]) -> Option<(&str, f64)> {
        let of = self
            .peers
            .iter()
            .filter(|peer| peers.contains(&&*peer.name));
        let ratios = of.filter_map(|peer| Some((&*peer.name, peer.ratio?)));
        ratios.max_by(|one, other| one.1.total_cmp(&other.1))
    }
}

/// All of it, for who measures.
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
    /// Asks that the ratio to the best of `peers` be at most so much; of no peers, the figure.
    pub const fn of(peers: &'static [&'static str], at_most: f64) -> Target {
        Target { peers, at_most }
    }

    /// Returns what was found, and whether the target is met; nothing where no such peer was measured.
    /// A run may differ from another by a twentieth, so that 1.0 reads 1.05.
    pub fn judge(&self, cell: &Cell) -> Option<(f64, bool)> {
        let found = match self.peers {
            [] => cell.figure,
            peers => cell.best(peers)?.1,
        };
        Some((found, found <= self.at_most * 1.05))
    }
}

/// When a group was measured, and beside what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The day, as year, month and day.
    pub date: String,
    /// Each library and tool with its version.
    pub versions: BTreeMap<String, String>,
    /// Whether cells are missing, or were measured for a first look only.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub partial: bool,
}

/// All cells of one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The make of the processor, and the system.
    pub machine: String,
    /// By group.
    pub runs: BTreeMap<String, Run>,
    pub cells: Vec<Cell>,
}

impl Report {
    /// Reads a report.
    ///
    /// # Errors
    ///
    /// When the file is missing or is no report; names it.
    pub fn read(path: &Path) -> Result<Report> {
        let text = fs::read_to_string(path).map_err(|error| named(path, &error))?;
        Ok(serde_json::from_str(&text).map_err(|error| named(path, &error))?)
    }

    /// Writes a report, a cell a line, so that another run's differences can be read.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; names it.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string(self)?.replace("{\"group\"", "\n{\"group\"") + "\n";
        let made = fs::create_dir_all(path.parent().unwrap_or(path));
        let written = made.and_then(|()| fs::write(path, text));
        Ok(written.map_err(|error| named(path, &error))?)
    }

    /// Puts the groups of another report of this machine in the place of its own.
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

/// Returns a figure with its unit and the digits that mean something.
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

/// Returns a number with its digits in threes.
pub fn count(number: u64) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", count(thousands), number % 1_000),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A cell with these peers.
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

    /// A report of a group with these cells.
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
    fn a_target_is_against_the_best_of_its_peers_and_reads_a_twentieth_more() {
        let half = Target::of(&["slow", "fast"], 0.5);
        let judge = |ratio| half.judge(&cell("get", 1, 1.0, &[("slow", 0.1), ("fast", ratio)]));
        assert_eq!(judge(0.52), Some((0.52, true)));
        assert_eq!(judge(0.53), Some((0.53, false)));
        assert_eq!(half.judge(&cell("get", 1, 1.0, &[("another", 9.0)])), None);
        let none = Target::of(&[], 0.0).judge(&cell("get", 1, 0.1, &[("it", 0.0)]));
        assert_eq!(none, Some((0.1, false)));
    }

    #[test]
    fn a_report_comes_back_and_a_group_replaces_its_cells() {
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
    fn figures_have_three_digits_and_counts_are_in_threes() {
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
