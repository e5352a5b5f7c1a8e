//! What methods are called on.

use super::{Object, Shared, Type, Value};

/// What a method's first argument can be taken as: a [`Value`], a [`Type`], or
/// a [`Shared`] of a Rust type that is an [`Object`].
pub trait Receiver: Sized {
    /// Returns the receiver where `value` is one.
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
