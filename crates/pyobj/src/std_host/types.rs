//! The built-in types.

use super::{Arguments, Arity, Builtin, Exception, Getter, Type, Value};
use std::sync::LazyLock;

/// `object`, which every other type derives from
pub static OBJECT: LazyLock<Type> = LazyLock::new(|| {
    let object = Type::new("object").subclassable().build();
    object
        .add_getter(Getter::computed("__class__", |this: Value| {
            Ok(this.class().into())
        }))
        .add(Builtin::method(
            "__reduce__",
            Arity::None,
            |this: Value, _| Err(not_picklable(this.class().name())),
        ))
        .add(Builtin::method(
            "__reduce_ex__",
            Arity::One,
            |this: Value, arguments| {
                // Protocols below 2 run Python code, which prints the short name.
                let [protocol] = arguments.exactly()?;
                let old = protocol.as_int().is_some_and(|protocol| protocol < 2);
                let class = this.class();
                Err(not_picklable(if old {
                    class.name()
                } else {
                    class.full_name()
                }))
            },
        ));
    object
});

/// Returns the error for pickling or copying an object: no object of the embedded
/// host can be pickled.
fn not_picklable(class_name: &str) -> Exception {
    Exception::type_error(format!("cannot pickle '{class_name}' object"))
}

/// `BaseException`, which every exception type derives from
pub static BASE_EXCEPTION: LazyLock<Type> = LazyLock::new(|| {
    let class = Type::new("BaseException")
        .subclassable()
        .weakly_referenceable()
        .build();
    class.set_constructor(|class: &Type, arguments: Arguments| {
        if !arguments.keywords.is_empty() {
            return Err(Exception::type_error(format!(
                "{}() takes no keyword arguments",
                class.name()
            )));
        }
        Ok(Exception::new(class, arguments.positional).into())
    });
    class
});

macro_rules! define_types {
    ($($(#[$doc:meta])* $name:ident = $full_name:literal $(. $option:ident ($($argument:expr)?))*;)*) => {$(
        $(#[$doc])*
        pub static $name: LazyLock<Type> =
            LazyLock::new(|| Type::new($full_name)$(.$option($($argument)?))*.build());
    )*};
}

macro_rules! define_exceptions {
    ($($(#[$doc:meta])* $name:ident = $full_name:literal ($base:ident);)*) => {
        define_types! {$(
            $(#[$doc])*
            $name = $full_name.base(&$base).subclassable().weakly_referenceable();
        )*}
    };
}

define_types! {
    /// `type`
    TYPE = "type".subclassable().weakly_referenceable();
    /// The type of `None`
    NONE_TYPE = "NoneType";
    /// The type of `NotImplemented`
    NOT_IMPLEMENTED_TYPE = "NotImplementedType";
    /// `int`
    INT = "int".subclassable();
    /// `bool`
    BOOL = "bool".base(&INT);
    /// `float`
    FLOAT = "float".subclassable();
    /// `str`
    STR = "str".subclassable().sequence();
    /// `tuple`
    TUPLE = "tuple".subclassable().sequence().generic();
    /// `list`
    LIST = "list".subclassable().sequence().generic();
    /// The type of functions written in Rust and of bound methods
    BUILTIN = "builtin_function_or_method".weakly_referenceable();
    /// The type of methods read from their type
    METHOD_DESCRIPTOR = "method_descriptor";
    /// The type of class methods that are not bound
    CLASS_METHOD_DESCRIPTOR = "classmethod_descriptor";
    /// The type of computed attributes read from their type
    GETSET_DESCRIPTOR = "getset_descriptor";
    /// The type of stored attributes read from their type
    MEMBER_DESCRIPTOR = "member_descriptor";
    /// The type of generic aliases such as `list[int]`
    GENERIC_ALIAS = "types.GenericAlias".weakly_referenceable();
    /// An iterator over a list
    LIST_ITERATOR = "list_iterator";
    /// An iterator over a tuple
    TUPLE_ITERATOR = "tuple_iterator";
    /// An iterator over a str
    STR_ITERATOR = "str_iterator";
    /// A weak reference
    WEAK_REFERENCE = "weakref.ReferenceType".subclassable().weakly_referenceable();
}

define_exceptions! {
    /// `Exception`
    EXCEPTION = "Exception" (BASE_EXCEPTION);
    /// `AssertionError`
    ASSERTION_ERROR = "AssertionError" (EXCEPTION);
    /// `AttributeError`
    ATTRIBUTE_ERROR = "AttributeError" (EXCEPTION);
    /// `ImportError`
    IMPORT_ERROR = "ImportError" (EXCEPTION);
    /// `ModuleNotFoundError`
    MODULE_NOT_FOUND_ERROR = "ModuleNotFoundError" (IMPORT_ERROR);
    /// `LookupError`
    LOOKUP_ERROR = "LookupError" (EXCEPTION);
    /// `IndexError`
    INDEX_ERROR = "IndexError" (LOOKUP_ERROR);
    /// `KeyError`
    KEY_ERROR = "KeyError" (LOOKUP_ERROR);
    /// `RuntimeError`
    RUNTIME_ERROR = "RuntimeError" (EXCEPTION);
    /// `RecursionError`
    RECURSION_ERROR = "RecursionError" (RUNTIME_ERROR);
    /// `StopIteration`
    STOP_ITERATION = "StopIteration" (EXCEPTION);
    /// `TypeError`
    TYPE_ERROR = "TypeError" (EXCEPTION);
    /// `ValueError`
    VALUE_ERROR = "ValueError" (EXCEPTION);
    /// `ZeroDivisionError`
    ZERO_DIVISION_ERROR = "ZeroDivisionError" (EXCEPTION);
}
