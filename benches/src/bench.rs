//! Groups of workloads, and [`Bench`], with which a group measures its cells.

use std::path::PathBuf;

use instructions::fixture::Subject;

use crate::report::{Cell, Peer, Target};
use crate::runner::{self, Pace, Samples, Turn};

/// The options of a measurement.
pub struct Plan {
    pub pace: Pace,
    /// `true` for a quick run with small sizes.
    pub quick: bool,
    /// Measures only cells whose title (printed as progress) contains all of these.
    pub only: Vec<String>,
    /// Files that some groups need, by name: `extension` and `extension-for-version` are this
    /// workspace's extensions for CPython, `rustpython` is that interpreter with our `_contextvars`.
    pub files: Vec<(String, PathBuf)>,
}

impl Plan {
    /// Returns the path of a file.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        let file = self.files.iter().find(|(given, _)| given == name);
        file.map(|(_, path)| path.clone())
    }
}

/// A group of workloads.
pub struct Group {
    pub name: &'static str,
    /// The unit of the sizes.
    pub sizes: &'static str,
    /// The packages that peers come from.
    pub libraries: &'static [&'static str],
    /// Sets of peers: a subject is compared with the best of each.
    pub peers: &'static [&'static [&'static str]],
    /// The size whose figures are published; `None` for all sizes.
    pub shown: Option<u64>,
    /// The workloads of the short table.
    pub short: &'static [&'static str],
    pub measure: fn(&mut Bench<'_>),
    /// Returns the targets of a cell.
    pub targets: fn(&Cell) -> Vec<Target>,
}

/// A subject or a peer with its name.
pub type Named<'a> = (&'static str, Box<dyn Subject + 'a>);

/// A workload, the kind of its operands, and the size.
pub type Place<'a> = (&'a str, &'static str, u64);

/// A group that is being measured.
pub struct Bench<'a> {
    pub plan: &'a Plan,
    group: &'static Group,
    pub cells: Vec<Cell>,
}

impl<'a> Bench<'a> {
    /// Creates a bench without cells.
    pub fn new(plan: &'a Plan, group: &'static Group) -> Self {
        let cells = Vec::new();
        Bench { plan, group, cells }
    }

    /// Returns `true` if the plan includes a cell.
    pub fn includes(&self, place: Place<'_>) -> bool {
        let title = self.title(place);
        self.plan.only.iter().all(|part| title.contains(part))
    }

    fn title(&self, (workload, kind, size): Place<'_>) -> String {
        format!(
            "{}: {size} {}, {kind}: {workload}",
            self.group.name, self.group.sizes
        )
    }

    /// Measures the workloads that the plan includes, as [`compare`](Bench::compare) does. `make` is
    /// called only if there is one.
    pub fn compare_each<'s>(
        &mut self,
        workloads: &[&str],
        (kind, size): (&'static str, u64),
        parts: impl Fn(&str) -> u64,
        subjects: usize,
        make: impl FnOnce() -> Vec<Named<'s>>,
    ) {
        let mut workloads = workloads.to_vec();
        workloads.retain(|workload| self.includes((workload, kind, size)));
        if !workloads.is_empty() {
            let mut all = make();
            for workload in workloads {
                self.compare((workload, kind, size), parts(workload), subjects, &mut all);
            }
        }
    }

