//! The `clippy.toml` for users in `lints/`.

use std::collections::BTreeSet;
use std::process::Command;

/// Runs clippy with this file over a program that calls each forbidden method.
#[test]
#[cfg_attr(miri, ignore = "Miri starts no processes")]
fn the_lints_forbid_every_bare_spawn() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/lints");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["clippy", "--offline", "--all-features", "--example", "bare"])
        .args(["--message-format", "short"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CLIPPY_CONF_DIR", folder)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let forbidden: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("bare.rs:") && line.contains("disallowed method"))
        .collect();
    let lines = |marked: &dyn Fn(&str) -> bool| -> BTreeSet<usize> {
        let sample = read("bare.rs");
        let marked = sample.lines().zip(1..).filter(|(line, _)| marked(line));
        marked.map(|(_, number)| number).collect()
    };
    let found = forbidden
        .iter()
        .map(|line| line.split(':').nth(1).unwrap().parse().unwrap());
    assert_eq!(
        found.collect::<BTreeSet<usize>>(),
        lines(&|line| line.contains("// forbidden")),
        "{text}"
    );
    // Each entry of `clippy.toml` is covered by a line of the program.
    let entries = read("clippy.toml").matches("{ path =").count();
    let paths: BTreeSet<&str> = forbidden
        .iter()
        .map(|line| line.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(paths.len(), entries, "{text}");
}
