//! The models, crate by crate, each with the mutations that it must catch.

mod contextvars;
mod hamt;
mod module;
mod pyobj;
mod threadstate;

use crate::Result;
use crate::fault::Fault;

/// A loom model: a test of `tests/loom` in one package.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    pub name: &'static str,
    pub package: &'static str,
    /// What holds in every execution.
    pub shows: &'static str,
    /// Changes of production code that it must catch: two at least.
    pub mutants: &'static [Fault],
}

/// All models, those of lower crates first.
pub fn all() -> Vec<&'static Model> {
    let crates = [
        hamt::MODELS,
        pyobj::MODELS,
        threadstate::MODELS,
        contextvars::MODELS,
        module::MODELS,
    ];
    crates.into_iter().flatten().collect()
}

/// The model called `name`, or all of them.
pub fn named(name: Option<&str>) -> Result<Vec<&'static Model>> {
    let all = all();
    let Some(name) = name else {
        return Ok(all);
    };
    match all.iter().find(|model| model.name == name) {
        Some(model) => Ok(vec![*model]),
        None => {
            let known: Vec<_> = all.iter().map(|model| model.name).collect();
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
    let mut packages: Vec<_> = all().iter().map(|model| model.package).collect();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault;

    #[test]
    fn a_model_is_found_by_its_name() {
        let found = named(Some("inittab")).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].package, "contextvars-module");
        assert_eq!(named(None).unwrap().len(), all().len());
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = named(Some("enter")).unwrap_err().to_string();
        assert!(
            error.starts_with("no model is called `enter`; there are "),
            "{error}"
        );
        for model in all() {
            assert!(error.contains(model.name), "{error}");
        }
    }

    /// A model is run by its name, wherever its test is.
    #[test]
    fn no_name_is_part_of_anothers() {
        for model in all() {
            let with = all()
                .into_iter()
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

    #[test]
    fn each_has_mutations_that_apply_to_this_workspace() {
        for model in all() {
            assert!(model.mutants.len() >= 2, "{}", model.name);
            fault::assert_all_apply(model.mutants);
        }
    }
}
