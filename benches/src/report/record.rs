//! One row of the report: a subject beside one peer.

use serde::{Deserialize, Serialize};

use crate::bound::{Bound, MAY_MISS, Verdict};
use crate::runner::Quartiles;

/// A subject beside one peer in one cell, which is a bench at a size and with kinds of keys and
/// values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The group it belongs to.
    pub group: String,
    /// What was done.
    pub bench: String,
    /// To how many entries.
    pub size: u64,
    /// The kind of the keys.
    pub keys: String,
    /// The kind of the values.
    pub values: String,
    /// Whose operation it was.
    pub subject: String,
    /// Whom it is compared with. Nobody, where nobody else can do it.
    pub peer: Option<String>,
    /// Which peers this one is among: a bound is against the best of them.
    pub field: String,
    /// Whether the peer is the best of its field.
    pub best: bool,
    /// Both figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// The subject's figure over the peer's; of times, the median of the rounds' ratios.
    pub ratio: Option<f64>,
    /// The rounds' ratios, where there were rounds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quartiles: Option<Quartiles>,
    /// What the ratio or the figure may be at most; only beside the best.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bound: Option<Bound>,
    /// Whether it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict: Option<Verdict>,
}

/// A subject's figure and a peer's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figures {
    /// Nanoseconds per operation.
    Time {
        /// The subject's median.
        subject_ns: f64,
        /// The peer's median.
        peer_ns: Option<f64>,
    },
    /// Bytes requested.
    Bytes {
        /// The subject's.
        subject_bytes: f64,
        /// The peer's.
        peer_bytes: Option<f64>,
    },
    /// Calls of the allocator per operation.
    Allocations {
        /// The subject's.
        subject_allocations: f64,
        /// The peer's.
        peer_allocations: Option<f64>,
    },
}

impl Figures {
    /// The subject's figure and the peer's, whatever they count.
    pub fn pair(self) -> (f64, Option<f64>) {
        match self {
            Figures::Time {
                subject_ns,
                peer_ns,
            } => (subject_ns, peer_ns),
            Figures::Bytes {
                subject_bytes,
                peer_bytes,
            } => (subject_bytes, peer_bytes),
            Figures::Allocations {
                subject_allocations,
                peer_allocations,
            } => (subject_allocations, peer_allocations),
        }
    }

    /// What they count, in short.
    pub fn unit(self) -> &'static str {
        match self {
            Figures::Time { .. } => "ns",
            Figures::Bytes { .. } => "bytes",
            Figures::Allocations { .. } => "allocations",
        }
    }
}

/// How a whole report stands to its bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Cells with a bound.
    pub bounded: usize,
    /// Of these, the ones that miss it, badly or not.
    pub missed: usize,
    /// Of those, the ones that miss it badly.
    pub badly: usize,
    /// Of those that miss it, the ones that must not.
    pub strictly: usize,
}

impl Summary {
    /// Counts the verdicts.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Summary {
        let mut found = Summary::default();
        for record in records {
            if let Some((verdict, bound)) = record.verdict.zip(record.bound) {
                let missed = verdict != Verdict::Holds;
                found.bounded += 1;
                found.missed += usize::from(missed);
                found.badly += usize::from(verdict == Verdict::MissesBadly);
                found.strictly += usize::from(missed && bound.strict);
            }
        }
        found
    }

    /// Whether the report is as it must be.
    pub fn holds(&self) -> bool {
        self.badly == 0 && self.strictly == 0 && self.missed * MAY_MISS <= self.bounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(bound: Bound, verdict: Verdict) -> Record {
        Record {
            group: "maps".into(),
            bench: "get hit".into(),
            size: 1_000,
            keys: "handle".into(),
            values: "u64".into(),
            subject: "hamt".into(),
            peer: Some("imbl".into()),
            field: "Arc".into(),
            best: true,
            figures: Figures::Time {
                subject_ns: 1.0,
                peer_ns: Some(2.0),
            },
            ratio: Some(0.5),
            quartiles: None,
            bound: Some(bound),
            verdict: Some(verdict),
        }
    }

    /// A report with so many holding cells and these others.
    fn report(holding: usize, others: &[(Bound, Verdict)]) -> Summary {
        let mut records = vec![record(Bound::of_peer(1.0), Verdict::Holds); holding];
        records.extend(
            others
                .iter()
                .map(|&(bound, verdict)| record(bound, verdict)),
        );
        // A record without a bound counts for nothing.
        let mut report = record(Bound::of_peer(1.0), Verdict::MissesBadly);
        (report.bound, report.verdict) = (None, None);
        records.push(report);
        Summary::of(&records)
    }

    #[test]
    fn one_cell_in_six_may_miss() {
        let miss = (Bound::of_peer(1.0), Verdict::Misses);
        assert!(report(5, &[miss]).holds());
        let worse = report(4, &[miss]);
        assert_eq!((worse.bounded, worse.missed), (5, 1));
        assert!(!worse.holds());
    }

    #[test]
    fn no_cell_may_miss_badly_and_no_strict_one_at_all() {
        assert!(!report(100, &[(Bound::of_peer(1.0), Verdict::MissesBadly)]).holds());
        assert!(!report(100, &[(Bound::of_peer(1.0).strict(), Verdict::Misses)]).holds());
        assert!(report(100, &[(Bound::of_peer(1.0).strict(), Verdict::Holds)]).holds());
    }
}
