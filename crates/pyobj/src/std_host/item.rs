//! Subscription: `x[key]`, `x[key] = value`, `del x[key]`.

use super::{Exception, Result, Type, Value, types};

impl Value {
    /// Returns `self[key]`; for a type, a generic alias.
    ///
    /// # Errors
    ///
    /// Whatever `__getitem__` raises; `TypeError` where the value has no
    /// items; for a sequence `IndexError`, or `TypeError` where `key` is no
    /// integer: there are no slices.
    pub fn get_item(&self, key: &Value) -> Result {
        match self {
            Value::Object(object) => object.get_item(object, key),
            Value::Tuple(items) => {
                let index = index("tuple", key, items.len())?;
                items
                    .get(index)
                    .cloned()
                    .ok_or_else(|| out_of_range("tuple index"))
            }
            Value::List(items) => {
                let index = index("list", key, items.len())?;
                items.get(index).ok_or_else(|| out_of_range("list index"))
            }
            Value::Type(class) => class.get_item(key),
            _ => Err(self.class().refuses("is not subscriptable")),
        }
    }

    /// Sets an item (`self[key] = value`).
    ///
    /// # Errors
    ///
    /// As [`get_item`](Value::get_item); `TypeError` where items cannot be
    /// set.
    pub fn set_item(&self, key: &Value, value: impl Into<Value>) -> Result<()> {
        match self {
            Value::Object(object) => object.set_item(object, key, value.into()),
            Value::List(items) => {
                let index = index("list", key, items.len())?;
                match items.set(index, value.into()) {
                    Ok(_) => Ok(()),
                    Err(_) => Err(out_of_range("list assignment index")),
                }
            }
            _ => Err(self.class().refuses("does not support item assignment")),
        }
    }

    /// Deletes an item (`del self[key]`).
    ///
    /// # Errors
    ///
    /// As [`get_item`](Value::get_item); `TypeError` where items cannot be
    /// deleted.
    pub fn del_item(&self, key: &Value) -> Result<()> {
        match self {
            Value::Object(object) => object.del_item(object, key),
            Value::List(items) => {
                let index = index("list", key, items.len())?;
                match items.remove(index) {
                    Some(_) => Ok(()),
                    None => Err(out_of_range("list assignment index")),
                }
            }
            _ => Err(self.class().refuses_deletion(key)),
        }
    }
}

impl Type {
    fn get_item(&self, key: &Value) -> Result {
        match Value::from(self).get_attr("__class_getitem__") {
            Ok(subscript) => subscript.call([key]),
            Err(_) => Err(Exception::type_error(format!(
                "type '{}' is not subscriptable",
                self.full_name()
            ))),
        }
    }
}

/// Returns the index that `key` stands for; a negative one counts from the end.
/// The result for an index out of range is out of range too.
fn index(sequence: &str, key: &Value, len: usize) -> Result<usize> {
    let Some(index) = key.as_int() else {
        return Err(Exception::type_error(format!(
            "{sequence} indices must be integers or slices, not {}",
            key.class().full_name()
        )));
    };
    let counted = if index < 0 {
        index.saturating_add_unsigned(len as u64)
    } else {
        index
    };
    Ok(usize::try_from(counted).unwrap_or(usize::MAX))
}

fn out_of_range(what: &str) -> Exception {
    Exception::text(types::INDEX_ERROR.clone(), format!("{what} out of range"))
}
