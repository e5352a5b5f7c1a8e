//! The type that a method or a computed attribute belongs to.

use super::class::WeakType;
use super::{Exception, Type, Value};

/// The type that a descriptor belongs to: its names, for error messages, and a weak
/// reference, since the descriptor must not keep the type alive.
pub(super) struct Owner {
    pub(super) class: WeakType,
    pub(super) name: String,
    pub(super) full_name: String,
}

impl Owner {
    pub(super) fn of(class: &Type) -> Self {
        Owner {
            class: class.downgrade(),
            name: class.name().to_owned(),
            full_name: class.full_name().to_owned(),
        }
    }

    /// Returns the error for a descriptor that is used on an object of another type.
    pub(super) fn refuses(&self, name: &str, this: &Value) -> Exception {
        Exception::type_error(format!(
            "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
            self.full_name,
            this.class().full_name()
        ))
    }
}
