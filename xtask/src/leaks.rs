//! `cargo xtask leaks`: counts leaked objects that refer to each other through contexts, in several
//! shapes, on each host.

use xshell::{Shell, cmd};

use crate::conformance::{cases, script};
use crate::hosts::{BOA, RUSTPYTHON};
use crate::progress::Progress;
use crate::step::{Step, each, watch};
use crate::{Result, table};

/// The Python program that prints how many values of each shape are alive.
pub const PROGRAM: &str = "leaks.py";

pub fn main() -> Result<()> {
    each(&[Step::new("leaks", run)], "cargo xtask leaks")
}

fn run(sh: &Shell, progress: &Progress) -> Result<String> {
    let program = script(PROGRAM);
    let mut printed = Vec::new();
    for case in cases(sh, progress)? {
        let alive = watch(case.over_ours().arg(&program), progress)?;
        printed.push((format!("CPython {}", case.name), alive));
    }
    for (name, host, program) in [
        ("RustPython", RUSTPYTHON, program),
        ("Boa", BOA, "crates/host-boa/tests/leaks.js".into()),
    ] {
        let host = host.build(sh)?;
        let alive = watch(cmd!(sh, "{host} {program}"), progress)?;
        printed.push((name.to_owned(), alive));
    }
    let mut rows = Vec::new();
    for (host, alive) in &printed {
        let shapes = alive.lines().filter_map(|line| line.split_once("  "));
        rows.extend(shapes.map(|(alive, shape)| [shape, host, alive].map(str::to_owned)));
    }
    rows.sort();
    progress.print(table::layout(["shape", "host", "alive"], &rows).trim_end());
    let alive: String = printed.into_iter().map(|(_, alive)| alive).collect();
    none(&alive)
}

/// Checks that no line reports a leaked value. Returns the number of lines.
pub fn none(printed: &str) -> Result<String> {
    match printed.lines().find(|line| !line.starts_with("0 of ")) {
        Some(line) => Err(format!("values leak: {line}").into()),
        None if printed.is_empty() => Err("nothing was printed".into()),
        None => Ok(format!("{} shapes, 0 alive", printed.lines().count())),
    }
}
