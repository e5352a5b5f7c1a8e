//! The operations of an object, which are the slots of its type, and weak references to objects.

use super::{
    Arguments, Exception, Order, Result, Shared, Type, Value, WeakShared, attribute, compare,
    container, repr, types,
};

/// A counted handle to any object.
pub type ObjectRef = Shared<dyn Object>;

/// An object of the embedded host, written in Rust.
///
/// Only [`class`](Object::class) is required. The defaults behave like
/// CPython's `object`: equality and hash by identity, and CPython 3.14's
/// `TypeError` for operations that the object does not support. Each operation
/// gets a handle to the object as `this`. A finalizer is Rust's `Drop`.
///
/// # Examples
///
/// ```
/// use pyobj::std_host::{Object, ObjectRef, Result, Type, Value};
/// use std::sync::LazyLock;
///
/// struct Celsius(f64);
///
/// impl Object for Celsius {
///     fn class(&self) -> &Type {
///         static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Celsius").build());
///         &CLASS
///     }
///
///     fn repr(&self, _this: &ObjectRef) -> Result<String> {
///         Ok(format!("{}°C", self.0))
///     }
/// }
///
/// let value = Value::object(Celsius(21.5));
/// assert_eq!(value.repr()?, "21.5°C");
/// assert_eq!(
///     value.call(()).unwrap_err().to_string(),
///     "TypeError: 'Celsius' object is not callable",
/// );
/// # Ok::<(), pyobj::std_host::Exception>(())
/// ```
pub trait Object: as_any::AsAny + Send + Sync {
    /// Returns the object's type.
    fn class(&self) -> &Type;

    /// Returns `repr(this)`.
    ///
    /// # Errors
    ///
    /// Whatever the object raises.
    fn repr(&self, this: &ObjectRef) -> Result<String> {
        Ok(match self.as_str() {
            Some(text) => repr::quoted(text),
            None => repr::plain(&Value::Object(this.clone())),
        })
    }

