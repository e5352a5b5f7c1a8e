//! Makes each mutation in a copy of the workspace, and runs the model that must catch it.

use std::fmt;
use std::time::Duration;

use xshell::Shell;

use super::models::Model;
use super::tree::{Checked, Tree, Verdict};
use crate::progress::Progress;
use crate::test_output::panic_message;
use crate::{Result, table, workspace};

/// A model that takes longer than this with a mutation in it hangs.
const LIMIT: Duration = Duration::from_secs(300);

/// What became of a mutation. Only `Caught` is as it should be.
enum Fate {
    /// Carries what the model said.
    Caught(String),
    /// The model ended in another way.
    Missed(Verdict),
}

impl Fate {
    fn of(checked: &Checked) -> Fate {
        match (checked.verdict, panic_message(&checked.output)) {
            (Verdict::Broken, Some(message)) => Fate::Caught(message.into()),
            (verdict, _) => Fate::Missed(verdict),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Caught(message) => write!(f, "caught: {message}"),
            Fate::Missed(Verdict::Holds) => f.write_str("SURVIVED"),
            Fate::Missed(verdict) => write!(f, "NOT CAUGHT: {verdict}"),
        }
    }
}

/// Tries the mutations of `models`, in a copy of the workspace; each must be caught.
pub fn main(models: &[&Model], preemptions: u32) -> Result<()> {
    let target = workspace::target().join("mutants");
    let sh = Shell::new()?;
    workspace::copy(&sh, &workspace::root(), &target.join("tree"))?;
    let tree = Tree::new(&target.join("tree"), target.join("target"))?;
    try_all(&tree, models, preemptions)
}

