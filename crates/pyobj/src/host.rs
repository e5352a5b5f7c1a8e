//! The contract between an interpreter and this library: [`Host`] has the operations,
//! [`Handle`] the objects with a payload of this library, [`Failure`] the exceptions, and
//! [`Arity`] the numbers of arguments.

use std::fmt;

/// The operations of an interpreter that this library needs.
///
/// The implementing type is only a name (usually a unit struct). The objects
/// belong to the interpreter and are reached through the associated handle
/// types. Operations that may run code written in the hosted language are
/// called while this library holds no lock and no borrow, so they may call
/// back into it.
///
/// Counting a handle may need the interpreter's token, so handles are cloned
/// through [`clone_value`](Host::clone_value) and never by `Clone`. Dropping a
/// handle takes no token. If the interpreter needs one there, the handle type
/// must get it, as PyO3's does.
///
/// The crate's tests hold three complete hosts: one without a token, one with
/// a reference to its virtual machine, one with a token that has a lifetime.
pub trait Host: Sized + 'static {
    /// The proof that the interpreter may be used: a reference to a virtual
    /// machine, a token with a lifetime, or `()` if none is needed.
    type Vm<'a>: Copy;

    /// A counted handle to any object.
    type Value: 'static;

    /// An exception that can be raised.
    type Error: 'static;

    /// The arguments of a call, passed unchanged to [`call`](Host::call).
    type Args<'a>;

    /// Returns another handle to the object behind `value`.
    ///
    /// Must not run code written in the hosted language.
    fn clone_value(vm: Self::Vm<'_>, value: &Self::Value) -> Self::Value;

    /// Returns `true` if both handles refer to the same object (`a is b`).
    fn is(a: &Self::Value, b: &Self::Value) -> bool;

    /// Returns the number that the interpreter prints as the object's address.
    ///
    /// Used in texts and in a variable's hash, never as a key.
    fn address(value: &Self::Value) -> usize;

    /// Returns the `None` object.
    fn none(vm: Self::Vm<'_>) -> Self::Value;

    /// Returns `true` if `value` is a `str` or an instance of a subclass.
    fn is_str(vm: Self::Vm<'_>, value: &Self::Value) -> bool;

    /// Returns `repr(value)`.
    ///
    /// # Errors
    ///
    /// Whatever the object's `__repr__` raises.
    fn repr(vm: Self::Vm<'_>, value: &Self::Value) -> Result<String, Self::Error>;

    /// Returns `hash(value)`.
    ///
    /// # Errors
    ///
    /// Whatever the object's `__hash__` raises; for an unhashable object its
    /// `TypeError`.
    fn hash(vm: Self::Vm<'_>, value: &Self::Value) -> Result<i64, Self::Error>;

    /// Returns the truth value of `left == right`, reflection included.
    ///
    /// Callers that want identical objects to be equal test
    /// [`is`](Host::is) first.
    ///
    /// # Errors
    ///
    /// Whatever either `__eq__`, or the truth value of its result, raises.
    fn eq(vm: Self::Vm<'_>, left: &Self::Value, right: &Self::Value) -> Result<bool, Self::Error>;

    /// Calls `callable` with `args`.
    ///
    /// # Errors
    ///
    /// Whatever the call raises; for an object that is not callable the
    /// interpreter's own `TypeError`.
    fn call(
        vm: Self::Vm<'_>,
        callable: &Self::Value,
        args: Self::Args<'_>,
    ) -> Result<Self::Value, Self::Error>;

    /// Creates the interpreter's exception for a failure of this library.
    ///
    /// If that fails, returns the exception for it, for example `MemoryError`.
    fn raise(vm: Self::Vm<'_>, failure: Failure<Self>) -> Self::Error;

    /// Reports an exception that no code can catch, as CPython 3.14's
    /// `PyErr_FormatUnraisable` does: `message` says where it was ignored.
    fn unraisable(vm: Self::Vm<'_>, error: Self::Error, message: &str);
}

/// A counted handle of host `H` to an object with a payload of this library
/// inside.
///
/// The payload is allocated once, inside the host's object. So identity,
/// weak references and garbage collection stay the host's own: `token.var is v`
/// in Python code compares this handle's object.
///
/// The payload is shared: it is reached by `&` only. Where objects are behind a guard, it is
/// borrowed during a call of [`with_payload`](Self::with_payload). Otherwise the handle is also
/// a [`DirectHandle`].
pub trait Handle<H: Host>: Sized + 'static {
    /// The payload inside the object.
    type Payload;

    /// Allocates an object around `payload`.
    ///
    /// # Errors
    ///
    /// [`Unallocated`], with the payload, where the host cannot allocate.
    fn allocate(
        vm: H::Vm<'_>,
        payload: Self::Payload,
    ) -> Result<Self, Unallocated<H, Self::Payload>>;

    /// Calls `f` with the payload inside the object. `f` may run code written in the hosted
    /// language, which may call this again: a guard must be reentrant.
    fn with_payload<R>(&self, f: impl FnOnce(&Self::Payload) -> R) -> R;

    /// Returns another handle to the same object. Must not run code written in
    /// the hosted language.
    fn clone_in(&self, vm: H::Vm<'_>) -> Self;

    /// Returns the object as a value of the host.
    fn to_value(&self, vm: H::Vm<'_>) -> H::Value;

    /// Converts the handle into a value of the host. A host can do so without counting.
    fn into_value(self, vm: H::Vm<'_>) -> H::Value {
        self.to_value(vm)
    }

    /// Returns a handle of this kind if `value` is such an object.
    fn from_value(vm: H::Vm<'_>, value: &H::Value) -> Option<Self>;
}

/// A handle to an object whose payload is behind no guard, and does not move.
pub trait DirectHandle<H: Host>: Handle<H> {
    /// Returns the payload inside the object.
    fn payload(&self) -> &Self::Payload;

    /// Returns the payload by exclusive reference if this is the only handle to
    /// the object and no code can get another, for example through a weak
    /// reference. Hosts that cannot find that out return `None`.
    fn payload_mut(&mut self) -> Option<&mut Self::Payload> {
        None
    }
}

/// An object that the host could not allocate: the exception, and the payload,
/// so that it is not lost.
pub struct Unallocated<H: Host, P> {
    /// The host's exception.
    pub error: H::Error,
    /// The payload of the object.
    pub payload: P,
}

/// The types of the exceptions that this library raises.
///
/// Prints the type's name in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExceptionKind {
    /// `AttributeError`
    AttributeError,
    /// `ImportError`
    ImportError,
    /// `KeyError`
    KeyError,
    /// `LookupError`
    LookupError,
    /// `ModuleNotFoundError`
    ModuleNotFoundError,
    /// `RuntimeError`
    RuntimeError,
    /// `TypeError`
    TypeError,
    /// `ValueError`
    ValueError,
}

impl fmt::Display for ExceptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The variants are spelled as Python spells the types.
        fmt::Debug::fmt(self, f)
    }
}

/// The single argument of an exception. Exhaustive: a host must convert each.
pub enum Argument<H: Host> {
    /// A text, which the host converts to a `str`.
    Text(String),
    /// The object itself, as in `LookupError(var)`.
    Object(H::Value),
}

/// The description of an exception: its type and its argument.
///
/// [`Host::raise`] creates the exception.
#[non_exhaustive]
pub struct Failure<H: Host> {
    /// The exception's type.
    pub kind: ExceptionKind,
    /// The exception's only argument.
    pub argument: Argument<H>,
}

impl<H: Host> Failure<H> {
    /// Describes an exception whose argument is a text.
    pub fn text(kind: ExceptionKind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            argument: Argument::Text(message.into()),
        }
    }

    /// Describes an exception whose argument is an object, not its text.
    pub fn object(kind: ExceptionKind, object: H::Value) -> Self {
        Failure {
            kind,
            argument: Argument::Object(object),
        }
    }
}

/// The number of arguments that a function takes: CPython's calling
/// conventions, each with its own errors. Exhaustive: a host must implement each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// None (`METH_NOARGS`).
    None,
    /// Exactly one (`METH_O`).
    One,
    /// From `min` to `max`, by position only (`METH_FASTCALL`, unpacked as
    /// Argument Clinic does).
    Positional {
        /// The least number
        min: usize,
        /// The greatest number
        max: usize,
    },
    /// Any, by position and by keyword; the function checks them itself.
    Variadic,
}

impl Arity {
    /// Checks the number of positional arguments and that there are no keyword arguments.
    ///
    /// `qualified_name` is the function's name as most of the errors print it: `Context.keys`.
    ///
    /// ```
    /// let error = pyobj::Arity::One.check("set", || "ContextVar.set".into(), 0, false);
    /// let text = "ContextVar.set() takes exactly one argument (0 given)";
    /// assert_eq!(error.unwrap_err().to_string(), text);
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArityError`], with the text of CPython 3.14's `TypeError`.
    pub fn check(
        self,
        name: &str,
        qualified_name: impl FnOnce() -> String,
        given: usize,
        has_keywords: bool,
    ) -> Result<(), ArityError> {
        let text = match self {
            Arity::Variadic => return Ok(()),
            _ if has_keywords => format!("{}() takes no keyword arguments", qualified_name()),
            Arity::None if given != 0 => {
                format!("{}() takes no arguments ({given} given)", qualified_name())
            }
            Arity::One if given != 1 => {
                let name = qualified_name();
                format!("{name}() takes exactly one argument ({given} given)")
            }
            Arity::Positional { min, max } if !(min..=max).contains(&given) => {
                let (bound, number) = if min == max {
                    ("", min)
                } else if given < min {
                    ("at least ", min)
                } else {
                    ("at most ", max)
                };
                let plural = if number == 1 { "" } else { "s" };
                format!("{name} expected {bound}{number} argument{plural}, got {given}")
            }
            _ => return Ok(()),
        };
        Err(ArityError(text))
    }
}

/// The error of [`Arity::check`]. Displays the text of CPython 3.14's `TypeError`, which it
/// converts into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArityError(String);

impl fmt::Display for ArityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ArityError {}

impl From<ArityError> for String {
    fn from(error: ArityError) -> String {
        error.0
    }
}
