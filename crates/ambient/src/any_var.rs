//! Variables of any type.

use crate::meta::Meta;
use crate::{DefaultVar, Var};

/// A variable of any type, where several are named at once.
///
/// Implemented by [`Var`] and [`DefaultVar`](crate::DefaultVar), and by nothing else.
pub trait AnyVar: Sealed + Sync {
    /// Gives the name.
    fn name(&self) -> &'static str;
}

/// What is ours of [`AnyVar`].
pub trait Sealed {
    #[doc(hidden)]
    fn meta(&self) -> Described<'_>;
}

/// A [`Meta`], which nobody else sees.
pub struct Described<'a>(pub(crate) &'a Meta);

impl<T: Send + Sync + 'static> AnyVar for Var<T> {
    fn name(&self) -> &'static str {
        self.typed.meta.name
    }
}

impl<T: Send + Sync + 'static> Sealed for Var<T> {
    fn meta(&self) -> Described<'_> {
        Described(&self.typed.meta)
    }
}

impl<T: Send + Sync + 'static> AnyVar for DefaultVar<T> {
    fn name(&self) -> &'static str {
        Var::name(self)
    }
}

impl<T: Send + Sync + 'static> Sealed for DefaultVar<T> {
    fn meta(&self) -> Described<'_> {
        Described(&self.typed.meta)
    }
}
