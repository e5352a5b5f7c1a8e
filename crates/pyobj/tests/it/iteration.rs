use crate::raised;
use pyobj::ExceptionKind;
use pyobj::std_host::{Exception, List, Object, ObjectRef, Result, Type, Value, types};
use std::sync::Mutex;

fn collect(value: &Value) -> Vec<String> {
    value
        .items()
        .unwrap()
        .map(|item| item.unwrap().repr().unwrap())
        .collect()
}

#[test]
fn sequences_return_their_items_once() {
    assert_eq!(collect(&Value::tuple([1, 2])), ["1", "2"]);
    assert_eq!(collect(&Value::list(["a", "b"])), ["'a'", "'b'"]);
    assert_eq!(collect(&"aé漢😀".into()), ["'a'", "'é'", "'漢'", "'😀'"]);
    let iterator = Value::tuple([1]).iter().unwrap();
    assert!(iterator.iter().unwrap().is(&iterator));
    assert_eq!(collect(&iterator), ["1"]);
    assert!(collect(&iterator).is_empty());
    assert!(iterator.next().unwrap().is_none());
}

#[test]
fn iterators_estimate_the_remaining_length() {
    for value in [
        Value::tuple([1, 2]),
        Value::list([1, 2]),
        Value::from("é漢"),
    ] {
        let iterator = value.iter().unwrap();
        for left in [2, 1, 0] {
            assert_eq!(iterator.length_hint(9).unwrap(), left);
            iterator.next().unwrap();
        }
        assert_eq!(iterator.length_hint(9).unwrap(), 0);
        assert_eq!(value.length_hint(9).unwrap(), 2);
    }
    assert_eq!(Value::None.length_hint(9).unwrap(), 9);
}

#[test]
fn an_iterator_sees_items_added_before_its_end_only() {
    let list = List::default();
    list.push(1);
    let iterator = Value::from(list.clone()).iter().unwrap();
    iterator.next().unwrap();
    list.push(2);
    assert_eq!(collect(&iterator), ["2"]);
    list.push(3);
    assert!(collect(&iterator).is_empty());
}

#[test]
fn a_value_that_cannot_be_iterated_raises() {
    let one = Value::from(1);
    assert_eq!(
        raised(one.iter()),
        "TypeError: 'int' object is not iterable"
    );
    assert_eq!(
        raised(one.next()),
        "TypeError: 'int' object is not an iterator"
    );
    assert_eq!(
        raised(Value::list([1]).next()),
        "TypeError: 'list' object is not an iterator"
    );
    assert_eq!(
        raised(one.length()),
        "TypeError: object of type 'int' has no len()"
    );
    let error = "TypeError: argument of type 'int' is not a container or iterable";
    assert_eq!(raised(one.contains(&one)), error);
    let class = Value::from(&*types::INT);
    assert_eq!(
        raised(class.iter()),
        "TypeError: 'type' object is not iterable"
    );
}

#[test]
fn lengths_count_characters() {
    assert_eq!(Value::from("é漢").length().unwrap(), 2);
    assert_eq!(Value::tuple([1, 2, 3]).length().unwrap(), 3);
    assert_eq!(Value::list([1]).length().unwrap(), 1);
}

#[test]
fn membership_compares_by_identity_or_equality() {
    let nan = Value::from(f64::NAN);
    assert!(Value::tuple([&nan]).contains(&nan).unwrap());
    assert!(Value::list([1, 2]).contains(&2.0.into()).unwrap());
    assert!(!Value::list([1, 2]).contains(&3.into()).unwrap());
    assert!(Value::from("abc").contains(&"bc".into()).unwrap());
    assert_eq!(
        raised(Value::from("abc").contains(&1.into())),
        "TypeError: 'in <string>' requires string as left operand, not int"
    );
}

/// Counts down, then raises.
struct Countdown(Mutex<i64>);

impl Object for Countdown {
    fn class(&self) -> &Type {
        &types::OBJECT
    }

    fn iter(&self, this: &ObjectRef) -> Result {
        Ok(this.clone().into())
    }

    fn next(&self, _this: &ObjectRef) -> Result<Option<Value>> {
        let mut left = self.0.lock().unwrap();
        *left -= 1;
        match *left {
            0 => Err(Exception::text(ExceptionKind::ValueError, "liftoff")),
            left => Ok(Some(left.into())),
        }
    }
}

#[test]
fn an_iteration_ends_after_an_exception() {
    let mut items = Value::object(Countdown(Mutex::new(2))).items().unwrap();
    assert!(items.next().is_some_and(|item| item.is_ok()));
    assert!(
        items
            .next()
            .is_some_and(|item| raised(item) == "ValueError: liftoff")
    );
    assert!(items.next().is_none());
}

#[test]
fn an_objects_items_are_searched_by_default() {
    let countdown = |from| Value::object(Countdown(Mutex::new(from)));
    assert!(countdown(5).contains(&3.into()).unwrap());
    assert_eq!(
        raised(countdown(5).contains(&9.into())),
        "ValueError: liftoff"
    );
}
