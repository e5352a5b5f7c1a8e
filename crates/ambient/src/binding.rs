//! A variable and its value in one context, and how they are shown.

use crate::domain::{Bindings, Leaf};
use crate::meta::Meta;
use crate::token::ContextId;
use crate::value::AnyValue;
use crate::var::Var;
use contextvars::engine::ContextNumber;
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

    /// Returns the name of its type.
    pub fn type_name(&self) -> &'static str {
        (meta(&self.entry).type_name)()
    }

    /// Borrows the value, if the binding is of this variable.
    pub fn value<T: Send + Sync + 'static>(&self, var: &Var<T>) -> Option<&T> {
        var.typed.value_in(&self.entry)
    }

    /// Returns `true` if it was set in the context itself, not in one that it comes from.
    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Returns the context that it was set in.
    pub fn set_in(&self) -> ContextId {
        ContextId(self.entry.value().set_in())
    }
}

/// The variable of a binding.
pub(crate) fn meta(entry: &Leaf) -> &'static Meta {
    entry.key().var()
}

/// Lists bindings by name; `own` are those that were set in one of these contexts.
pub(crate) fn sorted(bindings: &Bindings, own: [Option<ContextNumber>; 2]) -> Vec<Binding> {
    let binding = |entry: &Leaf| Binding {
        own: own.contains(&Some(entry.value().set_in())),
        entry: entry.clone(),
    };
    let mut list: Vec<Binding> = bindings.iter().map(binding).collect();
    list.sort_by_key(|binding| (binding.name(), binding.entry.key().key().get()));
    list
}

/// Shows a variable with its type and a value.
pub(crate) fn show(
    f: &mut fmt::Formatter<'_>,
    var: &Meta,
    value: Option<&AnyValue>,
) -> fmt::Result {
    write!(f, "{}: {} = ", var.name, (var.type_name)())?;
    match value {
        Some(value) => var.show(value, f),
        None => f.write_str("(not set)"),
    }
}

/// Shows variable, type and value, and where the value is from.
impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, meta(&self.entry), Some(self.entry.value().any()))?;
        match self.own {
            true => f.write_str(" (own)"),
            false => write!(f, " (inherited from {})", self.set_in()),
        }
    }
}

/// Shows a context.
pub(crate) fn tree(
    f: &mut fmt::Formatter<'_>,
    context: ContextId,
    bindings: &[Binding],
) -> fmt::Result {
    write!(f, "{context} ")?;
    f.debug_set().entries(bindings).finish()
}
