//! Three toy hosts, and a trait for the further operations that tests need of a host.
//!
//! The tests of other crates have links to this file and its folder, so that their packages are complete.

mod embedded;
pub mod lifetime_token;
pub mod no_token;
mod testing;
pub mod vm_reference;

use pyobj::{DirectHandle, ExceptionKind, Host};
use std::any::Any;

/// The operations that tests need of a host beyond the contract.
pub trait TestHost: Host {
    /// The handle to an object with a `P` inside.
    type Ref<P: Payload>: DirectHandle<Self, Payload = P>;

    /// Runs `body` with the host's token.
    fn attach<R>(body: impl FnOnce(Self::Vm<'_>) -> R) -> R;

    /// Creates an object: an integer from an `i64`, a text from a `String`, and
    /// from a [`User`] an object with these methods.
    fn object<T: Payload>(vm: Self::Vm<'_>, value: T) -> Self::Value;

    /// Returns the value from which [`object`](TestHost::object) created the object.
    fn read<T: Payload + Clone>(value: &Self::Value) -> Option<T>;

    /// Creates a callable object from a closure.
    fn function(
        vm: Self::Vm<'_>,
        body: impl Fn(Self::Vm<'_>, &[Self::Value]) -> Result<Self::Value, Self::Error> + Payload,
    ) -> Self::Value;

    /// Runs `body` with the arguments of a call.
    fn with_args<R>(values: Vec<Self::Value>, body: impl FnOnce(Self::Args<'_>) -> R) -> R;

    /// Returns `true` if the exception is of exactly this kind.
    fn is_kind(error: &Self::Error, kind: ExceptionKind) -> bool;

    /// Returns the exception's only argument.
    fn argument(error: &Self::Error) -> &Self::Value;

    /// Removes and returns the first lines of this thread's unraisable reports.
    fn take_reports(vm: Self::Vm<'_>) -> Vec<String>;

    /// Creates an object with the methods of `user`.
    fn user(vm: Self::Vm<'_>, user: User) -> Self::Value {
        Self::object(vm, user)
    }

    /// Creates an integer.
    fn int(vm: Self::Vm<'_>, number: i64) -> Self::Value {
        Self::object(vm, number)
    }

    /// Creates a text.
    fn text(vm: Self::Vm<'_>, text: &str) -> Self::Value {
        Self::object(vm, text.to_owned())
    }

    /// Returns the exception's argument if it is a text.
    fn message(error: &Self::Error) -> Option<String> {
        Self::read(Self::argument(error))
    }
}

/// A value that an object can hold. Some hosts need fewer of these bounds.
pub trait Payload: Any + Send + Sync {}

impl<T: Any + Send + Sync> Payload for T {}

/// An object defined in the hosted language: the results of its methods, or
/// the texts of the `ValueError`s that they raise.
#[derive(Clone, Copy, Debug)]
pub struct User {
    /// The result of `==`, whatever the other operand
    pub eq: Result<bool, &'static str>,
    /// The result of `repr`
    pub repr: Result<&'static str, &'static str>,
    /// The result of `hash`
    pub hash: Result<i64, &'static str>,
}

impl Default for User {
    fn default() -> Self {
        User {
            eq: Ok(false),
            repr: Ok("<user>"),
            hash: Ok(7),
        }
    }
}

/// Returns the `repr` of the values that every host has: `None`, integers and texts.
pub fn print(value: &dyn Any) -> Option<String> {
    if value.is::<()>() {
        Some("None".to_owned())
    } else if let Some(number) = value.downcast_ref::<i64>() {
        Some(number.to_string())
    } else {
        value
            .downcast_ref::<String>()
            .map(|text| format!("'{text}'"))
    }
}

/// Returns `true` if both are such values, and equal.
pub fn same(left: &dyn Any, right: &dyn Any) -> bool {
    print(left).is_some_and(|left| print(right) == Some(left))
}
