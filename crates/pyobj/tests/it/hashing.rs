use crate::raised;
use proptest::prelude::*;
use pyobj::std_host::{Object, ObjectRef, Result, Shared, Type, Value, types};

fn hash(value: impl Into<Value>) -> i64 {
    value.into().hash().unwrap()
}

#[test]
fn numbers_hash_as_in_cpython() {
    assert_eq!(hash(-1), -2);
    assert_eq!(hash(-1.0), -2);
    assert_eq!(hash((1_i64 << 61) - 1), 0);
    assert_eq!(hash(i64::MIN), -4);
    assert_eq!(hash(1.5), 1_152_921_504_606_846_977);
    assert_eq!(hash(1e300), 1_224_995_262_755_759_164);
    assert_eq!(hash(f64::INFINITY), 314_159);
    assert_eq!(hash(f64::NEG_INFINITY), -314_159);
    assert_eq!(hash(()), 4_238_894_112);
    assert_eq!(hash(Value::tuple([1, 2])), -3_550_055_125_485_641_917);
}

#[test]
fn lists_and_tuples_that_contain_them_are_not_hashable() {
    let list = Value::list([1]);
    assert_eq!(raised(list.hash()), "TypeError: unhashable type: 'list'");
    assert_eq!(
        raised(Value::tuple([list]).hash()),
        "TypeError: unhashable type: 'list'"
    );
}

#[test]
fn the_hash_of_an_object_is_its_address_rotated_right_by_four() {
    struct Plain;

    impl Object for Plain {
        fn class(&self) -> &Type {
            &types::OBJECT
        }
    }

    let value = Value::from(Shared::new(Plain));
    assert_eq!(hash(&value), value.address().rotate_right(4) as i64);
}

#[test]
fn a_hash_of_minus_one_becomes_minus_two() {
    struct MinusOne;

    impl Object for MinusOne {
        fn class(&self) -> &Type {
            &types::OBJECT
        }

        fn hash(&self, _this: &ObjectRef) -> Result<i64> {
            Ok(-1)
        }
    }

    assert_eq!(hash(Value::object(MinusOne)), -2);
}

#[test]
fn truth_values_are_pythons() {
    let falsy = [
        Value::None,
        false.into(),
        0.into(),
        0.0.into(),
        (-0.0).into(),
        "".into(),
        Value::tuple([(); 0]),
        Value::list([(); 0]),
    ];
    assert!(falsy.iter().all(|value| !value.truth().unwrap()));
    let truthy = [
        true.into(),
        (-1).into(),
        f64::NAN.into(),
        "0".into(),
        Value::tuple([0]),
        Value::list([0]),
        types::INT.clone().into(),
    ];
    assert!(truthy.iter().all(|value| value.truth().unwrap()));
    assert_eq!(
        raised(Value::NotImplemented.truth()),
        "TypeError: NotImplemented should not be used in a boolean context"
    );
}

fn number() -> impl Strategy<Value = Value> {
    let near = prop_oneof![
        Just(0_i64),
        Just(1 << 53),
        Just((1 << 61) - 1),
        Just(i64::MAX - 4)
    ];
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (near.clone(), -4..4_i64).prop_map(|(a, b)| Value::from(a + b)),
        (near, -4..4_i64).prop_map(|(a, b)| Value::from((a + b) as f64)),
        any::<f64>().prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        number(),
        "[ab]{0,2}".prop_map(Value::from),
        Just(Value::None)
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::vec(inner, 0..3).prop_map(Value::tuple)
    })
}

proptest! {
    #[test]
    fn equal_numbers_have_equal_hashes(a in number(), b in number()) {
        if a.equals(&b).unwrap() {
            prop_assert_eq!(hash(&a), hash(&b));
        }
    }

    #[test]
    fn an_integer_equals_its_float_only_if_that_is_exact(a in any::<i64>()) {
        let float = a as f64;
        let exact = float as i128 == i128::from(a);
        prop_assert_eq!(Value::from(a).equals(&float.into()).unwrap(), exact);
        if exact {
            prop_assert_eq!(hash(a), hash(float));
        }
    }

    #[test]
    fn equality_is_symmetric_and_agrees_with_hashes(a in value(), b in value()) {
        let equal = a.equals(&b).unwrap();
        prop_assert_eq!(equal, b.equals(&a).unwrap());
        prop_assert_eq!(equal, !a.differs(&b).unwrap());
        if equal {
            prop_assert_eq!(hash(&a), hash(&b));
        }
    }
}
