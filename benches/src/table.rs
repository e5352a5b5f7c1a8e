//! A report as a table of text.

use crate::bound::{Limit, Verdict};
use crate::figure;
use crate::report::{Record, Run, Summary};

const HEAD: [&str; 10] = [
    "bench", "size", "keys", "values", "subject", "peer", "own", "peer's", "ratio", "bound",
];

/// Lays a report out: a line beside the best peer of each field, or beside every peer if `all`.
/// At the end every miss once more.
pub fn render(run: &Run, records: &[Record], all: bool) -> String {
    let shown = records.iter().filter(|record| all || record.best);
    let rows: Vec<[String; 10]> = shown.map(cells).collect();
    let missed = records
        .iter()
        .filter(|record| !matches!(record.verdict, None | Some(Verdict::Holds)));
    let missed: Vec<[String; 10]> = missed.map(cells).collect();
    let mut text = layout(HEAD, &rows);
    text.push_str(&format!("\n{}, {}\n", run.machine, run.date));
    if !missed.is_empty() {
        text.push_str(&format!("\nmissed:\n{}", layout(HEAD, &missed)));
    }
    text.push_str(&format!("\n{}\n", standing(records)));
    text
}

/// How records stand to their bounds, in a line.
pub fn standing<'a>(records: impl IntoIterator<Item = &'a Record>) -> String {
    let found = Summary::of(records);
    let verdict = if found.holds() {
        "The table holds"
    } else {
        "The table does not hold"
    };
    let Summary {
        bounded,
        missed,
        badly,
        strictly,
    } = found;
    format!(
        "{verdict}: of {bounded} bounded cells {missed} miss, {badly} of them badly and {strictly} \
         where none may."
    )
}

fn cells(record: &Record) -> [String; 10] {
    let (own, peers) = record.figures.pair();
    let unit = record.figures.unit();
    let ratio = record.ratio.map(|ratio| match record.quartiles {
        Some(all) => format!("{ratio:.2} ({:.2} to {:.2})", all.lower, all.upper),
        None => format!("{ratio:.2}"),
    });
    let bound = record.bound.zip(record.verdict).map(|(bound, verdict)| {
        let limit = match bound.limit {
            Limit::OfPeer(share) => format!("{share:.1}"),
            Limit::Itself(most) => figure::display(most, unit),
        };
        match verdict {
            Verdict::Holds => format!("{limit} holds"),
            Verdict::Misses => format!("{limit} MISS"),
            Verdict::MissesBadly => format!("{limit} BAD MISS"),
        }
    });
    [
        record.bench.clone(),
        figure::count(record.size),
        record.keys.clone(),
        record.values.clone(),
        record.subject.clone(),
        record.peer.clone().unwrap_or_default(),
        figure::display(own, unit),
        peers.map_or(String::new(), |peers| figure::display(peers, unit)),
        ratio.unwrap_or_default(),
        bound.unwrap_or_default(),
    ]
}

/// Lays out `rows` under `head`, each column as wide as its widest cell.
fn layout<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&head.map(String::from)).chain(rows) {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::Bound;
    use crate::report::{Cell, Entrant, judge};
    use crate::runner::Samples;

    fn report() -> (Run, Vec<Record>) {
        let entrant = |name, field| Entrant { name, field };
        let samples = |figure| Samples::new(vec![figure; 3]);
        let cell = Cell {
            group: "maps",
            bench: "get".into(),
            size: 1_000,
            keys: "handle",
            values: "u64",
            bounds: vec![("Arc", Bound::of_peer(0.5))],
        };
        let measured = [
            (entrant("ours", "Arc"), samples(6.0)),
            (entrant("slow", "Arc"), samples(2_000.0)),
            (entrant("fast", "Arc"), samples(10.0)),
        ];
        let run = Run {
            quick: false,
            only: Vec::new(),
            date: "2026-01-02".into(),
            machine: "a machine".into(),
            versions: Default::default(),
        };
        (run, judge(&cell, &measured))
    }

    #[test]
    fn the_best_peer_has_a_line_and_a_miss_another() {
        let (run, records) = report();
        let text = render(&run, &records, false);
        let line = "get    1,000  handle  u64     ours     fast  6.00 ns  10.0 ns  \
                    0.60 (0.60 to 0.60)  0.5 MISS\n";
        assert_eq!(text.matches(line).count(), 2, "{text}");
        assert!(!text.contains("slow"), "{text}");
        assert!(
            text.ends_with("of 1 bounded cells 1 miss, 0 of them badly and 0 where none may.\n")
        );
        assert!(text.contains("The table does not hold"), "{text}");
    }

    #[test]
    fn every_peer_has_a_line_when_all_are_wanted() {
        let (run, records) = report();
        let text = render(&run, &records, true);
        assert!(text.contains("slow  6.00 ns  2.00 µs  0.00"), "{text}");
    }
}