    /// Returns `str(this)`: by default the `repr`.
    ///
    /// # Errors
    ///
    /// Whatever the object raises.
    fn str(&self, this: &ObjectRef) -> Result<String> {
        match self.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Value::Object(this.clone()).repr(),
        }
    }

    /// Returns `hash(this)`: by default that of the address.
    ///
    /// An object that is not hashable returns
    /// [`Type::unhashable`](super::Type::unhashable).
    ///
    /// # Errors
    ///
    /// Whatever the object raises.
    fn hash(&self, this: &ObjectRef) -> Result<i64> {
        Ok(match self.as_str() {
            Some(text) => compare::hash_str(text),
            None => compare::hash_address(this.address()),
        })
    }

    /// Returns `this == other`, or [`Value::NotImplemented`]. Then the comparison
    /// of `other` decides, and last identity.
    ///
    /// # Errors
    ///
    /// Whatever the object raises.
    fn eq(&self, this: &ObjectRef, other: &Value) -> Result {
        let _ = this;
        Ok(match (self.as_str(), other.as_str()) {
            (Some(text), Some(other)) => Value::Bool(text == other),
            _ => Value::NotImplemented,
        })
    }

    /// Returns `this != other`: by default the negation of
    /// [`eq`](Object::eq).
    ///
    /// # Errors
    ///
    /// Whatever the object raises.
    fn ne(&self, this: &ObjectRef, other: &Value) -> Result {
        match self.eq(this, other)? {
            Value::NotImplemented => Ok(Value::NotImplemented),
            equal => Ok(Value::Bool(!equal.truth()?)),
        }
    }

    /// Returns the result of an ordering comparison, such as `this < other`, or
    /// [`Value::NotImplemented`].
    ///
    /// # Errors
    ///
    /// Whatever the object raises.
    fn order(&self, this: &ObjectRef, order: Order, other: &Value) -> Result {
        let _ = (this, order, other);
        Ok(Value::NotImplemented)
    }

    /// Returns the object's truth value: by default true. Containers override it
    /// together with [`len`](Object::len).
    ///
    /// # Errors
    ///
    /// Whatever the object raises.
    fn truth(&self, this: &ObjectRef) -> Result<bool> {
        let _ = this;
        Ok(true)
    }

    /// Returns an attribute: by default one of its type's attributes.
    ///
    /// # Errors
    ///
    /// `AttributeError` where there is none.
    fn get_attr(&self, this: &ObjectRef, name: &str) -> Result {
        attribute::generic_get(&Value::Object(this.clone()), name)
    }

    /// Sets an attribute: by default refused.
    ///
    /// # Errors
    ///
    /// `AttributeError` where it cannot be set.
    fn set_attr(&self, this: &ObjectRef, name: &str, value: Value) -> Result<()> {
        let _ = (this, value);
        Err(attribute::refuse_change(self.class(), name))
    }

    /// Deletes an attribute: by default refused.
    ///
    /// # Errors
    ///
    /// `AttributeError` where it cannot be deleted.
    fn del_attr(&self, this: &ObjectRef, name: &str) -> Result<()> {
        let _ = this;
        Err(attribute::refuse_change(self.class(), name))
    }

    /// Calls the object.
    ///
    /// # Errors
    ///
    /// Whatever the call raises; `TypeError` where it is not callable.
    fn call(&self, this: &ObjectRef, arguments: Arguments) -> Result {
        let _ = (this, arguments);
        Err(self.class().refuses("is not callable"))
    }

    /// Returns `this[key]`.
    ///
    /// # Errors
    ///
    /// Whatever the object raises; `TypeError` where it has no items.
    fn get_item(&self, this: &ObjectRef, key: &Value) -> Result {
        let _ = (this, key);
        Err(self.class().refuses("is not subscriptable"))
    }

    /// Sets an item (`this[key] = value`).
    ///
    /// # Errors
    ///
    /// Whatever the object raises; `TypeError` where items cannot be set.
    fn set_item(&self, this: &ObjectRef, key: &Value, value: Value) -> Result<()> {
        let _ = (this, key, value);
        Err(self.class().refuses("does not support item assignment"))
    }

    /// Deletes an item (`del this[key]`).
    ///
    /// # Errors
    ///
    /// Whatever the object raises; `TypeError` where items cannot be deleted.
    fn del_item(&self, this: &ObjectRef, key: &Value) -> Result<()> {
        let _ = this;
        Err(self.class().refuses_deletion(key))
    }

    /// Returns `len(this)`.
    ///
    /// # Errors
    ///
    /// Whatever the object raises; `TypeError` where it has no length.
    fn len(&self, this: &ObjectRef) -> Result<usize> {
        let _ = this;
        Err(container::no_length(self.class()))
    }

    /// Returns `item in this`: by default by iteration. Identical items are
    /// equal.
    ///
    /// # Errors
    ///
    /// Whatever the iteration or a comparison raises; `TypeError` where the
    /// object cannot be iterated.
    fn contains(&self, this: &ObjectRef, item: &Value) -> Result<bool> {
        container::search(&Value::Object(this.clone()), item)
    }

    /// Returns `iter(this)`; an iterator returns itself.
    ///
    /// # Errors
    ///
    /// Whatever the object raises; `TypeError` where it cannot be iterated.
    fn iter(&self, this: &ObjectRef) -> Result {
        let _ = this;
        Err(self.class().refuses("is not iterable"))
    }

    /// Returns an iterator's next item, or `None` if there are no more (where
    /// Python raises `StopIteration`).
    ///
    /// # Errors
    ///
    /// Whatever the object raises; `TypeError` where it is not an iterator.
    fn next(&self, this: &ObjectRef) -> Result<Option<Value>> {
        let _ = this;
        Err(self.class().refuses("is not an iterator"))
    }

    /// Returns an estimate of the number of items left, or `None` if it is unknown.
    ///
    /// # Errors
    ///
    /// Whatever the object raises.
    fn length_hint(&self, this: &ObjectRef) -> Result<Option<usize>> {
        let _ = this;
        Ok(None)
    }

    /// Returns the text if the object is an instance of a subclass of `str`.
    fn as_str(&self) -> Option<&str> {
        None
    }
}

impl dyn Object {
    /// Returns the object as a `T` if it is one.
    pub fn downcast_ref<T: Object>(&self) -> Option<&T> {
        self.as_any().downcast_ref()
    }
}

/// Converts a `dyn Object` to a `dyn Any`, which the language does from Rust 1.86 on.
mod as_any {
    use std::any::Any;

    pub trait AsAny: Any {
        fn as_any(&self) -> &dyn Any;
    }

    impl<T: Any> AsAny for T {
        fn as_any(&self) -> &dyn Any {
            self
        }
    }
}

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
