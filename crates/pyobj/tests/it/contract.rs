//! The contract of a host, on the toy hosts and on the embedded one.

use crate::hosts::{TestHost, User, lifetime_token, no_token, vm_reference};
use pyobj::std_host::Std;
use pyobj::{Argument, DirectHandle, ExceptionKind, Failure, Handle};

fn error<H: TestHost, T>(result: Result<T, H::Error>) -> H::Error {
    match result {
        Ok(_) => panic!("nothing was raised"),
        Err(error) => error,
    }
}

fn ok<H: TestHost, T>(result: Result<T, H::Error>) -> T {
    result.unwrap_or_else(|error| panic!("{:?} was raised", H::message(&error)))
}

fn a_clone_is_the_same_object<H: TestHost>(vm: H::Vm<'_>) {
    let value = H::text(vm, "a");
    let clone = H::clone_value(vm, &value);
    assert!(H::is(&value, &clone));
    assert_eq!(H::address(&value), H::address(&clone));
    let other = H::text(vm, "a");
    assert!(!H::is(&value, &other));
    assert_ne!(H::address(&value), H::address(&other));
}

fn there_is_one_none<H: TestHost>(vm: H::Vm<'_>) {
    assert!(H::is(&H::none(vm), &H::none(vm)));
    assert_eq!(ok::<H, _>(H::repr(vm, &H::none(vm))), "None");
}

fn values_print_and_compare<H: TestHost>(vm: H::Vm<'_>) {
    assert_eq!(ok::<H, _>(H::repr(vm, &H::int(vm, -3))), "-3");
    assert_eq!(ok::<H, _>(H::repr(vm, &H::text(vm, "a"))), "'a'");
    assert!(ok::<H, _>(H::eq(vm, &H::int(vm, 2), &H::int(vm, 2))));
    assert!(!ok::<H, _>(H::eq(vm, &H::int(vm, 2), &H::int(vm, 3))));
    assert!(ok::<H, _>(H::eq(vm, &H::text(vm, "a"), &H::text(vm, "a"))));
    assert!(!ok::<H, _>(H::eq(vm, &H::text(vm, "2"), &H::int(vm, 2))));
}

fn only_texts_are_str<H: TestHost>(vm: H::Vm<'_>) {
    assert!(H::is_str(vm, &H::text(vm, "a")));
    assert!(!H::is_str(vm, &H::int(vm, 1)));
    assert!(!H::is_str(vm, &H::none(vm)));
}

fn methods_of_a_user_object_are_called<H: TestHost>(vm: H::Vm<'_>) {
    let user = H::user(
        vm,
        User {
            eq: Ok(true),
            repr: Ok("<it>"),
            hash: Ok(42),
        },
    );
    assert!(ok::<H, _>(H::eq(vm, &user, &H::int(vm, 1))));
    assert_eq!(ok::<H, _>(H::repr(vm, &user)), "<it>");
    assert_eq!(ok::<H, _>(H::hash(vm, &user)), 42);
}

fn methods_of_a_user_object_may_raise<H: TestHost>(vm: H::Vm<'_>) {
    let user = H::user(
        vm,
        User {
            eq: Err("no =="),
            repr: Err("no repr"),
            hash: Err("no hash"),
        },
    );
    let one = H::int(vm, 1);
    for (error, text) in [
        (error::<H, _>(H::eq(vm, &user, &one)), "no =="),
        (error::<H, _>(H::eq(vm, &one, &user)), "no =="),
        (error::<H, _>(H::repr(vm, &user)), "no repr"),
        (error::<H, _>(H::hash(vm, &user)), "no hash"),
    ] {
        assert!(H::is_kind(&error, ExceptionKind::ValueError));
        assert_eq!(H::message(&error).as_deref(), Some(text));
    }
}

fn a_closure_is_called_with_the_arguments<H: TestHost>(vm: H::Vm<'_>) {
    let second = H::function(vm, |vm, args| Ok(H::clone_value(vm, &args[1])));
    let (a, b) = (H::int(vm, 1), H::text(vm, "b"));
    let args = vec![H::clone_value(vm, &a), H::clone_value(vm, &b)];
    let result = H::with_args(args, |args| H::call(vm, &second, args));
    assert!(H::is(&ok::<H, _>(result), &b));
    let result = H::with_args(vec![], |args| H::call(vm, &a, args));
    assert!(H::is_kind(&error::<H, _>(result), ExceptionKind::TypeError));
}

fn an_exception_has_the_same_object_as_argument<H: TestHost>(vm: H::Vm<'_>) {
    let object = H::user(vm, User::default());
    let failure = Failure::object(ExceptionKind::LookupError, H::clone_value(vm, &object));
    assert!(matches!(failure.argument, Argument::Object(_)));
    let error = H::raise(vm, failure);
    assert!(H::is_kind(&error, ExceptionKind::LookupError));
    assert!(!H::is_kind(&error, ExceptionKind::KeyError));
    assert!(H::is(H::argument(&error), &object));
    assert_eq!(H::message(&error), None);
}

fn a_payload_keeps_its_identity<H: TestHost>(vm: H::Vm<'_>) {
    let handle = ok::<H, _>(H::Ref::allocate(vm, [7_u8; 3]).map_err(|refused| refused.error));
    let value = handle.to_value(vm);
    assert!(H::is(&value, &handle.clone_in(vm).to_value(vm)));
    let back = H::Ref::<[u8; 3]>::from_value(vm, &value);
    assert!(back.is_some_and(|back| std::ptr::eq(back.payload(), handle.payload())));
    assert!(H::Ref::<[u8; 4]>::from_value(vm, &value).is_none());
    assert!(H::Ref::<[u8; 3]>::from_value(vm, &H::int(vm, 7)).is_none());
}

fn an_unraisable_exception_is_reported<H: TestHost>(vm: H::Vm<'_>) {
    let error = H::raise(vm, Failure::text(ExceptionKind::RuntimeError, "boom"));
    H::unraisable(vm, error, "Exception ignored in a test");
    assert_eq!(H::take_reports(vm), ["Exception ignored in a test"]);
    assert!(H::take_reports(vm).is_empty());
}

macro_rules! on_every_host {
    ($($test:ident)*) => {
        on_every_host!(std_host: Std; $($test)*);
        on_every_host!(no_token_host: no_token::NoToken; $($test)*);
        on_every_host!(vm_reference_host: vm_reference::VmReference; $($test)*);
        on_every_host!(lifetime_token_host: lifetime_token::LifetimeToken; $($test)*);
    };
    ($module:ident: $host:ty; $($test:ident)*) => {
        mod $module {
            use super::*;
            $(
                #[test]
                fn $test() {
                    <$host>::attach(super::$test::<$host>);
                }
            )*
        }
    };
}

on_every_host! {
    a_clone_is_the_same_object
    there_is_one_none
    values_print_and_compare
    only_texts_are_str
    methods_of_a_user_object_are_called
    methods_of_a_user_object_may_raise
    a_closure_is_called_with_the_arguments
    an_exception_has_the_same_object_as_argument
    a_payload_keeps_its_identity
    an_unraisable_exception_is_reported
}
