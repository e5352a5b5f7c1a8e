//! A variable and its value in one context, and their `Debug` output.

use crate::any_var::Variable;
use crate::domain::{Bindings, Leaf};
use crate::meta::Meta;
use crate::token::ContextId;
use std::fmt;

/// A variable that a context binds, with its value.
#[derive(Clone)]
pub struct Binding {
    pub(crate) entry: Leaf,
    own: bool,
}

impl Binding {
    /// Returns the variable's name.
    pub fn name(&self) -> &'static str {
        meta(&self.entry).name
    }

    /// Returns the name of the variable's type.
    pub fn type_name(&self) -> &'static str {
        (meta(&self.entry).type_name)()
    }

    /// Borrows the value. Returns `None` if the binding is of another variable.
    pub fn value<V: Variable>(&self, var: &V) -> Option<&V::Value> {
        var.var().typed.value_in(&self.entry)
    }

    /// Returns `true` if the variable was set in the context itself, not in one that the
    /// context was copied from.
    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Returns the id of the context that the variable was set in.
    pub fn set_in(&self) -> ContextId {
        self.entry.value().set_in()
    }
}

/// Returns the variable of a binding.
pub(crate) fn meta(entry: &Leaf) -> &'static Meta {
    entry.key().var()
}

/// Returns the bindings, sorted by name. A binding that was set in one of the contexts `own`
/// is marked as the context's own.
pub(crate) fn sorted(bindings: &Bindings, own: [Option<ContextId>; 2]) -> Vec<Binding> {
    let binding = |entry: &Leaf| Binding {
        own: own.contains(&Some(entry.value().set_in())),
        entry: entry.clone(),
    };
    let mut list: Vec<Binding> = bindings.iter().map(binding).collect();
    list.sort_by_key(|binding| (binding.name(), binding.entry.key().key().get()));
    list
}

/// Shows the variable, its type, its value, and the context that the value was set in.
impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.entry.value().any();
        meta(&self.entry).describe(Some(value), f)?;
        match self.own {
            true => f.write_str(" (own)"),
            false => write!(f, " (inherited from {})", self.set_in()),
        }
    }
}

/// Writes a context with its bindings.
pub(crate) fn tree(
    f: &mut fmt::Formatter<'_>,
    context: ContextId,
    bindings: &[Binding],
) -> fmt::Result {
    write!(f, "{context} ")?;
    f.debug_set().entries(bindings).finish()
}
