//! The tables of a section: rows are benches, columns are sizes.

use crate::bound::{Limit, Verdict};
use crate::figure;
use crate::report::Record;

/// Renders a table for each subject, field and kind of keys and values.
pub fn render(records: &[&Record]) -> String {
    let mut text = String::new();
    for of_field in parts(records, |record| (&record.subject, &record.field)) {
        let first = of_field[0];
        let peers = distinct(&of_field, |record| record.peer.as_deref()).into_iter();
        let peers: Vec<_> = peers.flatten().collect();
        text.push_str(&format!(
            "### {} beside {}\n\n",
            first.subject,
            peers.join(", ")
        ));
        for of_kind in parts(&of_field, |record| (&record.keys, &record.values)) {
            text.push_str(&table(&of_kind));
            text.push('\n');
        }
    }
    text
}

/// The records in parts of the same key, in the order in which the keys come.
fn parts<'a, K: PartialEq>(
    records: &[&'a Record],
    key: impl Fn(&'a Record) -> K,
) -> Vec<Vec<&'a Record>> {
    let keys = distinct(records, &key);
    let of = |wanted: K| {
        records
            .iter()
            .copied()
            .filter(|record| key(record) == wanted)
            .collect()
    };
    keys.into_iter().map(of).collect()
}

/// The keys of the records, each once, in the order in which they come.
fn distinct<'a, K: PartialEq>(records: &[&'a Record], key: impl Fn(&'a Record) -> K) -> Vec<K> {
    let mut keys = Vec::new();
    for record in records {
        let key = key(record);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// One table: what is best in its field, with the bound.
fn table(records: &[&Record]) -> String {
    let best: Vec<&Record> = records
        .iter()
        .copied()
        .filter(|record| record.best)
        .collect();
    let mut sizes = distinct(&best, |record| record.size);
    sizes.sort_unstable();
    let first = best[0];
    let mut text = format!("| {} to {} | bound |", first.keys, first.values);
    for size in &sizes {
        text.push_str(&format!(" {} |", figure::count(*size)));
    }
    text.push_str(&format!(
        "\n| --- | --- |{}\n",
        " --- |".repeat(sizes.len())
    ));
    for row in parts(&best, |record| &record.bench) {
        // A bound may be another one where there is little to gain.
        let limits = distinct(&row, |record| record.bound.map(|bound| bound.limit));
        let limits: Vec<_> = limits.into_iter().flatten().map(limit).collect();
        text.push_str(&format!("| {} | {} |", row[0].bench, limits.join(", ")));
        for size in &sizes {
            let record = row.iter().find(|record| record.size == *size);
            let cell = record.map(|record| cell(record)).unwrap_or_default();
            text.push_str(&format!(" {cell} |"));
        }
        text.push('\n');
    }
    text
}

/// A limit as readers read it.
fn limit(limit: Limit) -> String {
    match limit {
        Limit::OfPeer(share) => format!("{share:.1}"),
        Limit::Itself(most) => format!("{most}"),
    }
}

/// The subject's figure, and what it is of the best peer's. A miss is bold.
fn cell(record: &Record) -> String {
    let own = figure::display(record.figures.pair().0, record.figures.unit());
    let beside = record.ratio.zip(record.peer.as_ref());
    let text = match beside {
        Some((ratio, peer)) => format!("{own}, {ratio:.2} of {peer}"),
        None => own,
    };
    match record.verdict {
        None | Some(Verdict::Holds) => text,
        Some(Verdict::Misses | Verdict::MissesBadly) => format!("**{text}**"),
    }
}
