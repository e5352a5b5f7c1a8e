//! The models, by name.

use crate::Result;

/// A loom model: a test of `tests/loom.rs` in one package.
#[derive(Debug)]
pub struct Model {
    pub name: &'static str,
    pub package: &'static str,
    /// What holds in every execution.
    pub shows: &'static str,
}

pub const MODELS: &[Model] = &[
    Model {
        name: "clones_dropped_on_two_threads",
        package: "contextvars-hamt",
        shows: "the last clone of a map, and only it, drops each entry, once",
    },
    Model {
        name: "change_in_place_against_a_reader",
        package: "contextvars-hamt",
        shows: "a map that changes itself never changes another version, or an entry in hand",
    },
    Model {
        name: "lending_against_retirement",
        package: "contextvars-hamt",
        shows: "an entry goes with the last version that has it, be it a lender or a borrower",
    },
    Model {
        name: "taking_over_against_a_sibling",
        package: "contextvars-hamt",
        shows: "a lender is taken over only by its last borrower, and only once nobody holds it",
    },
    Model {
        name: "giving_back_against_retirement",
        package: "contextvars-hamt",
        shows: "a slot that a borrower makes its own is counted for it before its lender lets go",
    },
    Model {
        name: "change_below_a_branch_against_a_reader",
        package: "contextvars-hamt",
        shows: "a deep map that changes itself never changes another version",
    },
    Model {
        name: "clones_counted_in_advance",
        package: "contextvars-hamt",
        shows: "clones that are counted all at once, handed out or not, are dropped as others are",
    },
    Model {
        name: "holders_on_two_threads",
        package: "pyobj",
        shows: "the last holder of an object, and only it, drops the value",
    },
    Model {
        name: "weak_reference_against_the_last_holder",
        package: "pyobj",
        shows: "a weak reference gives the value or nothing, and never what is being dropped",
    },
    Model {
        name: "alone_against_a_holder",
        package: "pyobj",
        shows: "who finds itself alone may change the value",
    },
    Model {
        name: "enter_against_enter",
        package: "threadstate",
        shows: "of two threads that enter one context, one is refused",
    },
    Model {
        name: "exit_against_enter",
        package: "threadstate",
        shows: "who enters a context after another's exit sees all that the other did",
    },
    Model {
        name: "base_against_enter",
        package: "threadstate",
        shows: "a context is one thread's base or entered by another, never both",
    },
    Model {
        name: "watchers_against_switches",
        package: "threadstate",
        shows: "a watcher misses no switch after it is added, and is told of none once cleared",
    },
    Model {
        name: "token_against_token",
        package: "contextvars",
        shows: "of two resets with one token, one is refused",
    },
    Model {
        name: "copy_and_read_against_set_and_reset",
        package: "contextvars",
        shows: "a copy holds the state before or after a change, never one between",
    },
    Model {
        name: "reads_of_the_owner_against_changes",
        package: "contextvars",
        shows: "who is in a context reads what the last one did, and nobody changes it meanwhile",
    },
    Model {
        name: "inittab",
        package: "contextvars-module",
        shows: "an initialiser that two threads import runs once",
    },
];

/// The model called `name`, or all of them.
pub fn named(name: Option<&str>) -> Result<Vec<&'static Model>> {
    let Some(name) = name else {
        return Ok(MODELS.iter().collect());
    };
    match MODELS.iter().find(|model| model.name == name) {
        Some(model) => Ok(vec![model]),
        None => {
            let known: Vec<_> = MODELS.iter().map(|model| model.name).collect();
            Err(format!(
                "no model is called `{name}`; there are {}",
                known.join(", ")
            )
            .into())
        }
    }
}

/// The packages that have models, each once.
pub fn packages() -> Vec<&'static str> {
    let mut packages: Vec<_> = MODELS.iter().map(|model| model.package).collect();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_its_name() {
        let found = named(Some("inittab")).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].package, "contextvars-module");
        assert_eq!(named(None).unwrap().len(), MODELS.len());
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = named(Some("enter")).unwrap_err().to_string();
        assert_eq!(
            error,
            "no model is called `enter`; there are clones_dropped_on_two_threads, \
             change_in_place_against_a_reader, lending_against_retirement, \
             taking_over_against_a_sibling, giving_back_against_retirement, \
             change_below_a_branch_against_a_reader, \
             clones_counted_in_advance, holders_on_two_threads, \
             weak_reference_against_the_last_holder, alone_against_a_holder, \
             enter_against_enter, exit_against_enter, \
             base_against_enter, watchers_against_switches, token_against_token, \
             copy_and_read_against_set_and_reset, \
             reads_of_the_owner_against_changes, inittab"
        );
    }

    /// A model is run by its name, wherever its test is.
    #[test]
    fn no_name_is_part_of_anothers() {
        for model in MODELS {
            let with = MODELS
                .iter()
                .filter(|other| other.name.contains(model.name));
            assert_eq!(with.count(), 1, "{}", model.name);
        }
    }

    #[test]
    fn a_package_is_listed_once() {
        assert_eq!(
            packages(),
            [
                "contextvars-hamt",
                "pyobj",
                "threadstate",
                "contextvars",
                "contextvars-module"
            ]
        );
    }
}
