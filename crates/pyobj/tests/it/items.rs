use crate::raised;
use pyobj::std_host::{Object, Type, Value};

struct Bare(Type);

impl Object for Bare {
    fn class(&self) -> &Type {
        &self.0
    }
}

#[test]
fn sequences_are_indexed_from_both_ends() {
    for sequence in [Value::tuple([10, 11]), Value::list([10, 11])] {
        assert_eq!(sequence.get_item(&0.into()).unwrap().as_int(), Some(10));
        assert_eq!(sequence.get_item(&true.into()).unwrap().as_int(), Some(11));
        assert_eq!(sequence.get_item(&(-2).into()).unwrap().as_int(), Some(10));
    }
}

#[test]
fn indices_out_of_range_or_of_other_types_raise() {
    for index in [2_i64, -3, i64::MAX, i64::MIN] {
        let error = raised(Value::tuple([1, 2]).get_item(&index.into()));
        assert_eq!(error, "IndexError: tuple index out of range");
        let list = Value::list([1, 2]);
        assert_eq!(
            raised(list.get_item(&index.into())),
            "IndexError: list index out of range"
        );
        let error = "IndexError: list assignment index out of range";
        assert_eq!(raised(list.set_item(&index.into(), 1)), error);
        assert_eq!(raised(list.del_item(&index.into())), error);
    }
    let error = "TypeError: list indices must be integers or slices, not str";
    assert_eq!(raised(Value::list([1]).get_item(&"a".into())), error);
    assert_eq!(raised(Value::list([1]).set_item(&"a".into(), 1)), error);
    let error = raised(Value::tuple([1]).get_item(&1.5.into()));
    assert_eq!(
        error,
        "TypeError: tuple indices must be integers or slices, not float"
    );
}

#[test]
fn a_lists_items_can_be_set_and_deleted() {
    let list = Value::list([1, 2, 3]);
    list.set_item(&(-1).into(), "c").unwrap();
    list.del_item(&0.into()).unwrap();
    assert_eq!(list.repr().unwrap(), "[2, 'c']");
}

#[test]
fn a_value_without_items_raises() {
    for (value, name) in [
        (Value::from(1), "int"),
        (Value::None, "NoneType"),
        (Value::object(Bare(Type::new("m.Bare").build())), "m.Bare"),
    ] {
        let key = Value::from(1);
        let error = |what| format!("TypeError: '{name}' object {what}");
        assert_eq!(raised(value.get_item(&key)), error("is not subscriptable"));
        assert_eq!(
            raised(value.set_item(&key, 1)),
            error("does not support item assignment")
        );
        assert_eq!(
            raised(value.del_item(&key)),
            error("does not support item deletion")
        );
    }
}

#[test]
fn deleting_an_index_of_a_sequence_has_another_message() {
    for (value, name) in [
        (Value::tuple([1]), "tuple"),
        (Value::from("a"), "str"),
        (
            Value::object(Bare(Type::new("m.Bare").sequence().build())),
            "m.Bare",
        ),
    ] {
        assert_eq!(
            raised(value.del_item(&1.into())),
            format!("TypeError: '{name}' object doesn't support item deletion")
        );
        assert_eq!(
            raised(value.del_item(&"a".into())),
            format!("TypeError: '{name}' object does not support item deletion")
        );
    }
}
