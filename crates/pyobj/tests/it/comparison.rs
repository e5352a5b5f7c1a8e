use crate::raised;
use proptest::prelude::*;
use pyobj::ExceptionKind;
use pyobj::std_host::{Exception, List, Object, ObjectRef, Order, Result, Type, Value, types};
use std::sync::LazyLock;

/// Returns one value from every comparison.
struct Answers(Value);

impl Object for Answers {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Answers").build());
        &CLASS
    }

    fn eq(&self, _this: &ObjectRef, _other: &Value) -> Result {
        Ok(self.0.clone())
    }

    fn order(&self, _this: &ObjectRef, order: Order, _other: &Value) -> Result {
        Ok(Value::from(order == Order::Greater))
    }
}

fn answers(value: impl Into<Value>) -> Value {
    Value::object(Answers(value.into()))
}

/// Raises when compared.
struct Raises;

impl Object for Raises {
    fn class(&self) -> &Type {
        &types::OBJECT
    }

    fn eq(&self, _this: &ObjectRef, _other: &Value) -> Result {
        Err(Exception::text(ExceptionKind::ValueError, "no =="))
    }
}

#[test]
fn equals_takes_the_truth_value_of_the_result_of_eq() {
    let one = Value::from(1);
    assert!(answers("yes").equals(&one).unwrap());
    assert!(!answers("").equals(&one).unwrap());
    assert!(!answers("yes").differs(&one).unwrap());
    assert!(answers("").differs(&one).unwrap());
}

#[test]
fn the_right_operand_decides_if_the_left_one_returns_not_implemented() {
    assert!(Value::from(1).equals(&answers(true)).unwrap());
    assert!(
        answers(Value::NotImplemented)
            .equals(&answers(true))
            .unwrap()
    );
    assert!(Value::from(1).compare(Order::Less, &answers(true)).unwrap());
    assert!(
        !Value::from(1)
            .compare(Order::Greater, &answers(true))
            .unwrap()
    );
}

#[test]
fn identity_decides_if_both_return_not_implemented() {
    let unknown = answers(Value::NotImplemented);
    assert!(unknown.equals(&unknown).unwrap());
    assert!(!unknown.differs(&unknown).unwrap());
    assert!(!unknown.equals(&answers(Value::NotImplemented)).unwrap());
    assert!(unknown.differs(&Value::None).unwrap());
    assert!(Value::None.equals(&Value::None).unwrap());
    assert!(!Value::None.equals(&Value::from(0)).unwrap());
    assert!(
        Value::from(&*types::INT)
            .equals(&types::INT.clone().into())
            .unwrap()
    );
}

#[test]
fn the_operand_of_a_derived_type_is_compared_first() {
    struct Derived;

    impl Object for Derived {
        fn class(&self) -> &Type {
            static CLASS: LazyLock<Type> =
                LazyLock::new(|| types::INT.subclass("Derived").unwrap());
            &CLASS
        }

        fn order(&self, _this: &ObjectRef, order: Order, _other: &Value) -> Result {
            Ok(Value::from(order == Order::GreaterEqual))
        }
    }

    assert!(
        Value::from(1)
            .compare(Order::LessEqual, &Value::object(Derived))
            .unwrap()
    );
}

#[test]
fn an_exception_of_eq_propagates() {
    for (left, right) in [
        (Value::object(Raises), Value::from(1)),
        (Value::from(1), Value::object(Raises)),
        (Value::list([Value::object(Raises)]), Value::list([1])),
    ] {
        assert_eq!(raised(left.equals(&right)), "ValueError: no ==");
        assert_eq!(raised(left.differs(&right)), "ValueError: no ==");
    }
}

#[test]
fn identical_items_are_equal_without_a_call_of_eq() {
    let nan = Value::from(f64::NAN);
    assert!(!nan.equals(&nan).unwrap());
    assert!(Value::tuple([&nan]).equals(&Value::tuple([&nan])).unwrap());
    let raises = Value::object(Raises);
    assert!(
        Value::list([&raises])
            .equals(&Value::list([&raises]))
            .unwrap()
    );
}

#[test]
fn sequences_of_different_lengths_or_types_differ() {
    assert!(!Value::tuple([1, 2]).equals(&Value::tuple([1])).unwrap());
    assert!(!Value::tuple([1]).equals(&Value::list([1])).unwrap());
    assert!(
        Value::list([Value::tuple([1])])
            .equals(&Value::list([Value::tuple([1.0])]))
            .unwrap()
    );
}

#[test]
fn an_item_may_change_the_list_while_it_is_compared() {
    struct Empties(List);

    impl Object for Empties {
        fn class(&self) -> &Type {
            &types::OBJECT
        }

        fn eq(&self, _this: &ObjectRef, _other: &Value) -> Result {
            self.0.take();
            Ok(true.into())
        }
    }

    let list = List::default();
    list.push(Value::object(Empties(list.clone())));
    list.push(2);
    assert!(
        Value::from(list.clone())
            .equals(&Value::list([1, 2]))
            .unwrap()
    );
    assert!(list.is_empty());
}

#[test]
fn unordered_operands_are_named_in_the_error() {
    assert_eq!(
        raised(Value::from(1).compare(Order::Less, &"a".into())),
        "TypeError: '<' not supported between instances of 'int' and 'str'"
    );
    assert_eq!(
        raised(Value::None.compare(Order::GreaterEqual, &Value::list([1]))),
        "TypeError: '>=' not supported between instances of 'NoneType' and 'list'"
    );
    assert_eq!(
        raised(Value::tuple([1]).compare(Order::Greater, &Value::tuple(["a"]))),
        "TypeError: '>' not supported between instances of 'int' and 'str'"
    );
}

#[test]
fn sequences_and_texts_are_ordered_by_their_first_difference() {
    let less = |a: Value, b: Value| {
        a.compare(Order::Less, &b).unwrap()
            && !a.compare(Order::GreaterEqual, &b).unwrap()
            && b.compare(Order::Greater, &a).unwrap()
            && !b.compare(Order::LessEqual, &a).unwrap()
    };
    assert!(less("a".into(), "b".into()));
    assert!(less("".into(), "a".into()));
    assert!(less(Value::tuple([1, 2]), Value::tuple([1, 3])));
    assert!(less(Value::list([1]), Value::list([1, 0])));
}

#[test]
fn every_ordering_comparison_with_a_nan_is_false() {
    for order in [
        Order::Less,
        Order::LessEqual,
        Order::Greater,
        Order::GreaterEqual,
    ] {
        assert!(!Value::from(f64::NAN).compare(order, &1.into()).unwrap());
        assert!(!Value::from(1).compare(order, &f64::NAN.into()).unwrap());
    }
}

proptest! {
    #[test]
    fn integers_and_floats_are_ordered_without_rounding(a in any::<i64>(), near in -2.0..2.0_f64, far in any::<f64>()) {
        for b in [a as f64 + near, a as f64, far] {
            // Exact: the integral part fits 128 bits, or its sign decides.
            let whole = i128::from(a).cmp(&(b.trunc() as i128));
            let exact = whole.then(0.0_f64.partial_cmp(&b.fract()).unwrap_or(std::cmp::Ordering::Equal));
            let (int, float) = (Value::from(a), Value::from(b));
            prop_assert_eq!(int.compare(Order::Less, &float).unwrap(), exact.is_lt());
            prop_assert_eq!(float.compare(Order::LessEqual, &int).unwrap(), exact.is_ge());
        }
    }
}
