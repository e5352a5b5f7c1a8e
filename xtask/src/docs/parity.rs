//! `docs/parity.md` names tests for each row. Each of them must exist.

use super::{FILES, text_of};

/// Returns the folder of the crate for which a letter in the document stands.
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

/// Returns `true` if this is the path of a test, not of a type.
fn is_path(text: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c);
    text.contains("::") && text.chars().all(letters)
}

/// Returns the tests that a row names: the crate's folder and the test's path.
fn named(row: &str) -> Vec<(&'static str, &str)> {
    let parts: Vec<&str> = row.split('`').collect();
    // Odd parts are in backticks; the letter before says which crate has the test.
    let pairs = parts.windows(2).step_by(2);
    let tests = pairs.filter(|pair| is_path(pair[1])).filter_map(|pair| {
        let letter = pair[0].trim_end().rsplit([' ', ',', '|', ';', ':']).next();
        Some((folder(letter.unwrap_or_default())?, pair[1]))
    });
    tests.collect()
}

/// Returns `true` if the test exists.
fn exists(folder: &str, path: &str) -> bool {
    let (mut modules, name) = path.rsplit_once("::").unwrap_or(("", path));
    let wanted = format!("fn {name}(");
    // A macro creates a module for each host in the file of its parent.
    loop {
        let path = format!("crates/{folder}/tests/it/{}.rs", modules.replace("::", "/"));
        match FILES.iter().find(|file| file.path == path) {
            Some(file) => return file.text.contains(&wanted),
            None if modules.is_empty() => return false,
            None => modules = modules.rsplit_once("::").map_or("", |(parent, _)| parent),
        }
    }
}

#[test]
fn each_row_of_a_table_names_a_test_that_exists_or_a_difference() {
    let (mut bare, mut missing, mut rows, mut tests) = (Vec::new(), Vec::new(), 0, 0);
    let lines = text_of("docs/parity.md").lines();
    for row in lines.filter(|line| line.starts_with('|')) {
        let named = named(row);
        tests += named.len();
        if row.starts_with("| ") && !row.starts_with("| row |") && !row.starts_with("| --") {
            rows += 1;
            bare.extend((named.is_empty() && !row.contains("difference")).then_some(row));
        }
        let named = named.into_iter();
        missing.extend(named.filter(|(folder, path)| !exists(folder, path)));
    }
    assert!(rows > 90 && tests > 100, "{rows} rows, {tests} tests");
    assert!(bare.is_empty(), "rows without a test: {bare:#?}");
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}
