//! `Token.MISSING`.

use pyobj::std_host::{Object, ObjectRef, Result, Type, Value};
use std::sync::LazyLock;

/// Returns the one `Token.MISSING`, the old value of a token whose variable was
/// not set before: CPython 3.14's `_PyContextTokenMissing_Type`.
pub fn missing() -> Value {
    static MISSING: LazyLock<Value> = LazyLock::new(|| Value::object(Missing));
    MISSING.clone()
}

struct Missing;

impl Object for Missing {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Token.MISSING").build());
        &CLASS
    }

    fn repr(&self, _: &ObjectRef) -> Result<String> {
        Ok("<Token.MISSING>".to_owned())
    }
}
