//! What manifests and documents say of the code of each crate: its dependencies, its `unsafe`.

use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folders of the crates below `crates/`, and those of the tools.
fn crates() -> Vec<PathBuf> {
    let libraries = fs::read_dir(root().join("crates")).unwrap();
    let libraries = libraries.map(|entry| entry.unwrap().path());
    let tools = ["xtask", "benches", "benches/instructions"].map(|tool| root().join(tool));
    let all: Vec<_> = libraries.chain(tools).collect();
    assert!(all.len() > 8, "only {} crates", all.len());
    all
}

/// The Rust files in `folder` and below, with their text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = read(&path);
            found.push((path, text));
        }
    }
    found
}

/// Whether `word` is in the code, outside of comments.
fn has_word(text: &str, word: &str) -> bool {
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""));
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.flat_map(|line| line.split(|c| !letters(c)))
        .any(|found| found == word)
}

/// The names in the tables of this name of a manifest, those of targets too.
fn dependencies(manifest: &str, table: &str) -> Vec<String> {
    let manifest: Table = manifest.parse().expect("a manifest is TOML");
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values);
    let holders = targets
        .filter_map(Value::as_table)
        .chain(std::iter::once(&manifest));
    let tables = holders.filter_map(|holder| holder.get(table)?.as_table());
    // A crate depends on itself for its own tests.
    let is_itself = |of: &Value| of.get("path").and_then(Value::as_str) == Some(".");
    let names = tables
        .flatten()
        .filter(|(_, of)| !is_itself(of))
        .map(|(name, _)| name.replace('-', "_"));
    names.collect()
}

#[test]
fn every_dependency_is_used() {
    let mut unused = Vec::new();
    for folder in crates() {
        let manifest = read(&folder.join("Cargo.toml"));
        let mut check = |table: &str, folders: &[&str]| {
            let files: Vec<_> = folders
                .iter()
                .flat_map(|name| sources(&folder.join(name)))
                .collect();
            for name in dependencies(&manifest, table) {
                if !files.iter().any(|(_, text)| has_word(text, &name)) {
                    unused.push(format!("{}: {name}", folder.display()));
                }
            }
        };
        check("dependencies", &["src"]);
        check("dev-dependencies", &["src", "tests", "examples", "benches"]);
    }
    assert!(
        unused.is_empty(),
        "dependencies that no code names: {unused:#?}"
    );
}

/// Each line of the picture is a crate, an arrow and what it depends on.
#[test]
fn the_readme_shows_which_crate_depends_on_which() {
    let readme = read(&root().join("README.md"));
    let shown = |name: &str| -> Vec<String> {
        let line = readme.lines().find_map(|line| {
            let (from, to) = line.split_once("──►")?;
            (from.trim() == name).then_some(to)
        });
        let names = line
            .unwrap_or_default()
            .split(',')
            .map(|name| name.trim().to_owned());
        names.filter(|name| !name.is_empty()).collect()
    };
    let ours = |name: &String| root().join("crates").join(name).exists();
    for folder in crates() {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if ours(&name) {
            let manifest = read(&folder.join("Cargo.toml"));
            let mut wanted = dependencies(&manifest, "dependencies");
            wanted.retain(ours);
            wanted.sort();
            assert_eq!(shown(&name), wanted, "the README's arrow of {name}");
        }
    }
}

#[test]
fn a_library_without_unsafe_code_forbids_it() {
    let mut wrong = Vec::new();
    for folder in crates() {
        let Ok(readme) = fs::read_to_string(folder.join("README.md")) else {
            continue;
        };
        let files = sources(&folder.join("src"));
        let forbids = read(&folder.join("src/lib.rs")).contains("#![forbid(unsafe_code)]");
        let promises = readme.contains("No `unsafe`") || !readme.contains("`unsafe`");
        if promises && !forbids || forbids && files.iter().any(|(_, text)| has_word(text, "unsafe"))
        {
            wrong.push(folder);
        }
    }
    assert!(
        wrong.is_empty(),
        "no `unsafe` in the README, but not forbidden: {wrong:#?}"
    );
}

/// The ninth invariant lists the modules that may have unsafe code.
#[test]
fn the_modules_with_unsafe_code_are_those_that_the_architecture_names() {
    let document = read(&root().join("docs/architecture.md"));
    let row = document
        .lines()
        .find(|line| line.starts_with("| 9 |"))
        .unwrap();
    let named: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
    let mut missing = Vec::new();
    for folder in crates() {
        for (path, text) in sources(&folder.join("src")) {
            let inside = path.strip_prefix(&folder).unwrap();
            let is_named = inside
                .with_extension("")
                .iter()
                .any(|part| named.iter().any(|name| part == *name));
            if text.contains("allow(unsafe_code)") && !is_named {
                missing.push(path);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "not named in the ninth invariant: {missing:#?}"
    );
}
