//! `Debug` of the public types that have no better text: short forms, which call no code of a
//! host and take no lock. `Unallocated` as an error.

use crate::{Argument, Failure, Host, Unallocated};
use std::fmt;

impl<H: Host> fmt::Debug for Argument<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Argument::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Argument::Object(_) => f.write_str("Object(..)"),
        }
    }
}

impl<H: Host> fmt::Debug for Failure<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("kind", &self.kind)
            .field("argument", &self.argument)
            .finish()
    }
}

impl<H: Host, P> fmt::Debug for Unallocated<H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unallocated(..)")
    }
}

impl<H: Host, P> fmt::Display for Unallocated<H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host could not allocate the object")
    }
}

impl<H: Host, P> std::error::Error for Unallocated<H, P> {}

#[cfg(feature = "std-host")]
mod std_host {
    use crate::std_host::{
        Builtin, GenericAlias, Getter, Items, List, Tuple, TypeSpec, WeakShared,
    };
    use std::fmt;

    impl fmt::Debug for Builtin {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_tuple("Builtin").field(&self.name()).finish()
        }
    }

    impl fmt::Debug for Getter {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_tuple("Getter").field(&self.name()).finish()
        }
    }

    impl fmt::Debug for GenericAlias {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("GenericAlias(..)")
        }
    }

    impl fmt::Debug for Items {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Items(..)")
        }
    }

    impl fmt::Debug for List {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("List(..)")
        }
    }

    impl fmt::Debug for Tuple {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Tuple(..)")
        }
    }

    impl fmt::Debug for TypeSpec {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("TypeSpec(..)")
        }
    }

    impl<T: ?Sized> fmt::Debug for WeakShared<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("(Weak)")
        }
    }
}
