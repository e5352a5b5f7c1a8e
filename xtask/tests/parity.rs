//! `docs/parity.md` names a test for each row: each of them must exist.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of the crate that a letter in the document stands for.
fn folder(letter: &str) -> Option<&'static str> {
    match letter {
        "" => Some("module"),
        "c" => Some("contextvars"),
        "t" => Some("threadstate"),
        "h" => Some("hamt"),
        "p" => Some("pyobj"),
        _ => None,
    }
}

/// Whether this is the path of a test, not of a type.
fn is_path(text: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c);
    text.contains("::") && text.chars().all(letters)
}

/// The tests that a row names: the crate's folder and the test's path.
fn named(row: &str) -> Vec<(&'static str, &str)> {
    let parts: Vec<&str> = row.split('`').collect();
    // Odd parts stand in backticks; the part before says whose test it is.
    parts
        .windows(2)
        .step_by(2)
        .filter(|pair| is_path(pair[1]))
        .filter_map(|pair| {
            let before = pair[0].trim_end();
            let letter = before
                .rsplit([' ', ',', '|', ';', ':'])
                .next()
                .unwrap_or("");
            folder(letter).map(|folder| (folder, pair[1]))
        })
        .collect()
}

/// Whether the test stands where its path says.
fn exists(folder: &str, path: &str) -> bool {
    let it = root().join("crates").join(folder).join("tests/it");
    let mut modules: Vec<&str> = path.split("::").collect();
    let Some(name) = modules.pop() else {
        return false;
    };
    let wanted = format!("fn {name}(");
    // A macro makes a module for each host inside the file of its parent.
    while !modules.is_empty() {
        let file = it.join(modules.join("/")).with_extension("rs");
        if let Ok(source) = fs::read_to_string(file) {
            return source.contains(&wanted);
        }
        modules.pop();
    }
    false
}

#[test]
fn every_test_that_the_document_names_exists() {
    let document = fs::read_to_string(root().join("docs/parity.md")).unwrap();
    let tables = document.lines().filter(|line| line.starts_with('|'));
    let named: Vec<_> = tables.flat_map(named).collect();
    assert!(named.len() > 100, "only {} tests are named", named.len());
    let missing: Vec<_> = named
        .iter()
        .filter(|(folder, path)| !exists(folder, path))
        .collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

#[test]
fn each_row_of_a_table_names_a_test_or_a_difference() {
    let document = fs::read_to_string(root().join("docs/parity.md")).unwrap();
    let rows: Vec<_> = document
        .lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("| row |") && !line.starts_with("| --")
        })
        .collect();
    let bare: Vec<_> = rows
        .iter()
        .filter(|row| named(row).is_empty() && !row.contains("difference"))
        .collect();
    assert!(rows.len() > 90, "only {} rows", rows.len());
    assert!(bare.is_empty(), "rows without a test: {bare:#?}");
}
