//! The contract between an interpreter and this library.

use crate::Failure;

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
