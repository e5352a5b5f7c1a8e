//! What is known of a variable whatever its type.

use crate::domain::with_thread;
use crate::travel::Travel;
use crate::value::{AnyValue, Value};
use contextvars::engine::{self, LazyVarKey, VarKey};
use std::fmt;

/// Whether a variable is inherited by what is started from a context.
///
/// | | [`Context::inherited`](crate::Context::inherited) | [`Context::isolated`](crate::Context::isolated) |
/// | --- | --- | --- |
/// | `Always` | yes | yes |
/// | `Task` | yes | no |
/// | `Never` | no | no |
///
/// The first is what the spawn helpers and [`inherit`](crate::inherit()) take, the
/// second is for work that outlives what started it. What is inherited can be another
/// value: see [`Var::on_inherit`](crate::Var::on_inherit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Inherit {
    /// By everything, isolated work too: a tenant, a trace.
    Always,
    /// By what is started as part of the work at hand.
    #[default]
    Task,
    /// By nothing: what is the task's own, such as a lock that it holds.
    Never,
}

/// Shows a value to people.
pub(crate) type Show = fn(&AnyValue, &mut fmt::Formatter<'_>) -> fmt::Result;

/// A variable without its type; it lives in the variable's static.
pub(crate) struct Meta {
    key: LazyVarKey,
    pub(crate) name: &'static str,
    /// Not the name itself, which no constant can have.
    pub(crate) type_name: fn() -> &'static str,
    pub(crate) inherit: Inherit,
    pub(crate) show: Option<Show>,
    /// Whether it is shown by its `Debug`.
    pub(crate) shows_debug: bool,
    /// How it goes to other processes, if it does.
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

    /// Returns the key, or `None` where no context can bind the variable yet.
    #[inline]
    pub(crate) fn key(&self) -> Option<VarKey> {
        self.key.get()
    }

    /// Returns the key, after taking it if need be.
    #[inline]
    pub(crate) fn key_or_take(&self) -> VarKey {
        self.key.get_or_take()
    }

    /// Calls `read` with what the variable is set to in the current context, if it is.
    pub(crate) fn read<R>(&self, read: impl FnOnce(Option<&AnyValue>) -> R) -> R {
        match self.key() {
            Some(key) => with_thread(|thread| {
                engine::lookup(thread, key, |value| read(value.map(Value::any)))
            }),
            None => read(None),
        }
    }

    /// Shows a value of this variable, if the variable says how.
    pub(crate) fn show(&self, value: &AnyValue, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.show {
            Some(show) => show(value, f),
            None => f.write_str("…"),
        }
    }
}
