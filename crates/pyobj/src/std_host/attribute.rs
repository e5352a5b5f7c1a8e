//! Attributes: reading, setting and deleting them.

use super::{Builtin, Exception, Getter, Result, Type, Value, types};
use crate::ExceptionKind;

impl Value {
    /// Returns an attribute (`getattr(value, name)`).
    ///
    /// # Errors
    ///
    /// `AttributeError` where there is none, or whatever a computed attribute
    /// raises.
    pub fn get_attr(&self, name: &str) -> Result {
        match self {
            Value::Object(object) => object.get_attr(object, name),
            Value::Type(class) => class.get_attr(name),
            _ => generic_get(self, name),
        }
    }

    /// Sets an attribute (`setattr(value, name, new)`).
    ///
    /// # Errors
    ///
    /// `AttributeError` where it cannot be set, `TypeError` for a type and for
    /// `__class__`.
    pub fn set_attr(&self, name: &str, new: impl Into<Value>) -> Result<()> {
        match self {
            Value::Object(_) if name == "__class__" => Err(refuse_class(&new.into())),
            Value::Object(object) => object.set_attr(object, name, new.into()),
            _ => Err(self.refuse_attr_change(name)),
        }
    }

    /// Deletes an attribute (`delattr(value, name)`).
    ///
    /// # Errors
    ///
    /// `AttributeError` where it cannot be deleted, `TypeError` for a type and for
    /// `__class__`.
    pub fn del_attr(&self, name: &str) -> Result<()> {
        match self {
            Value::Object(_) if name == "__class__" => {
                Err(Exception::type_error("can't delete __class__ attribute"))
            }
            Value::Object(object) => object.del_attr(object, name),
            _ => Err(self.refuse_attr_change(name)),
        }
    }

    fn refuse_attr_change(&self, name: &str) -> Exception {
        match self {
            Value::Type(class) => Exception::type_error(format!(
                "cannot set '{name}' attribute of immutable type '{}'",
                class.full_name()
            )),
            _ => refuse_change(self.class(), name),
        }
    }

    /// Returns a method of the value's type, ignoring the value's own
    /// attributes, as `with` and other statements do.
    pub(super) fn special_method(&self, name: &str) -> Option<Result> {
        self.class()
            .lookup(name)
            .map(|attribute| bind(attribute, self))
    }
}

impl Type {
    fn get_attr(&self, name: &str) -> Result {
        Ok(match name {
            "__name__" | "__qualname__" => self.name().into(),
            "__module__" => self.module().into(),
            "__class__" => Value::from(&*types::TYPE),
            "__mro__" => Value::tuple(self.lineage()),
            _ => match self.lookup(name) {
                Some(attribute) => match attribute.downcast::<Builtin>() {
                    Some(function) if function.is_class_method() => {
                        Builtin::bind(function, &self.into())
                    }
                    _ => attribute,
                },
                None => {
                    return Err(Exception::text(
                        ExceptionKind::AttributeError,
                        format!(
                            "type object '{}' has no attribute '{name}'",
                            self.full_name()
                        ),
                    ));
                }
            },
        })
    }
}

/// Reads an attribute as CPython 3.14's `PyObject_GenericGetAttr` does for an
/// object without a `__dict__`.
pub(super) fn generic_get(this: &Value, name: &str) -> Result {
    match this.class().lookup(name) {
        Some(attribute) => bind(attribute, this),
        None => Err(Exception::text(
            ExceptionKind::AttributeError,
            format!(
                "'{}' object has no attribute '{name}'",
                this.class().full_name()
            ),
        )),
    }
}

fn bind(attribute: Value, this: &Value) -> Result {
    if let Some(getter) = attribute.downcast_ref::<Getter>() {
        return getter.get(this);
    }
    Ok(match attribute.downcast::<Builtin>() {
        Some(function) if function.is_class_method() => {
            Builtin::bind(function, &this.class().into())
        }
        Some(function) => Builtin::bind(function, this),
        None => attribute,
    })
}

/// Returns the error for setting `__class__`.
fn refuse_class(new: &Value) -> Exception {
    Exception::type_error(match new {
        Value::Type(_) => {
            "__class__ assignment only supported for mutable types or ModuleType subclasses".into()
        }
        other => format!(
            "__class__ must be set to a class, not '{}' object",
            other.class().full_name()
        ),
    })
}

/// Returns the error for setting or deleting an attribute of an object without a
/// `__dict__`.
pub(super) fn refuse_change(class: &Type, name: &str) -> Exception {
    let class_name = class.full_name();
    let text = match class.lookup(name) {
        Some(attribute) => match attribute.downcast_ref::<Getter>() {
            Some(getter) => return getter.refuse_change(),
            None => format!("'{class_name}' object attribute '{name}' is read-only"),
        },
        None => format!(
            "'{class_name}' object has no attribute '{name}' \
             and no __dict__ for setting new attributes"
        ),
    };
    Exception::text(ExceptionKind::AttributeError, text)
}
