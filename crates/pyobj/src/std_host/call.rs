//! Calls.

use super::{Arguments, Result, Value, depth};

impl Value {
    /// Calls the value.
    ///
    /// # Errors
    ///
    /// Whatever the call raises; `TypeError` where the value is not callable;
    /// `RecursionError` where calls are nested too deeply.
    pub fn call(&self, arguments: impl Into<Arguments>) -> Result {
        let _level = depth::enter("")?;
        match self {
            Value::Type(class) => class.instantiate(arguments.into()),
            Value::Object(object) => object.call(object, arguments.into()),
            _ => Err(self.class().refuses("is not callable")),
        }
    }

    /// Calls a method of the value.
    ///
    /// # Errors
    ///
    /// Whatever finding and calling the method raises.
    pub fn call_method(&self, name: &str, arguments: impl Into<Arguments>) -> Result {
        self.get_attr(name)?.call(arguments)
    }
}
