//! Variables: name, default, hash, identity, and the order of `get`.

use crate::values::{int, line};
use contextvars::{Context, ContextVar, Value};
use pyobj::DirectHandle;
use pyobj::std_host::{Exception, Object, ObjectRef, Type, types};
use std::sync::LazyLock;

#[test]
fn get_prefers_the_value_then_the_argument_then_the_default() {
    let var = ContextVar::with_default("v", 1);
    Context::new()
        .run(|| {
            assert_eq!(int(var.get().unwrap()), 1);
            assert_eq!(int(var.get_or(2)), 2);
            var.set(3);
            assert_eq!(int(var.get().unwrap()), 3);
            assert_eq!(int(var.get_or(2)), 3);
        })
        .unwrap();
}

#[test]
fn with_borrows_the_value_or_the_default_or_nothing() {
    let (bare, defaulted) = (ContextVar::new("a"), ContextVar::with_default("b", 1));
    Context::new()
        .run(|| {
            assert!(bare.with(|value| value.is_none()));
            assert_eq!(
                defaulted.with(|value| value.and_then(Value::as_int)),
                Some(1)
            );
            bare.set(2);
            assert_eq!(bare.with(|value| value.and_then(Value::as_int)), Some(2));
        })
        .unwrap();
}

#[test]
fn none_is_a_default() {
    assert!(matches!(
        ContextVar::with_default("v", ()).get(),
        Ok(Value::None)
    ));
    assert!(ContextVar::new("v").get().is_err());
}

#[test]
fn a_name_must_be_a_str() {
    let refused = ContextVar::from_name(Value::from(1), None);
    assert_eq!(
        line(refused),
        "TypeError: context variable name must be a str"
    );
}

#[test]
fn the_name_is_the_very_object_given() {
    let name = Value::from("v");
    let var = ContextVar::from_name(name.clone(), None).unwrap();
    assert!(var.name().is(&name));
}

#[test]
fn the_repr_shows_name_default_and_address() {
    let var = ContextVar::with_default("a'b", 5);
    let value = Value::from(&var);
    let address = value.address();
    let expected = format!("<ContextVar name=\"a'b\" default=5 at {address:#x}>");
    assert_eq!(value.repr().unwrap(), expected);
}

#[test]
fn the_hash_mixes_address_and_name() {
    let name = Value::from("v");
    let var = Value::from(ContextVar::from_name(name.clone(), None).unwrap());
    let address = var.address().rotate_right(4) as i64;
    let expected = match address ^ name.hash().unwrap() {
        -1 => -2,
        hash => hash,
    };
    assert_eq!(var.hash().unwrap(), expected);
}

#[test]
fn a_hash_is_never_the_number_reserved_for_failures() {
    /// A name whose hash cancels an address of any size.
    struct Name;

    const ADDRESS: usize = 0x1230;

    impl Object for Name {
        fn class(&self) -> &Type {
            static CLASS: LazyLock<Type> = LazyLock::new(|| types::STR.subclass("Name").unwrap());
            &CLASS
        }

        fn as_str(&self) -> Option<&str> {
            Some("v")
        }

        fn hash(&self, _: &ObjectRef) -> Result<i64, Exception> {
            Ok(!(ADDRESS.rotate_right(4) as i64))
        }
    }

    let var = ContextVar::from_name(Value::object(Name), None).unwrap();
    assert_eq!(var.payload().hash(ADDRESS), -2);
}

#[test]
fn variables_are_equal_by_identity() {
    let (a, b) = (ContextVar::new("v"), ContextVar::new("v"));
    assert!(a.is(&a.clone()));
    assert!(!a.is(&b));
    assert!(Value::from(&a).equals(&Value::from(&a)).unwrap());
    assert!(!Value::from(&a).equals(&Value::from(&b)).unwrap());
}

#[test]
fn a_new_variable_never_finds_the_value_of_a_dead_one() {
    let context = Context::new();
    context
        .run(|| {
            // The allocator returns the same address repeatedly.
            for number in 0..100 {
                let var = ContextVar::new("v");
                assert!(var.get().is_err(), "{number}: a dead variable's value");
                var.set(number);
            }
        })
        .unwrap();
    assert_eq!(context.len(), 100, "the context keeps its variables");
}
