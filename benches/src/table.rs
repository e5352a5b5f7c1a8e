//! A report as a table of text.

use crate::bound::{Limit, Verdict};
use crate::report::{Record, Run, Summary};

const HEAD: [&str; 10] = [
    "bench", "size", "keys", "values", "subject", "peer", "own", "peer's", "ratio", "bound",
];

/// Lays a report out: a line beside the best peer of each field, or beside every peer if `all`.
pub fn render(run: &Run, records: &[Record], all: bool) -> String {
    let shown = records.iter().filter(|record| all || record.best);
    let rows: Vec<[String; 10]> = shown.map(cells).collect();
    let table = layout(HEAD, &rows);
    format!(
        "{}\n{}, {}\n{}\n",
        table,
        run.machine,
        run.date,
        summary(records)
    )
}

fn cells(record: &Record) -> [String; 10] {
    let (own, peers) = record.figures.pair();
    let unit = record.figures.unit();
    let ratio = record
        .ratio
        .map_or(String::new(), |ratio| match record.quartiles {
            Some(all) => format!("{ratio:.2} ({:.2} to {:.2})", all.lower, all.upper),
            None => format!("{ratio:.2}"),
        });
    let bound = record.bound.zip(record.verdict).map(|(bound, verdict)| {
        let limit = match bound.limit {
            Limit::OfPeer(share) => format!("{share:.1}"),
            Limit::Itself(figure) => format!("{figure} {unit}"),
        };
        match verdict {
            Verdict::Holds => format!("{limit} holds"),
            Verdict::Misses => format!("{limit} MISS"),
            Verdict::MissesBadly => format!("{limit} BAD MISS"),
        }
    });
    [
        record.bench.clone(),
        record.size.to_string(),
        record.keys.clone(),
        record.values.clone(),
        record.subject.clone(),
        record.peer.clone().unwrap_or_default(),
        format!("{} {unit}", significant(own)),
        peers.map_or(String::new(), |figure| {
            format!("{} {unit}", significant(figure))
        }),
        ratio,
        bound.unwrap_or_default(),
    ]
}

/// A figure with the digits that mean something.
fn significant(figure: f64) -> String {
    if figure < 10.0 {
        format!("{figure:.2}")
    } else if figure < 100.0 {
        format!("{figure:.1}")
    } else {
        format!("{figure:.0}")
    }
}

/// How the report stands, with every miss by name.
fn summary(records: &[Record]) -> String {
    let found = Summary::of(records);
    let verdict = if found.holds() {
        "holds"
    } else {
        "does not hold"
    };
    let mut text = format!(
        "The table {verdict}: of {} bounded cells {} miss, {} of them badly, {} where none may.\n",
        found.bounded, found.missed, found.badly, found.strictly
    );
    for record in records {
        if !matches!(record.verdict, None | Some(Verdict::Holds)) {
            text.push_str(&format!("  {}\n", cells(record).join(", ")));
        }
    }
    text
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
