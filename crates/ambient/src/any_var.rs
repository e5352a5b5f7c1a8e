//! The sealed traits that both kinds of variable implement: [`AnyVar`] without the type of
//! the values, [`Variable`] with it.

use crate::meta::Meta;
use crate::value::AnyValue;
use crate::{DefaultVar, Var};
use std::fmt;

/// A variable of any type, for lists of variables.
///
/// Implemented by [`Var`] and [`DefaultVar`], and by no other type.
pub trait AnyVar: Sealed + Sync {
    /// Returns the name.
    fn name(&self) -> &'static str;
}

/// A variable whose type is known, as [`Context::get`](crate::Context::get) and
/// [`Context::value`](crate::Context::value) take it.
///
/// Implemented by [`Var`] and [`DefaultVar`], and by no other type.
pub trait Variable: AnyVar {
    /// The type of its values.
    type Value: Send + Sync + 'static;

    /// The type that a read returns: `Option<R>` for a [`Var`], `R` for a [`DefaultVar`].
    type Read<R>;

    #[doc(hidden)]
    fn var(&self) -> &Var<Self::Value>;

    #[doc(hidden)]
    fn value<'a>(&'a self, found: Option<&'a Self::Value>) -> Self::Read<&'a Self::Value>;

    #[doc(hidden)]
    fn cloned(&self, found: Option<&Self::Value>) -> Self::Read<Self::Value>
    where
        Self::Value: Clone;
}

/// The private methods of [`AnyVar`].
pub trait Sealed {
    #[doc(hidden)]
    fn meta(&self) -> Described<'_>;

    /// Calls `read` with the current value, or with the default.
    #[doc(hidden)]
    fn read_any(&self, read: &mut dyn FnMut(Option<&AnyValue>));
}

/// A reference to the private [`Meta`], as a public type.
pub struct Described<'a>(pub(crate) &'a Meta);

impl fmt::Debug for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Described").field(&self.0.name).finish()
    }
}

impl<T: Send + Sync + 'static> AnyVar for Var<T> {
    fn name(&self) -> &'static str {
        self.typed.meta.name
    }
}

impl<T: Send + Sync + 'static> Sealed for Var<T> {
    fn meta(&self) -> Described<'_> {
        Described(&self.typed.meta)
    }

    fn read_any(&self, read: &mut dyn FnMut(Option<&AnyValue>)) {
        self.with(|value| read(value.map(|value| value as &AnyValue)));
    }
}

impl<T: Send + Sync + 'static> Variable for Var<T> {
    type Value = T;
    type Read<R> = Option<R>;

    fn var(&self) -> &Var<T> {
        self
    }

    fn value<'a>(&'a self, found: Option<&'a T>) -> Option<&'a T> {
        found
    }

    fn cloned(&self, found: Option<&T>) -> Option<T>
    where
        T: Clone,
    {
        found.cloned()
    }
}

impl<T: Send + Sync + 'static> AnyVar for DefaultVar<T> {
    fn name(&self) -> &'static str {
        self.as_var().name()
    }
}

impl<T: Send + Sync + 'static> Sealed for DefaultVar<T> {
    fn meta(&self) -> Described<'_> {
        Described(&self.as_var().typed.meta)
    }

    fn read_any(&self, read: &mut dyn FnMut(Option<&AnyValue>)) {
        self.with(|value| read(Some(value)));
    }
}

impl<T: Send + Sync + 'static> Variable for DefaultVar<T> {
    type Value = T;
    type Read<R> = R;

    fn var(&self) -> &Var<T> {
        self.as_var()
    }

    fn value<'a>(&'a self, found: Option<&'a T>) -> &'a T {
        found.unwrap_or_else(|| self.default())
    }

    fn cloned(&self, found: Option<&T>) -> T
    where
        T: Clone,
    {
        found.unwrap_or_else(|| self.default()).clone()
    }
}
