//! The values of the variables that a task expects.

use super::bleed::Bleed;
use super::variables::{ALL, ATTEMPT, SPAN, Variable};
use contextvars::{ContextVar, Value};
use std::fmt;
use std::sync::Arc;

/// The value of every variable, in the order of [`ALL`], computed without
/// any context. `None` if the variable should be unset.
#[derive(Clone)]
pub struct Expected(Arc<[Option<Value>; ALL.len()]>);

impl Expected {
    /// Expects the values of the variables outside of all tasks.
    pub fn outside() -> Self {
        Expected(Arc::new([const { None }; ALL.len()]))
            .with(&SPAN, "idle")
            .with(&ATTEMPT, 0)
    }

    /// Expects another value of one variable.
    pub fn with(&self, variable: &Variable, value: impl Into<Value>) -> Self {
        let mut changed = self.clone();
        for (other, expected) in ALL.iter().zip(Arc::make_mut(&mut changed.0)) {
            if other.is(variable) {
                *expected = Some(value.into());
                break;
            }
        }
        changed
    }

    /// Returns the expected value of one variable.
    pub fn get(&self, variable: &ContextVar) -> Option<&Value> {
        let position = ALL.iter().position(|other| other.is(variable))?;
        self.0[position].as_ref()
    }

    /// Sets the variables that have another value in `before`.
    pub fn bind(&self, before: &Expected) {
        for ((variable, value), before) in ALL.iter().zip(&*self.0).zip(&*before.0) {
            match value {
                Some(value) if !same(before.as_ref(), Some(value)) => drop(variable.set(value)),
                _ => {}
            }
        }
    }

    /// Checks that every variable has its expected value in the current context, which
    /// is that of `task`.
    pub fn check(&self, task: impl fmt::Display) -> Result<(), Bleed> {
        for (variable, expected) in ALL.iter().zip(&*self.0) {
            let expected = expected.as_ref();
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
