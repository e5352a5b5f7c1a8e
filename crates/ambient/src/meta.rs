//! What is known of a variable whatever its type.

use crate::never;
use crate::value::Value;
use contextvars::engine::{LazyVarKey, VarKey};
use std::fmt;

/// Whether a variable is inherited by what is started from a context.
///
/// | | [`Context::inherited`](crate::Context::inherited) | [`Context::isolated`](crate::Context::isolated) |
/// | --- | --- | --- |
/// | `Always` | yes | yes |
/// | `Default` | yes | no |
/// | `Never` | no | no |
///
/// The first is what the spawn helpers and [`inherit`](crate::inherit()) take, the
/// second is for work that outlives what started it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Inherit {
    /// By everything, isolated work too: a tenant, a trace.
    Always,
    /// By what is started as part of the work at hand.
    #[default]
    Default,
    /// By nothing: what is the task's own, such as a lock that it holds.
    Never,
}

/// Shows a value to people.
pub(crate) type Show = fn(&Value, &mut fmt::Formatter<'_>) -> fmt::Result;

/// A variable without its type; it lives in the variable's static.
pub(crate) struct Meta {
    key: LazyVarKey,
    pub(crate) name: &'static str,
    /// Not the name itself, which no constant can have.
    pub(crate) type_name: fn() -> &'static str,
    pub(crate) inherit: Inherit,
    pub(crate) show: Option<Show>,
}

impl Meta {
    pub(crate) const fn new<T>(name: &'static str) -> Self {
        Meta {
            key: LazyVarKey::new(),
            name,
            type_name: std::any::type_name::<T>,
            inherit: Inherit::Default,
            show: None,
        }
    }

    /// Returns the key, or `None` where no context can bind the variable yet.
    #[inline]
    pub(crate) fn key(&self) -> Option<VarKey> {
        self.key.get()
    }

    /// Returns the key, after taking it if need be.
    #[inline]
    pub(crate) fn key_or_take(&'static self) -> VarKey {
        match self.key.get() {
            Some(key) => key,
            None => self.take(),
        }
    }

    #[cold]
    fn take(&'static self) -> VarKey {
        if self.inherit == Inherit::Never {
            // Before the key, which publishes it: see `never`.
            never::list(self);
        }
        self.key.get_or_take()
    }

    /// Shows a value of this variable, if the variable says how.
    pub(crate) fn show(&self, value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.show {
            Some(show) => show(value, f),
            None => f.write_str("…"),
        }
    }
}
