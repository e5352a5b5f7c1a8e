//! Weak references.

use super::{Arguments, Exception, Object, ObjectRef, Result, Type, Value, WeakShared, types};

/// Creates a weak reference to `value` (`weakref.ref(value)`). A call of it
/// returns the value, or `None` if the value is gone.
///
/// # Errors
///
/// `TypeError` where the value's type does not allow it.
pub fn weakref(value: &Value) -> Result {
    match value {
        Value::Object(object) if value.class().is_weakly_referenceable() => {
            Ok(Value::object(WeakRef(object.downgrade())))
        }
        _ => Err(Exception::type_error(format!(
            "cannot create weak reference to '{}' object",
            value.class().full_name()
        ))),
    }
}

struct WeakRef(WeakShared<dyn Object>);

impl Object for WeakRef {
    fn class(&self) -> &Type {
        &types::WEAK_REFERENCE
    }

    fn repr(&self, this: &ObjectRef) -> Result<String> {
        let address = this.address();
        Ok(match self.0.upgrade() {
            Some(object) => format!(
                "<weakref at {address:#x}; to '{}' at {:#x}>",
                object.class().full_name(),
                object.address()
            ),
            None => format!("<weakref at {address:#x}; dead>"),
        })
    }

    fn call(&self, _this: &ObjectRef, arguments: Arguments) -> Result {
        let [] = arguments.exactly()?;
        Ok(self.0.upgrade().map_or(Value::None, Value::Object))
    }
}
