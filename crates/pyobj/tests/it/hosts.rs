//! Three toy hosts that prove the contract, and what a test needs of any host.
//!
//! The tests of other crates include this file by its path, so it names its
//! submodules by theirs.

#[path = "hosts/embedded.rs"]
mod embedded;
#[path = "hosts/lifetime_token.rs"]
pub mod lifetime_token;
#[path = "hosts/no_token.rs"]
pub mod no_token;
#[path = "hosts/testing.rs"]
mod testing;
#[path = "hosts/vm_reference.rs"]
pub mod vm_reference;

use pyobj::{DirectHandle, ExceptionKind, Host};
use std::any::Any;

/// What the tests need of a host beyond the contract.
pub trait TestHost: Host {
    /// The handle to an object with a `P` inside.
    type Ref<P: Payload>: DirectHandle<Self, Payload = P>;

    /// Runs `body` with the host's token.
    fn attach<R>(body: impl FnOnce(Self::Vm<'_>) -> R) -> R;

    /// Makes an object: of an `i64` an integer, of a `String` a text, of a
    /// [`User`] one that answers as that says.
    fn object<T: Payload>(vm: Self::Vm<'_>, value: T) -> Self::Value;

    /// Reads what [`object`](TestHost::object) was given.
    fn read<T: Payload + Clone>(value: &Self::Value) -> Option<T>;

    /// Makes a callable object of a closure.
    fn function(
        vm: Self::Vm<'_>,
        body: impl Fn(Self::Vm<'_>, &[Self::Value]) -> Result<Self::Value, Self::Error> + Payload,
    ) -> Self::Value;

    /// Runs `body` with the arguments of a call.
    fn with_args<R>(values: Vec<Self::Value>, body: impl FnOnce(Self::Args<'_>) -> R) -> R;

    /// Tells whether the exception is of this very kind.
    fn is_kind(error: &Self::Error, kind: ExceptionKind) -> bool;

    /// Borrows the exception's only argument.
    fn argument(error: &Self::Error) -> &Self::Value;

    /// Takes the unraisable reports of this thread, first lines only.
    fn take_reports(vm: Self::Vm<'_>) -> Vec<String>;

    /// Makes an object that answers as `user` says.
    fn user(vm: Self::Vm<'_>, user: User) -> Self::Value {
        Self::object(vm, user)
    }

    /// Makes an integer.
    fn int(vm: Self::Vm<'_>, number: i64) -> Self::Value {
        Self::object(vm, number)
    }

    /// Makes a text.
    fn text(vm: Self::Vm<'_>, text: &str) -> Self::Value {
        Self::object(vm, text.to_owned())
    }

    /// Gives the exception's text where its argument is one.
    fn message(error: &Self::Error) -> Option<String> {
        Self::read(Self::argument(error))
    }
}

/// What an object can hold; not every host asks for all of it.
pub trait Payload: Any + Send + Sync {}

impl<T: Any + Send + Sync> Payload for T {}

/// An object of a user of the hosted language: what its methods give, or the
/// text of the `ValueError` that they raise.
#[derive(Clone, Copy, Debug)]
pub struct User {
    /// What `==` gives, whatever the other operand
    pub eq: Result<bool, &'static str>,
    /// What `repr` gives
    pub repr: Result<&'static str, &'static str>,
    /// What `hash` gives
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

/// Prints the values that every host has: `None`, integers and texts.
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

/// Tells whether both are the same value of these.
pub fn same(left: &dyn Any, right: &dyn Any) -> bool {
    print(left).is_some_and(|left| print(right) == Some(left))
}
