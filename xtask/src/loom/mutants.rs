//! The mutations: for each model, at least one change of production code that it must catch.

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

/// Every mutation. Each of these models needs one: `enter_against_enter`, `token_against_token`,
/// `copy_and_read_against_set_and_reset`, `inittab`.
pub const MUTANTS: &[Mutant] = &[];

impl Mutant {
    /// The source with the change made.
    ///
    /// # Errors
    ///
    /// One line that says why not: the text to find is not there, or more than once, or the
    /// change is none.
    pub fn apply(&self, source: &str) -> Result<String, String> {
        let Mutant {
            name,
            file,
            find,
            replace,
            ..
        } = self;
        let matches = source.matches(find).count();
        if matches != 1 {
            return Err(format!(
                "mutant `{name}` no longer applies: its text occurs {matches} times in {file}"
            ));
        }
        if find == replace {
            return Err(format!("mutant `{name}` changes nothing"));
        }
        Ok(source.replacen(find, replace, 1))
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
            "mutant `no-claim` no longer applies: its text occurs 0 times in src/lib.rs"
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
            "mutant `no-claim` changes nothing"
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
