//! Makes records of what was measured in one cell.

use super::{Figures, Record};
use crate::bound::Bound;
use crate::runner::{Quartiles, Samples};

/// A bench at one size with one kind of keys and values, and what is asked of the subject there.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The group it belongs to.
    pub group: &'static str,
    /// What is done.
    pub bench: String,
    /// To how many entries.
    pub size: u64,
    /// The kind of the keys.
    pub keys: &'static str,
    /// The kind of the values.
    pub values: &'static str,
    /// A bound against the best peer of each field named.
    pub bounds: Vec<(&'static str, Bound)>,
}

/// Somebody who was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// The library, as its users call it.
    pub name: &'static str,
    /// The peers it is among.
    pub field: &'static str,
}

/// What somebody needed: figures that can be compared.
pub trait Figure {
    /// The figures of a subject, beside a peer's if there is one.
    fn figures(&self, peer: Option<&Self>) -> Figures;

    /// How the rounds compare, where there were rounds.
    fn quartiles(&self, peer: &Self) -> Option<Quartiles>;
}

impl Figure for Samples {
    fn figures(&self, peer: Option<&Samples>) -> Figures {
        Figures::Time {
            subject_ns: self.quartiles().median,
            peer_ns: peer.map(|peer| peer.quartiles().median),
        }
    }

    fn quartiles(&self, peer: &Samples) -> Option<Quartiles> {
        Some(self.over(peer))
    }
}

/// Bytes requested.
#[derive(Clone, Copy, Debug)]
pub struct Bytes(pub f64);

impl Figure for Bytes {
    fn figures(&self, peer: Option<&Bytes>) -> Figures {
        Figures::Bytes {
            subject_bytes: self.0,
            peer_bytes: peer.map(|peer| peer.0),
        }
    }

    fn quartiles(&self, _: &Bytes) -> Option<Quartiles> {
        None
    }
}

/// Calls of the allocator.
#[derive(Clone, Copy, Debug)]
pub struct Allocations(pub f64);

impl Figure for Allocations {
    fn figures(&self, peer: Option<&Allocations>) -> Figures {
        Figures::Allocations {
            subject_allocations: self.0,
            peer_allocations: peer.map(|peer| peer.0),
        }
    }

    fn quartiles(&self, _: &Allocations) -> Option<Quartiles> {
        None
    }
}

/// Holds the first of `measured`, the subject, against each of the others: a record for each, or
/// a single one without a peer. A field's best is the peer with the least figure.
pub fn judge<F: Figure>(cell: &Cell, measured: &[(Entrant, F)]) -> Vec<Record> {
    let Some(((subject, own), peers)) = measured.split_first() else {
        return Vec::new();
    };
    let cost = |figure: &F| figure.figures(None).pair().0;
    let is_best = |entrant: Entrant, figure: &F| {
        let mut rivals = peers
            .iter()
            .filter(|(rival, _)| rival.field == entrant.field);
        rivals.all(|(_, rival)| cost(figure) <= cost(rival))
    };
    let record = |peer: Option<&(Entrant, F)>| {
        let figures = own.figures(peer.map(|(_, figure)| figure));
        let quartiles = peer.and_then(|(_, figure)| own.quartiles(figure));
        let (figure, other) = figures.pair();
        let exact = other
            .filter(|other| *other > 0.0)
            .map(|other| figure / other);
        let ratio = quartiles.map(|ratios| ratios.median).or(exact);
        let field = peer.map_or(subject.field, |(entrant, _)| entrant.field);
        let best = peer.is_none_or(|(entrant, figure)| is_best(*entrant, figure));
        let bounds = cell
            .bounds
            .iter()
            .filter(|(bounded, _)| best && *bounded == field);
        let bound = bounds.map(|(_, bound)| *bound).next();
        Record {
            group: cell.group.into(),
            bench: cell.bench.clone(),
            size: cell.size,
            keys: cell.keys.into(),
            values: cell.values.into(),
            subject: subject.name.into(),
            peer: peer.map(|(entrant, _)| entrant.name.into()),
            field: field.into(),
            best,
            figures,
            ratio,
            quartiles,
            bound,
            verdict: bound.map(|bound| bound.judge(figure, ratio)),
        }
    };
    if peers.is_empty() {
        return vec![record(None)];
    }
    peers.iter().map(|peer| record(Some(peer))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::Verdict;

    const OURS: Entrant = Entrant {
        name: "ours",
        field: "ours",
    };

    fn peer(name: &'static str, field: &'static str) -> Entrant {
        Entrant { name, field }
    }

    fn cell(bounds: Vec<(&'static str, Bound)>) -> Cell {
        Cell {
            group: "maps",
            bench: "get".into(),
            size: 10,
            keys: "u64",
            values: "u64",
            bounds,
        }
    }

    #[test]
    fn a_bound_is_against_the_best_of_its_field() {
        let cell = cell(vec![
            ("Arc", Bound::of_peer(0.5)),
            ("C", Bound::of_peer(1.0)),
        ]);
        let samples = |figure| Samples::new(vec![figure; 3]);
        let records = judge(
            &cell,
            &[
                (OURS, samples(6.0)),
                (peer("slow", "Arc"), samples(20.0)),
                (peer("fast", "Arc"), samples(10.0)),
                (peer("python", "C"), samples(6.0)),
            ],
        );
        let found = records.iter().map(|record| {
            let peer = record.peer.as_deref().unwrap();
            (peer, record.best, record.ratio.unwrap(), record.verdict)
        });
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                ("slow", false, 0.3, None),
                ("fast", true, 0.6, Some(Verdict::Misses)),
                ("python", true, 1.0, Some(Verdict::Holds)),
            ]
        );
    }

    #[test]
    fn a_ratio_of_times_is_the_median_of_the_rounds() {
        let own = Samples::new(vec![1.0, 10.0, 4.0]);
        let other = Samples::new(vec![4.0, 2.0, 8.0]);
        let records = judge(&cell(vec![]), &[(OURS, own), (peer("x", "Arc"), other)]);
        // Not the medians' ratio, which is 1.
        assert_eq!(records[0].ratio, Some(0.5));
        assert_eq!(records[0].quartiles.unwrap().upper, 2.75);
        assert_eq!(records[0].figures.pair(), (4.0, Some(4.0)));
    }

    #[test]
    fn without_a_peer_a_figure_can_still_be_bounded() {
        let cell = cell(vec![("ours", Bound::itself(0.0))]);
        let of = |count| judge(&cell, &[(OURS, Allocations(count))])[0].clone();
        assert_eq!(of(0.0).verdict, Some(Verdict::Holds));
        assert_eq!(of(1.0).verdict, Some(Verdict::MissesBadly));
        assert_eq!(of(1.0).peer, None);
    }
}
