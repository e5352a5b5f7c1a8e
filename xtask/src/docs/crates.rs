//! Tests of the statements in manifests and documents about each crate: its dependencies, its `unsafe`.

use std::collections::HashSet;

use toml::{Table, Value};

use super::{FILES, File, text_of};

/// Returns the folders of the crates in `crates/`, and those of the tools.
fn crates() -> Vec<&'static str> {
    let manifests = FILES
        .iter()
        .map(|file| file.path.strip_suffix("/Cargo.toml"));
    let is_below = |folder: &&str| folder.matches('/').count() == 1;
    let is_one = |folder: &&str| is_below(folder) || ["xtask", "benches"].contains(folder);
    let all: Vec<_> = manifests.flatten().filter(is_one).collect();
    assert!(all.len() > 8, "only {} crates", all.len());
    all
}

/// Returns the Rust files below a folder.
fn below(folder: &str) -> impl Iterator<Item = &'static File> + use<> {
    let folder = format!("{folder}/");
    let rust = FILES.iter().filter(|file| file.is("rs"));
    rust.filter(move |file| file.path.starts_with(&folder))
}

/// Returns the names in a table of a crate's manifest, and in the same table of its targets.
fn dependencies(folder: &str, table: &str) -> Vec<String> {
    let manifest: Table = text_of(&format!("{folder}/Cargo.toml")).parse().unwrap();
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values);
    let holders = targets.filter_map(Value::as_table).chain([&manifest]);
    let tables = holders.filter_map(|holder| holder.get(table)?.as_table());
    // A crate depends on itself for its own tests.
    let is_itself = |of: &Value| of.get("path").and_then(Value::as_str) == Some(".");
    let names = tables.flatten().filter(|(_, of)| !is_itself(of));
    names.map(|(name, _)| name.replace('-', "_")).collect()
}

#[test]
fn every_dependency_is_used() {
    let mut unused = Vec::new();
    for folder in crates() {
        let mut check = |table, folders: &[&str]| {
            let all = folders.iter().map(|name| format!("{folder}/{name}"));
            let files = all.flat_map(|folder| below(&folder));
            let words: HashSet<_> = files.flat_map(File::words).collect();
            let mut names = dependencies(folder, table);
            names.retain(|name| !words.contains(&**name));
            unused.extend(names.into_iter().map(|name| (folder, name)));
        };
        check("dependencies", &["src"]);
        check("dev-dependencies", &["src", "tests", "examples", "benches"]);
    }
    assert!(unused.is_empty(), "unused dependencies: {unused:#?}");
}

/// Each arrow of the drawing names the crate that it comes from and the one that it leads to.
#[test]
fn the_drawing_shows_which_crate_depends_on_which() {
    let arrows = text_of("docs/crates.svg").split("data-from=\"").skip(1);
    let arrows: Vec<(&str, &str)> = arrows
        .filter_map(|arrow| {
            let (from, rest) = arrow.split_once("\" data-to=\"")?;
            Some((from, rest.split_once('"')?.0))
        })
        .collect();
    let mut libraries = crates();
    libraries.retain(|folder| folder.starts_with("crates/"));
    for folder in &libraries {
        let mut wanted = dependencies(folder, "dependencies");
        wanted.retain(|name| libraries.contains(&&*format!("crates/{name}")));
        wanted.sort();
        let name = folder.trim_start_matches("crates/");
        let of_crate = arrows.iter().filter(|arrow| arrow.0 == name);
        let mut shown: Vec<&str> = of_crate.map(|arrow| arrow.1).collect();
        shown.sort();
        assert_eq!(shown, wanted, "the arrows of {folder} in docs/crates.svg");
    }
}

#[test]
fn a_library_without_unsafe_code_forbids_it() {
    let mut wrong = crates();
    wrong.retain(|folder| {
        let readme = format!("{folder}/README.md");
        let readme = FILES.iter().find(|file| file.path == readme);
        readme.is_some_and(|File { text: readme, .. }| {
            let library = text_of(&format!("{folder}/src/lib.rs"));
            let forbids = library.contains("#![forbid(unsafe_code)]");
            let promises = readme.contains("No `unsafe`") || !readme.contains("`unsafe`");
            let mut files = below(&format!("{folder}/src"));
            let has = files.any(|file| file.words().contains("unsafe"));
            promises && !forbids || forbids && has
        })
    });
    assert!(wrong.is_empty(), "`unsafe` is not forbidden in: {wrong:#?}");
}

/// The ninth invariant lists the modules that may have unsafe code.
#[test]
fn the_modules_with_unsafe_code_are_those_that_the_architecture_names() {
    let mut lines = text_of("docs/architecture.md").lines();
    let row = lines.find(|line| line.starts_with("| 9 |")).unwrap();
    let named: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
    let allows =
        |line: &str| line.trim_start().starts_with('#') && line.contains("allow(unsafe_code)");
    let mut missing = Vec::new();
    for folder in crates() {
        for file in below(&format!("{folder}/src")) {
            let inside = &file.path[folder.len()..];
            let mut parts = inside.trim_end_matches(".rs").split('/');
            if file.text.lines().any(allows) && !parts.any(|part| named.contains(&part)) {
                missing.push(&file.path);
            }
        }
    }
    assert!(missing.is_empty(), "not in row 9: {missing:#?}");
}
