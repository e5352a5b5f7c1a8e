//! What a task expects the variables to be.

use super::bleed::Bleed;
use super::variables::{ALL, ATTEMPT, SPAN, Variable};
use contextvars::{ContextVar, Value};
use std::fmt;

/// The value of every variable, worked out without any context.
#[derive(Clone)]
pub struct Expected(Vec<(&'static Variable, Value)>);

impl Expected {
    /// Expects what the variables give outside of all tasks.
    pub fn outside() -> Self {
        Expected(vec![(&SPAN, "idle".into()), (&ATTEMPT, 0.into())])
    }

    /// Expects another value of one variable.
    pub fn with(&self, variable: &'static Variable, value: impl Into<Value>) -> Self {
        let others = self.0.iter().filter(|(other, _)| !other.is(variable));
        let changed = [(variable, value.into())];
        Expected(others.cloned().chain(changed).collect())
    }

    /// Gives the expected value, or `None` where the variable should have none.
    pub fn get(&self, variable: &ContextVar) -> Option<&Value> {
        let (_, value) = self.0.iter().find(|(other, _)| other.is(variable))?;
        Some(value)
    }

    /// Sets the variables that have another value in `before`.
    pub fn bind(&self, before: &Expected) {
        for (variable, value) in &self.0 {
            if !same(before.get(variable), Some(value)) {
                variable.set(value);
            }
        }
    }

    /// Looks whether every variable is, in the current context of `task`, as
    /// expected.
    pub fn check(&self, task: impl fmt::Display) -> Result<(), Bleed> {
        for variable in ALL {
            let expected = self.get(variable);
            if !variable.with(|found| same(found, expected)) {
                return Err(Bleed::Value {
                    task: task.to_string(),
                    variable: variable.name().as_str().unwrap_or_default().to_owned(),
                    expected: shown(expected),
                    found: shown(variable.get().ok().as_ref()),
                });
            }
        }
        Ok(())
    }
}

fn same(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => left.equals(right).unwrap_or(false),
        (None, None) => true,
        _ => false,
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "unset".to_owned(), |value| format!("{value:?}"))
}
