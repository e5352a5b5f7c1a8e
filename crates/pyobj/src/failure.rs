//! An exception before the host has made it.

use crate::Host;
use std::fmt;

/// The exception types that this library raises by itself.
///
/// Prints as the type's name in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExceptionKind {
    /// `AttributeError`
    AttributeError,
    /// `ImportError`
    ImportError,
    /// `KeyError`
    KeyError,
    /// `LookupError`
    LookupError,
    /// `ModuleNotFoundError`
    ModuleNotFoundError,
    /// `RuntimeError`
    RuntimeError,
    /// `TypeError`
    TypeError,
    /// `ValueError`
    ValueError,
}

impl fmt::Display for ExceptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The variants are spelled as Python spells the types.
        fmt::Debug::fmt(self, f)
    }
}

/// The single argument of an exception.
pub enum Argument<H: Host> {
    /// A text, which the host makes a `str` of.
    Text(String),
    /// The very object, as in `LookupError(var)`.
    Object(H::Value),
}

/// An exception that the host has yet to make: its type and its argument.
///
/// Becomes an exception by [`Host::raise`].
pub struct Failure<H: Host> {
    /// The exception's type.
    pub kind: ExceptionKind,
    /// The exception's only argument.
    pub argument: Argument<H>,
}

impl<H: Host> Failure<H> {
    /// Describes an exception whose argument is a text.
    pub fn text(kind: ExceptionKind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            argument: Argument::Text(message.into()),
        }
    }

    /// Describes an exception whose argument is an object, not its text.
    pub fn object(kind: ExceptionKind, object: H::Value) -> Self {
        Failure {
            kind,
            argument: Argument::Object(object),
        }
    }
}