fn try_all(tree: &Tree, models: &[&Model], preemptions: u32) -> Result<()> {
    let steps = models.iter().map(|model| 1 + model.mutants.len()).sum();
    let mut step = 0;
    let mut start = |name: &str| {
        step += 1;
        Progress::start(step, steps, name)
    };
    let mut rows = Vec::new();
    let mut missed = Vec::new();
    for model in models {
        // A model that fails by itself would seem to catch everything.
        let progress = start(&format!("{}, unchanged", model.name));
        let checked = tree.check(model, preemptions, LIMIT, &progress)?;
        progress.print(&format!("{}: {}", model.name, checked.closing_line()));
        if checked.verdict != Verdict::Holds {
            progress.print(&checked.output);
            let Model { name, .. } = model;
            return Err(format!("model `{name}` without a mutation: {}", checked.verdict).into());
        }
        rows.push([
            "(none)".into(),
            model.name.into(),
            String::new(),
            "ok".into(),
        ]);
        for mutant in model.mutants {
            let progress = start(&format!("{} with {}", model.name, mutant.name));
            let checked = mutant.planted(tree.files(), || {
                tree.check(model, preemptions, LIMIT, &progress)
            })?;
            let fate = Fate::of(&checked);
            if !matches!(fate, Fate::Caught(_)) {
                progress.print(&checked.output);
                missed.push(mutant.name);
            }
            progress.print(&format!("{} with {}: {fate}", model.name, mutant.name));
            let cells = [mutant.name, model.name, mutant.breaks].map(String::from);
            let [name, model, breaks] = cells;
            rows.push([name, model, breaks, fate.to_string()]);
        }
    }
    println!(
        "\n{}",
        table::layout(["mutant", "model", "breaks", "result"], &rows)
    );
    if missed.is_empty() {
        return Ok(());
    }
    Err(format!("not caught: {}", missed.join(", ")).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    const MODEL: Model = Model {
        name: "sum",
        package: "tiny",
        shows: "two and two are four",
        mutants: &[SUBTRACTS],
    };

    const SUBTRACTS: Fault = fault("a + b", "a - b");

    /// A package with one "model", an ordinary test: what is on trial here is the machinery.
    fn tiny(sh: &Shell) {
        let manifest = "[package]\nname = \"tiny\"\nedition = \"2024\"\n[workspace]\n";
        sh.write_file("tree/Cargo.toml", manifest).unwrap();
        let code = "pub fn sum(a: u8, b: u8) -> u8 { a + b }\npub const UNUSED: u8 = 1;\n";
        sh.write_file("tree/src/lib.rs", code).unwrap();
        let model = "#[test] fn sum() { assert_eq!(tiny::sum(2, 2), 4, \"no sum\"); }\n";
        sh.write_file("tree/tests/loom.rs", model).unwrap();
    }

    const fn fault(find: &'static str, replace: &'static str) -> Fault {
        Fault {
            name: "m",
            file: "src/lib.rs",
            find,
            replace,
            breaks: "the sum",
        }
    }

    #[test]
    fn only_a_model_that_ran_and_failed_has_caught_a_mutation() {
        let sh = Shell::new().unwrap();
        let dir = sh.create_temp_dir().unwrap();
        sh.change_dir(dir.path());
        tiny(&sh);
        let tree = Tree::new(&dir.path().join("tree"), dir.path().join("target")).unwrap();
        let progress = Progress::start(1, 1, "tiny");
        let fate = |model: &Model, find, replace| {
            let check = || tree.check(model, 2, LIMIT, &progress);
            let checked = fault(find, replace).planted(tree.files(), check);
            Fate::of(&checked.unwrap()).to_string()
        };

        let caught = fate(&MODEL, "a + b", "a - b");
        assert!(caught.starts_with("caught: "), "{caught}");
        assert!(caught.ends_with("no sum"), "{caught}");
        assert_eq!(fate(&MODEL, "= 1", "= 2"), "SURVIVED");
        assert_eq!(fate(&MODEL, "a + b", "a +"), "NOT CAUGHT: build failed");
        let exits = "{ std::process::exit(i32::from(a + b)) }";
        assert_eq!(fate(&MODEL, "{ a + b }", exits), "NOT CAUGHT: crashed");
        let renamed = Model {
            name: "other",
            ..MODEL
        };
        assert_eq!(fate(&renamed, "a + b", "a - b"), "NOT CAUGHT: did not run");

        assert!(try_all(&tree, &[&MODEL], 2).is_ok());
        let lenient = Model {
            mutants: const { &[SUBTRACTS, fault("= 1", "= 2")] },
            ..MODEL
        };
        let error = try_all(&tree, &[&lenient], 2).unwrap_err();
        assert_eq!(error.to_string(), "not caught: m");
        let outdated = Model {
            mutants: const { &[fault("a * b", "a")] },
            ..MODEL
        };
        let error = try_all(&tree, &[&outdated], 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            "fault `m` in src/lib.rs: no longer applies: its text occurs 0 times"
        );
    }

    #[test]
    fn a_mutation_that_hangs_after_a_panic_is_not_caught() {
        let hung = Checked {
            verdict: Verdict::TimedOut,
            executions: None,
            time: LIMIT,
            output: "thread 'sum' panicked at src/lib.rs:1:1:\nno sum\n".into(),
        };
        assert_eq!(Fate::of(&hung).to_string(), "NOT CAUGHT: timed out");
    }

    #[test]
    fn a_model_that_fails_unchanged_catches_nothing() {
        let sh = Shell::new().unwrap();
        let dir = sh.create_temp_dir().unwrap();
        sh.change_dir(dir.path());
        tiny(&sh);
        sh.write_file("tree/src/lib.rs", "pub fn sum(_: u8, _: u8) -> u8 { 5 }")
            .unwrap();
        let tree = Tree::new(&dir.path().join("tree"), dir.path().join("target")).unwrap();
        let error = try_all(&tree, &[&MODEL], 2).unwrap_err();
        assert_eq!(error.to_string(), "model `sum` without a mutation: FAILED");
    }
}
