//! Generic aliases: `X[int]`.

use super::{Arguments, Arity, Builtin, Object, ObjectRef, Result, Tuple, Type, Value, types};

/// A subscripted type such as `list[int]`. It has arguments, and otherwise
/// behaves like the type.
pub struct GenericAlias {
    origin: Type,
    arguments: Tuple,
}

impl GenericAlias {
    /// Creates `origin[key]`; a tuple stands for several arguments.
    pub fn new(origin: &Type, key: &Value) -> Self {
        let arguments = match key {
            Value::Tuple(keys) => keys.clone(),
            _ => [key.clone()].into_iter().collect(),
        };
        GenericAlias {
            origin: origin.clone(),
            arguments,
        }
    }

    /// Returns the `__class_getitem__` of a generic type.
    pub(super) fn class_getitem() -> Builtin {
        Builtin::class_method("__class_getitem__", Arity::One, |class, arguments| {
            let [key] = arguments.exactly()?;
            Ok(Value::object(GenericAlias::new(&class, &key)))
        })
        .doc("Return the type subscripted with the types of its items.")
    }
}

impl Object for GenericAlias {
    fn class(&self) -> &Type {
        &types::GENERIC_ALIAS
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        let arguments: Result<Vec<String>> = self.arguments.iter().map(as_argument).collect();
        let arguments = match &*arguments? {
            [] => "()".to_owned(),
            arguments => arguments.join(", "),
        };
        Ok(format!("{}[{arguments}]", self.origin.full_name()))
    }

    fn hash(&self, _this: &ObjectRef) -> Result<i64> {
        let arguments = Value::Tuple(self.arguments.clone()).hash()?;
        Ok(Value::from(&self.origin).hash()? ^ arguments)
    }

    fn eq(&self, _this: &ObjectRef, other: &Value) -> Result {
        let Some(other) = other.downcast_ref::<GenericAlias>() else {
            return Ok(Value::NotImplemented);
        };
        let arguments = Value::Tuple(self.arguments.clone());
        let equal = self.origin == other.origin
            && arguments.equals(&Value::Tuple(other.arguments.clone()))?;
        Ok(Value::Bool(equal))
    }

    fn get_attr(&self, _this: &ObjectRef, name: &str) -> Result {
        match name {
            "__origin__" => Ok(self.origin.clone().into()),
            "__args__" => Ok(self.arguments.clone().into()),
            "__class__" => Ok(self.class().into()),
            _ => Value::from(&self.origin).get_attr(name),
        }
    }

    fn call(&self, _this: &ObjectRef, arguments: Arguments) -> Result {
        self.origin.instantiate(arguments)
    }
}

fn as_argument(argument: &Value) -> Result<String> {
    match argument {
        Value::Type(class) => Ok(class.full_name().to_owned()),
        _ => argument.repr(),
    }
}
