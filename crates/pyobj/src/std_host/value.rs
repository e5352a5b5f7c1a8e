//! A value of the embedded host.

use super::{Exception, List, Object, ObjectRef, Shared, Tuple, Type, types};
use std::fmt;
use std::sync::Arc;

/// Any value of the embedded host: a handle, cheap to clone.
///
/// Numbers and the singletons are stored in the handle itself; cloning another
/// value increments its reference count. Values are compared by [`is`](Value::is)
/// or by the fallible [`equals`](Value::equals), hence no `PartialEq`.
///
/// # Examples
///
/// ```
/// use pyobj::std_host::Value;
///
/// let pair = Value::tuple([Value::from(1), Value::from("a")]);
/// assert_eq!(pair.repr()?, "(1, 'a')");
/// # Ok::<(), pyobj::std_host::Exception>(())
/// ```
// The tag is a whole word: the bytes beside a smaller one would be copied one by one.
#[derive(Clone, Default)]
#[repr(u64)]
pub enum Value {
    /// `None`
    #[default]
    None,
    /// `NotImplemented`: the result of a comparison that does not support the
    /// other operand
    NotImplemented,
    /// `True` or `False`
    Bool(bool),
    /// An `int`; the embedded host has no larger ones.
    Int(i64),
    /// A `float`
    Float(f64),
    /// A `str`; unlike Python's it holds no lone surrogates.
    Str(Arc<str>),
    /// A `tuple`
    Tuple(Tuple),
    /// A `list`
    List(List),
    /// A type
    Type(Type),
    /// All other values: functions, exceptions, iterators, objects of users
    Object(ObjectRef),
}

impl Value {
    /// Creates a tuple.
    pub fn tuple<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
        Value::Tuple(items.into_iter().map(Into::into).collect())
    }

    /// Creates a list.
    pub fn list<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }

    /// Creates an object with this payload.
    pub fn object<T: Object>(payload: T) -> Value {
        Value::Object(Shared::new(payload).into())
    }

    /// Returns `true` if both are the same object (`a is b`).
    ///
    /// Immediate values are the same object if type and value are equal. Floats
    /// are compared by their bits, so a NaN is itself and `0.0` is not `-0.0`.
    pub fn is(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None) | (Value::NotImplemented, Value::NotImplemented) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Str(a), Value::Str(b)) => Arc::ptr_eq(a, b),
            (Value::Tuple(a), Value::Tuple(b)) => a.is(b),
            (Value::List(a), Value::List(b)) => a.is(b),
            (Value::Type(a), Value::Type(b)) => a == b,
            (Value::Object(a), Value::Object(b)) => a.ptr_eq(b),
            _ => false,
        }
    }

    /// Returns the number printed as the object's address.
    ///
    /// An immediate value has no address; its number is computed from the value,
    /// and is the address of no object. Four bits are lost: with 64-bit pointers,
    /// integers share a number with others 2⁶⁰ away, and floats with their nearest
    /// neighbours. With 32-bit pointers these are integers 2²⁸ away, and floats
    /// with unrelated ones.
    pub fn address(&self) -> usize {
        // No object has an odd address, so odd numbers are free for immediates.
        let immediate = |bits: u64, kind: usize| bits as usize & !0xF | kind << 1 | 1;
        // The high half of a float reaches the low one, for 32-bit pointers.
        let folded = |bits: u64| bits ^ bits >> 32;
        match self {
            Value::None => immediate(0, 0),
            Value::NotImplemented => immediate(1 << 4, 0),
            Value::Bool(b) => immediate((2 + u64::from(*b)) << 4, 0),
            Value::Int(i) => immediate((*i as u64) << 4, 1),
            Value::Float(f) => immediate(folded(f.to_bits()), 2),
            Value::Str(s) => Arc::as_ptr(s).addr(),
            Value::Tuple(t) => t.address(),
            Value::List(l) => l.address(),
            Value::Type(t) => t.address(),
            Value::Object(o) => o.address(),
        }
    }

    /// Returns the value's type (`type(value)`).
    pub fn class(&self) -> &Type {
        match self {
            Value::None => &types::NONE_TYPE,
            Value::NotImplemented => &types::NOT_IMPLEMENTED_TYPE,
            Value::Bool(_) => &types::BOOL,
            Value::Int(_) => &types::INT,
            Value::Float(_) => &types::FLOAT,
            Value::Str(_) => &types::STR,
            Value::Tuple(_) => &types::TUPLE,
            Value::List(_) => &types::LIST,
            Value::Type(_) => &types::TYPE,
            Value::Object(o) => o.class(),
        }
    }

    /// Returns `true` if the value's type is `class` or derives from it.
    pub fn is_instance(&self, class: &Type) -> bool {
        self.class().derives_from(class)
    }

    /// Returns the text of a `str` or of an instance of a subclass.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            Value::Object(object) => object.as_str(),
            _ => None,
        }
    }

    /// Returns the number in an `int` or `bool`.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            Value::Bool(truth) => Some(i64::from(*truth)),
            _ => None,
        }
    }

    /// Returns the payload if the object is a `T`.
    pub fn downcast_ref<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Object(object) => object.downcast_ref(),
            _ => None,
        }
    }

    /// Returns a handle to the object if it is a `T`.
    pub fn downcast<T: Object>(&self) -> Option<Shared<T>> {
        match self {
            Value::Object(object) => object.downcast(),
            _ => None,
        }
    }
}

/// Prints the value's `repr`, or the exception if that fails.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.repr() {
            Ok(text) => f.write_str(&text),
            Err(error) => write!(f, "<repr raised {error}>"),
        }
    }
}

macro_rules! value_from {
    ($($from:ty: $name:ident => $value:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($name: $from) -> Value {
                $value
            }
        }
    )*};
}

value_from! {
    (): _unit => Value::None;
    bool: truth => Value::Bool(truth);
    i32: number => Value::Int(number.into());
    u32: number => Value::Int(number.into());
    i64: number => Value::Int(number);
    f64: number => Value::Float(number);
    &str: text => Value::Str(text.into());
    String: text => Value::Str(text.into());
    Arc<str>: text => Value::Str(text);
    Tuple: tuple => Value::Tuple(tuple);
    List: list => Value::List(list);
    Type: class => Value::Type(class);
    &Type: class => Value::Type(class.clone());
    &Value: value => value.clone();
    ObjectRef: object => Value::Object(object);
    Exception: exception => exception.into_value();
}

impl<T: Object> From<Shared<T>> for Value {
    fn from(object: Shared<T>) -> Value {
        Value::Object(object.into())
    }
}
