//! The part of a variable that does not depend on the type of its values.

use crate::travel::Travel;
use crate::value::AnyValue;
use contextvars::engine::{LazyVarKey, VarKey};
use std::fmt;

/// Which new contexts inherit a variable.
///
/// | | [`Context::inherited`](crate::Context::inherited) | [`Context::isolated`](crate::Context::isolated) |
/// | --- | --- | --- |
/// | `Always` | yes | yes |
/// | `Task` | yes | no |
/// | `Never` | no | no |
///
/// The spawn helpers and [`inherit`](crate::inherit()) use the first; the second is for work
/// that outlives the task that started it. A hook can replace the inherited value: see
/// [`Var::on_inherit`](crate::Var::on_inherit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Inherit {
    /// Every context inherits it, isolated work too: a tenant, a trace.
    Always,
    /// Work that is started as part of the current task inherits it.
    #[default]
    Task,
    /// No context inherits it: a value that belongs to the task alone, such as a lock that it
    /// holds.
    Never,
}

/// Formats a value.
pub(crate) type Show = fn(&AnyValue, &mut fmt::Formatter<'_>) -> fmt::Result;

/// A variable without its type; it lives in the variable's static.
pub(crate) struct Meta {
    key: LazyVarKey,
    pub(crate) name: &'static str,
    /// A function, since `type_name` cannot be called in a constant.
    pub(crate) type_name: fn() -> &'static str,
    pub(crate) inherit: Inherit,
    pub(crate) show: Option<Show>,
    /// `true` if values are shown by their `Debug`.
    pub(crate) shows_debug: bool,
    /// The key and codec for other processes, if the variable is sent to them.
    pub(crate) travel: Option<Travel>,
}

impl Meta {
    pub(crate) const fn new<T>(name: &'static str) -> Self {
        Meta {
            key: LazyVarKey::new(),
            name,
            type_name: std::any::type_name::<T>,
            inherit: Inherit::Task,
            show: None,
            shows_debug: false,
            travel: None,
        }
    }

    /// Returns the key. Returns `None` if the variable has not been set in any context yet.
    #[inline]
    pub(crate) fn key(&self) -> Option<VarKey> {
        self.key.get()
    }

    /// Returns the key, which is assigned by the first call.
    #[inline]
    pub(crate) fn key_or_take(&self) -> VarKey {
        self.key.get_or_assign()
    }

    /// Formats a value of this variable, or writes `…` if the variable is not shown.
    pub(crate) fn show(&self, value: &AnyValue, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.show {
            Some(show) => show(value, f),
            None => f.write_str("…"),
        }
    }

    /// Writes the variable with its type and a value.
    pub(crate) fn describe(
        &self,
        value: Option<&AnyValue>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        write!(f, "{}: {} = ", self.name, (self.type_name)())?;
        match value {
            Some(value) => self.show(value, f),
            None => f.write_str("(not set)"),
        }
    }
}
