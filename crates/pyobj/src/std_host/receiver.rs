//! The types that methods can be called on.

use super::{Object, Shared, Type, Value};

/// The type of a method's first argument: a [`Value`], a [`Type`], or a
/// [`Shared`] of a Rust type that is an [`Object`].
pub trait Receiver: Sized {
    /// Returns `value` as this type if it is one.
    fn from_value(value: &Value) -> Option<Self>;
}

impl Receiver for Value {
    fn from_value(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
}

impl Receiver for Type {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Type(class) => Some(class.clone()),
            _ => None,
        }
    }
}

impl<T: Object> Receiver for Shared<T> {
    fn from_value(value: &Value) -> Option<Self> {
        value.downcast()
    }
}