    /// Measures a cell, if the plan includes it, with each of `all` that has the workload. The first
    /// `subjects` of them are subjects, the others their peers. Times are divided by `parts`.
    pub fn compare(
        &mut self,
        place: Place<'_>,
        parts: u64,
        subjects: usize,
        all: &mut [Named<'_>],
    ) {
        if self.includes(place) {
            let subjects = all[..subjects]
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>();
            let mut found = self.measure(place, all);
            let costs = found.iter_mut().flat_map(|(_, samples)| &mut samples.0);
            costs.for_each(|cost| *cost /= parts as f64);
            self.record(place, "ns", &subjects, &found);
        }
    }

    /// Measures a workload. Returns the samples of each of `all` that has it.
    pub fn measure(&self, place: Place<'_>, all: &mut [Named<'_>]) -> Vec<(&'static str, Samples)> {
        println!("progress: {}", self.title(place));
        let (mut names, mut turns): (Vec<_>, Vec<Turn<'_>>) = Default::default();
        for (name, subject) in all {
            if subject.run(place.0, 1).is_some() {
                let again = "it has the workload";
                names.push(*name);
                turns.push(Box::new(|count| subject.run(place.0, count).expect(again)));
            }
        }
        let samples = runner::measure(self.plan.pace, &mut turns);
        names.into_iter().zip(samples).collect()
    }

    /// Adds a cell for each subject, with all others as peers.
    pub fn record(
        &mut self,
        (workload, kind, size): Place<'_>,
        unit: &str,
        subjects: &[&str],
        found: &[(&'static str, Samples)],
    ) {
        let is_subject = |(name, _): &&(&str, Samples)| subjects.contains(name);
        for (subject, own) in found.iter().filter(is_subject) {
            let peers = found.iter().filter(|one| !is_subject(one));
            let peer = |(name, other): &(&str, Samples)| Peer {
                name: name.to_string(),
                ratio: (other.least() > 0.0).then(|| own.least() / other.least()),
                spread: (own.0.len() > 1).then(|| own.spread(other)),
            };
            let cell = Cell {
                group: self.group.name.into(),
                workload: workload.into(),
                kind: kind.into(),
                size,
                subject: subject.to_string(),
                unit: unit.into(),
                figure: own.least(),
                peers: peers.map(peer).collect(),
            };
            println!("{cell}");
            self.cells.push(cell);
        }
    }

    /// Adds cells of counted figures. The first `subjects` figures are the subjects'.
    pub fn counted(
        &mut self,
        place: Place<'_>,
        unit: &str,
        subjects: usize,
        found: &[(&'static str, f64)],
    ) {
        let names: Vec<_> = found[..subjects].iter().map(|(name, _)| *name).collect();
        let samples = found
            .iter()
            .map(|(name, figure)| (*name, Samples(vec![*figure])));
        self.record(place, unit, &names, &samples.collect::<Vec<_>>());
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::time::Duration;

    /// Returns a minimal plan for tests.
    pub fn plan() -> Plan {
        Plan {
            pace: Pace {
                turn: Duration::from_micros(20),
                rounds: 2,
            },
            quick: true,
            only: Vec::new(),
            files: Vec::new(),
        }
    }

    /// A group whose times may be at most half of those of the best of two peers.
    pub static GROUP: Group = Group {
        name: "maps",
        sizes: "entries",
        libraries: &[],
        peers: &[&["im", "imbl"]],
        shown: Some(100),
        short: &["get"],
        measure: |_| (),
        targets: |cell| match cell.unit == "ns" {
            true => vec![Target::of(GROUP.peers[0], 0.5)],
            false => vec![Target::of(&[], 0.0)],
        },
    };

    #[test]
    fn each_subject_is_compared_with_every_peer_that_has_the_workload() {
        let takes = |cost: u64| -> Box<dyn Subject> {
            Box::new(move |workload: &str, count| {
                (workload == "get" || cost == 1).then(|| Duration::from_millis(cost * count))
            })
        };
        let mut all: [Named<'_>; 3] = [("a", takes(1)), ("b", takes(2)), ("c", takes(4))];
        let plan = Plan {
            only: vec!["10 entries".into()],
            ..plan()
        };
        let mut bench = Bench::new(&plan, &GROUP);
        bench.compare(("get", "u64", 10), 1, 2, &mut all);
        bench.compare(("set", "u64", 10), 10, 1, &mut all);
        bench.compare(("get", "u64", 11), 1, 1, &mut all);
        bench.counted(("bytes", "u64", 10), "bytes", 1, &[("a", 2.0), ("b", 0.0)]);
        let found = bench.cells.iter().map(ToString::to_string);
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                "maps, 10, u64: get: a 1.00 ms; 0.25 (0.25 to 0.25) of c",
                "maps, 10, u64: get: b 2.00 ms; 0.50 (0.50 to 0.50) of c",
                "maps, 10, u64: set: a 100 µs",
                "maps, 10, u64: bytes: a 2.00 bytes; NaN of b",
            ]
        );
    }
}
