//! The differences between the bindings of two contexts.

use crate::any_var::Variable;
use crate::binding;
use crate::domain::{Ambient, Bindings, Differs, Leaf, current, no_base, with_thread};
use crate::meta::Meta;
use crate::no_context::NoContextError;
use contextvars::engine;
use std::fmt;

/// The variables that differ between two contexts, each with its old and its new value.
///
/// Returned by [`Context::changed`](crate::Context::changed),
/// [`Context::diff`](crate::Context::diff) and
/// [`testing::changes`](crate::testing::changes).
///
/// ```
/// use ambient::{Context, Var};
///
/// static A: Var<u64> = Var::new("a").shown();
/// static B: Var<u64> = Var::new("b").shown();
/// static C: Var<u64> = Var::new("c").shown();
///
/// let old = Context::new().with_value(&A, 1).with_value(&B, 2);
/// let new = old.without(&[&A]).with_value(&B, 3).with_value(&C, 4);
/// let changes = old.diff(&new);
/// assert_eq!(
///     format!("{changes:?}"),
///     "{a: u64 = 1 -> (not set), b: u64 = 2 -> 3, c: u64 = (not set) -> 4}",
/// );
///
/// let mut third = Context::new().with_value(&A, 0);
/// third.apply(&changes);
/// assert_eq!((third.get(&A), third.get(&B), third.get(&C)), (None, Some(3), Some(4)));
/// ```
#[derive(Clone)]
pub struct Changes(Vec<Change>);

#[derive(Clone)]
struct Change {
    var: &'static Meta,
    old: Option<Leaf>,
    new: Option<Leaf>,
}

impl Changes {
    pub(crate) fn new(changes: impl IntoIterator<Item = (Option<Leaf>, Option<Leaf>)>) -> Self {
        let change = |(old, new): (Option<Leaf>, Option<Leaf>)| {
            let var = binding::meta(new.as_ref().or(old.as_ref())?);
            Some(Change { var, old, new })
        };
        let mut changes: Vec<Change> = changes.into_iter().filter_map(change).collect();
        changes.sort_by_key(|change| change.var.name);
        Changes(changes)
    }

    pub(crate) fn between(old: &Bindings, new: &Bindings) -> Self {
        let differences = engine::diff::<Ambient>(old, new).into_iter();
        let pairs = differences.filter_map(|difference| match difference {
            Differs::Added(new) => Some((None, Some(new.clone()))),
            Differs::Removed(old) => Some((Some(old.clone()), None)),
            // `apply` binds the same value again, as the context's own: no change.
            Differs::Changed { old, new } => {
                (!old.value().is(new.value())).then(|| (Some(old.clone()), Some(new.clone())))
            }
        });
        Changes::new(pairs)
    }

    /// Applies the changes to the current context. O(log n) for each.
    ///
    /// Code that waits for a task can so take over the values that the task has set.
    ///
    /// # Panics
    ///
    /// If no context is current and there are changes.
    #[track_caller]
    pub fn apply(&self) {
        if let Err(error) = self.try_apply() {
            panic!("{error}");
        }
    }

    /// As [`apply`](Self::apply), but returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// [`NoContextError`] if no context is current and there are changes.
    pub fn try_apply(&self) -> Result<(), NoContextError> {
        with_thread(|thread| {
            for Change { var, new, .. } in &self.0 {
                let context = current(thread).ok_or(NoContextError::new(var.name))?;
                match new {
                    Some(entry) => {
                        let value = entry.value().moved_to(context);
                        drop(engine::set((), thread, var, value, no_base)?);
                    }
                    None => {
                        if let Some(key) = var.key() {
                            let Ok(unset) = engine::unset(thread, key);
                            drop(unset);
                        }
                    }
                }
            }
            Ok(())
        })
    }

    /// Returns the number of variables that differ.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if no variable differs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names of the variables, in alphabetical order.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|change| change.var.name).collect()
    }

    /// Returns the old and the new value of a variable, each `None` if it is not set there.
    /// Returns `None` if the variable does not differ.
    #[expect(
        clippy::type_complexity,
        reason = "two values, each of which may be absent"
    )]
    pub fn of<V: Variable>(&self, var: &V) -> Option<(Option<&V::Value>, Option<&V::Value>)> {
        let var = var.var();
        let is_its = |change: &&Change| std::ptr::eq(change.var, &var.typed.meta);
        let change = self.0.iter().find(is_its)?;
        let value = |entry| var.typed.value_in(entry);
        let (old, new) = (change.old.as_ref(), change.new.as_ref());
        Some((old.and_then(value), new.and_then(value)))
    }
}

/// Shows each variable with its type and both values.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.0).finish()
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old = self.old.as_ref().map(|old| old.value().any());
        self.var.describe(old, f)?;
        f.write_str(" -> ")?;
        match &self.new {
            Some(new) => self.var.show(new.value().any(), f),
            None => f.write_str("(not set)"),
        }
    }
}
