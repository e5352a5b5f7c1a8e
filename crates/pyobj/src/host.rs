//! The contract between an interpreter and this library.

use crate::Failure;

/// An interpreter, as far as this library needs to know it.
///
/// The implementing type is a name only (usually a unit struct); the objects
/// belong to the interpreter and are reached through the associated handle
/// types. No operation here that may run code written in the hosted language is
/// called while a lock or a borrow of this library is held, so each of these may
/// call back into it.
///
/// Counting a handle may need the interpreter's token, so handles are cloned
/// through [`clone_value`](Host::clone_value) and never by `Clone`. Dropping a
/// handle needs no token; where the interpreter wants one, its handle type has
/// to see to that, as PyO3's does.
///
/// The crate's tests hold three complete hosts: one without a token, one with
/// a reference to its virtual machine, one with a token that has a lifetime.
pub trait Host: Sized + 'static {
    /// The proof that the interpreter may be used: `()`-like where there is
    /// none, a reference to a virtual machine, or a token with a lifetime.
    type Vm<'a>: Copy;

    /// A counted handle to any object.
    type Value: 'static;

    /// An exception that has been made and can be raised.
    type Error: 'static;

    /// The arguments of a call, passed through to [`call`](Host::call) as they
    /// came.
    type Args<'a>;

    /// Counts one more handle to the object behind `value`.
    ///
    /// Must not run code written in the hosted language.
    fn clone_value(vm: Self::Vm<'_>, value: &Self::Value) -> Self::Value;

    /// Returns `true` if two handles lead to one object (`a is b`).
    fn is(a: &Self::Value, b: &Self::Value) -> bool;

    /// Returns the number that the interpreter prints as the object's address.
    ///
    /// Used in texts and in a variable's hash, never as a key.
    fn address(value: &Self::Value) -> usize;

    /// Returns the one `None`.
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

    /// Makes the interpreter's exception out of a failure of this library.
    ///
    /// Returns another exception where making it fails, as an interpreter does
    /// that runs out of memory there.
    fn raise(vm: Self::Vm<'_>, failure: Failure<Self>) -> Self::Error;

    /// Reports an exception that nobody can catch, as CPython 3.14's
    /// `PyErr_FormatUnraisable` does: `message` says where it was ignored.
    fn unraisable(vm: Self::Vm<'_>, error: Self::Error, message: &str);
}
