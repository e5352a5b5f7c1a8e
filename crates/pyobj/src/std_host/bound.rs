//! Methods bound to their objects.

use super::{
    Arguments, Builtin, Object, ObjectRef, Result, Shared, Type, Value, attribute, hash, types,
};

/// A method together with the object that it was found on.
pub(super) struct BoundMethod {
    pub(super) function: Shared<Builtin>,
    pub(super) this: Value,
}

impl Object for BoundMethod {
    fn class(&self) -> &Type {
        &types::BUILTIN
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        Ok(format!(
            "<built-in method {} of {} object at {:#x}>",
            self.function.name(),
            self.this.class().full_name(),
            self.this.address()
        ))
    }

    fn hash(&self, _this: &ObjectRef) -> Result<i64> {
        let function = self.function.address();
        Ok(hash::of_address(self.this.address()) ^ hash::of_address(function))
    }

    fn eq(&self, _this: &ObjectRef, other: &Value) -> Result {
        Ok(match other.downcast_ref::<BoundMethod>() {
            Some(other) => {
                Value::Bool(self.this.is(&other.this) && self.function.ptr_eq(&other.function))
            }
            None => Value::NotImplemented,
        })
    }

    fn get_attr(&self, this: &ObjectRef, name: &str) -> Result {
        match name {
            "__self__" => Ok(self.this.clone()),
            "__objclass__" => attribute::generic_get(&Value::Object(this.clone()), name),
            _ => Value::from(self.function.clone()).get_attr(name),
        }
    }

    fn call(&self, _this: &ObjectRef, arguments: Arguments) -> Result {
        self.function.invoke(&self.this, arguments)
    }
}
