//! The description of an exception, from which the host creates it.

use crate::Host;
use std::fmt;

/// The types of the exceptions that this library raises.
///
/// Prints the type's name in Python.
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
    /// A text, which the host converts to a `str`.
    Text(String),
    /// The object itself, as in `LookupError(var)`.
    Object(H::Value),
}

/// The description of an exception: its type and its argument.
///
/// [`Host::raise`] creates the exception.
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
