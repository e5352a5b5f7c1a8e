//! The mutations: for each model, at least one change of production code that it must catch.

use crate::edit;

/// One change of one place.
#[derive(Debug)]
pub struct Mutant {
    pub name: &'static str,
    /// The name of the model that must catch it.
    pub model: &'static str,
    /// The file, from the root of the workspace.
    pub file: &'static str,
    /// The text to take out; it must occur exactly once.
    pub find: &'static str,
    /// The text to put in its place.
    pub replace: &'static str,
    /// What no longer holds then.
    pub breaks: &'static str,
}

/// Every mutation. Each model has at least two.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "claim-in-two-steps",
        model: "enter_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "        self.0
            .compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()",
        replace: "        let free = self.0.load(Ordering::Acquire) == FREE;
        if free {
            self.0.store(word, Ordering::Relaxed);
        }
        free",
        breaks: "two threads get into one context",
    },
    Mutant {
        name: "claim-by-swap",
        model: "enter_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "        self.0
            .compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()",
        replace: "        self.0.swap(word, Ordering::AcqRel) == FREE",
        breaks: "a refused thread overwrites the winner's claim",
    },
    Mutant {
        name: "release-relaxed",
        model: "enter_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "self.0.store(FREE, Ordering::Release)",
        replace: "self.0.store(FREE, Ordering::Relaxed)",
        breaks: "the next runner misses what the last one did",
    },
    Mutant {
        name: "acquire-relaxed",
        model: "enter_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)",
        replace: "compare_exchange(FREE, word, Ordering::Relaxed, Ordering::Relaxed)",
        breaks: "the next runner misses what the last one did",
    },
    Mutant {
        name: "token-not-marked",
        model: "token_against_token",
        file: "crates/contextvars/src/engine/token.rs",
        find: "self.used.swap(true, Ordering::AcqRel)",
        replace: "self.used.load(Ordering::Acquire)",
        breaks: "a token restores twice",
    },
    Mutant {
        name: "token-anywhere",
        model: "token_against_token",
        file: "crates/contextvars/src/engine/token.rs",
        find: "if !here {",
        replace: "if !here && self.is_used() {",
        breaks: "a token is spent in a context that it does not belong to",
    },
    Mutant {
        name: "bind-in-two-steps",
        model: "copy_and_read_against_set_and_reset",
        file: "crates/contextvars/src/engine/context.rs",
        find: "let Ok(old) = self.bindings.lock().insert(entry, is_variable::<D>(key));",
        replace: "let Ok(old) = self.bindings.lock().remove(key.hash(), is_variable::<D>(key));
        let Ok(_) = self.bindings.lock().insert(entry, is_variable::<D>(key));",
        breaks: "a reader finds a variable unset between two values",
    },
    Mutant {
        name: "restore-in-two-steps",
        model: "copy_and_read_against_set_and_reset",
        file: "crates/contextvars/src/engine/token.rs",
        find: "Some(entry) => drop(bind(thread, entry.clone())),",
        replace: "Some(entry) => drop((unbind(thread, key), bind(thread, entry.clone()))),",
        breaks: "a reader finds a variable unset while a token restores it",
    },
    Mutant {
        name: "initialiser-not-noted",
        model: "inittab",
        file: "crates/module/src/inittab/registry.rs",
        find: "entry.state = State::Running(thread);",
        replace: "",
        breaks: "two threads run one initialiser",
    },
    Mutant {
        name: "end-not-told",
        model: "inittab",
        file: "crates/module/src/inittab.rs",
        find: "self.table.ended.notify_all();",
        replace: "",
        breaks: "a waiting importer is never told",
    },
    Mutant {
        name: "circle-not-seen",
        model: "inittab",
        file: "crates/module/src/inittab/registry.rs",
        find: "match self.circle(thread, &name) {",
        replace: "match None::<Vec<Arc<str>>> {",
        breaks: "two threads that import each other's modules wait for ever",
    },
];

impl Mutant {
    /// The source with the change made.
    ///
    /// # Errors
    ///
    /// One line that says why not: the text to find is not there, or more than once, or the
    /// change is none.
    pub fn apply(&self, source: &str) -> Result<String, String> {
        edit::once(source, self.find, self.replace)
            .map_err(|why| format!("mutant `{}` in {}: {why}", self.name, self.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loom::models;
    use crate::workspace;

    const MUTANT: Mutant = Mutant {
        name: "no-claim",
        model: "enter_against_enter",
        file: "src/lib.rs",
        find: "a == b",
        replace: "true",
        breaks: "both get in",
    };

    #[test]
    fn a_mutation_changes_its_one_place() {
        assert_eq!(MUTANT.apply("if a == b {}").unwrap(), "if true {}");
    }

    #[test]
    fn a_mutation_without_a_place_does_not_apply() {
        let error = MUTANT.apply("if a != b {}").unwrap_err();
        assert_eq!(
            error,
            "mutant `no-claim` in src/lib.rs: no longer applies: its text occurs 0 times"
        );
    }

    #[test]
    fn a_mutation_with_two_places_does_not_apply() {
        let error = MUTANT.apply("a == b || a == b").unwrap_err();
        assert!(error.contains("occurs 2 times"), "{error}");
    }

    #[test]
    fn a_mutation_that_changes_nothing_does_not_apply() {
        let same = Mutant {
            replace: MUTANT.find,
            ..MUTANT
        };
        assert_eq!(
            same.apply("a == b").unwrap_err(),
            "mutant `no-claim` in src/lib.rs: changes nothing"
        );
    }

    #[test]
    fn every_mutation_applies_to_this_workspace() {
        for mutant in MUTANTS {
            models::named(Some(mutant.model)).unwrap();
            let source = std::fs::read_to_string(workspace::root().join(mutant.file)).unwrap();
            mutant.apply(&source).unwrap();
        }
    }
}
