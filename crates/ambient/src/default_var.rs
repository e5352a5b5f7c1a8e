//! [`DefaultVar`]: a variable that always has a value. It wraps a [`Var`] and a default.

use crate::travel::{Codec, Text, Travel};
use crate::{InContext, Inherit, NoContextError, Token, Var};
use std::fmt;
use std::future::Future;
use std::str::FromStr;
use std::sync::OnceLock;

/// A variable that always has a value: its default where it is not set.
///
/// It has the methods of [`Var`]. Its reads return the value itself, not an `Option`.
///
/// ```
/// use ambient::DefaultVar;
///
/// static DEPTH: DefaultVar<u32> = DefaultVar::new("depth", 0);
/// static LOCALE: DefaultVar<String> = DefaultVar::lazy("locale", || "en".into());
///
/// DEPTH.scoped(DEPTH.get() + 1, || assert_eq!(DEPTH.get(), 1));
/// assert_eq!(LOCALE.with(|locale| locale.len()), 2);
/// ```
pub struct DefaultVar<T> {
    var: Var<T>,
    default: Fallback<T>,
}

enum Fallback<T> {
    Made(T),
    Lazy(OnceLock<T>, fn() -> T),
}

impl<T: Send + Sync + 'static> DefaultVar<T> {
    /// Creates a variable with a default.
    pub const fn new(name: &'static str, default: T) -> Self {
        DefaultVar {
            var: Var::new(name),
            default: Fallback::Made(default),
        }
    }

    /// Creates a variable whose default is made by `make` when it is first read, once for
    /// all contexts and threads. If `make` panics, the next read calls it again. `make` must
    /// not read the same default: [`OnceLock::get_or_init`] says what happens then.
    pub const fn lazy(name: &'static str, make: fn() -> T) -> Self {
        DefaultVar {
            var: Var::new(name),
            default: Fallback::Lazy(OnceLock::new(), make),
        }
    }

    /// Sets which contexts inherit the variable: see [`Var::inherit`].
    #[must_use]
    pub const fn inherit(mut self, inherit: Inherit) -> Self {
        self.var.typed.meta.inherit = inherit;
        self
    }

    /// Sets that values are shown by their `Debug`: see [`Var::shown`].
    #[must_use]
    pub const fn shown(mut self) -> Self
    where
        T: fmt::Debug,
    {
        self.var.show_debug();
        self
    }

    /// Sets that values are shown by their `Display`: see [`Var::displayed`].
    #[must_use]
    pub const fn displayed(mut self) -> Self
    where
        T: fmt::Display,
    {
        self.var.show_display();
        self
    }

    /// Returns a clone of the value in the current context, or of the default. Same cost as
    /// [`Var::get`].
    #[inline]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.var.get().unwrap_or_else(|| self.default().clone())
    }

    /// Sets a hook that makes the value that a new context inherits: see [`Var::on_inherit`].
    #[must_use]
    pub const fn on_inherit(mut self, hook: fn(&T) -> T) -> Self {
        self.var.typed.on_inherit = Some(hook);
        self
    }

    /// Marks the variable to be sent to other processes: see [`Var::travels`].
    #[must_use]
    pub const fn travels(mut self, key: &'static str) -> Self
    where
        T: fmt::Display + FromStr<Err: fmt::Display>,
    {
        self.var.typed.meta.travel = Some(Travel::new::<T, Text>(key));
        self
    }

    /// Marks the variable to be sent to other processes, with a codec: see
    /// [`Var::travels_as`].
    #[must_use]
    pub const fn travels_as<C: Codec<T>>(mut self, key: &'static str) -> Self {
        self.var.typed.meta.travel = Some(Travel::new::<T, C>(key));
        self
    }

    /// Calls `read` with the value in the current context, or with the default. Same cost as
    /// [`Var::with`].
    #[inline]
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.var.with(|value| match value {
            Some(value) => read(value),
            None => read(self.default()),
        })
    }

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        self.var.name()
    }

    /// Sets the variable in the current context, and returns a token that restores the old
    /// value: see [`Var::set`].
    ///
    /// # Panics
    ///
    /// If no context is current.
    #[inline]
    #[track_caller]
    pub fn set(&'static self, value: T) -> Token<T> {
        self.var.set(value)
    }

    /// As [`set`](Self::set), but returns an error instead of panicking: see
    /// [`Var::try_set`].
    ///
    /// # Errors
    ///
    /// [`NoContextError`] if no context is current. The value is dropped.
    #[inline]
    pub fn try_set(&'static self, value: T) -> Result<Token<T>, NoContextError> {
        self.var.try_set(value)
    }

    /// Removes the variable's value from the current context, so that it has its default.
    /// Returns `true` if it was set: see [`Var::unset`].
    pub fn unset(&self) -> bool {
        self.var.unset()
    }

    /// Calls `body` with the variable set, and restores the old value: see [`Var::scoped`].
    #[inline]
    pub fn scoped<R>(&'static self, value: T, body: impl FnOnce() -> R) -> R {
        self.var.scoped(value, body)
    }

    /// Wraps a future to run in a copy of the current context, with the variable set: see
    /// [`Var::scoped_future`].
    pub fn scoped_future<F: Future>(&'static self, value: T, future: F) -> InContext<F> {
        self.var.scoped_future(value, future)
    }

    pub(crate) fn as_var(&self) -> &Var<T> {
        &self.var
    }

    /// Borrows the default.
    pub fn default(&self) -> &T {
        match &self.default {
            Fallback::Made(value) => value,
            Fallback::Lazy(made, make) => made.get_or_init(make),
        }
    }
}

/// Shows the value in the current context, if it is set there.
impl<T: Send + Sync + 'static> fmt::Debug for DefaultVar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.var, f)
    }
}
