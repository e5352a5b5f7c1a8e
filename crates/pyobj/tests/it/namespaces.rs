use proptest::prelude::*;
use pyobj::std_host::{Namespace, Value};

#[test]
fn a_replaced_value_is_returned_and_its_name_keeps_its_place() {
    let mut names: Namespace = [("a", 1), ("b", 2)].into_iter().collect();
    assert!(names.insert("c", 3.into()).is_none());
    assert_eq!(
        names.insert("a", 4.into()).and_then(|old| old.as_int()),
        Some(1)
    );
    assert_eq!(format!("{names:?}"), r#"{"a": 4, "b": 2, "c": 3}"#);
    assert_eq!(names.remove("b").and_then(|old| old.as_int()), Some(2));
    assert!(names.remove("b").is_none());
    assert_eq!(format!("{names:?}"), r#"{"a": 4, "c": 3}"#);
    assert!(names.get("b").is_none());
    assert_eq!(names.len(), 2);
    assert!(!names.is_empty());
}

proptest! {
    #[test]
    fn it_agrees_with_a_list_of_pairs(steps in prop::collection::vec(("[a-e]{0,2}", any::<Option<i64>>()), 0..40)) {
        let mut names = Namespace::new();
        let mut model: Vec<(String, i64)> = Vec::new();
        for (name, number) in steps {
            let at = model.iter().position(|(other, _)| *other == name);
            let expected = at.map(|at| model[at].1);
            let given = match (number, at) {
                (Some(number), Some(at)) => {
                    model[at].1 = number;
                    names.insert(&*name, number.into())
                }
                (Some(number), None) => {
                    model.push((name.clone(), number));
                    names.insert(&*name, number.into())
                }
                (None, at) => {
                    at.map(|at| model.remove(at));
                    names.remove(&name)
                }
            };
            prop_assert_eq!(given.and_then(|value: Value| value.as_int()), expected);
            prop_assert!(names.keys().eq(model.iter().map(|(name, _)| name.as_str())));
            prop_assert_eq!((names.keys().len(), names.iter().len()), (model.len(), model.len()));
            for ((name, value), expected) in (&names).into_iter().zip(&model) {
                prop_assert_eq!((name, value.as_int()), (&*expected.0, Some(expected.1)));
            }
            for (name, number) in &model {
                prop_assert_eq!(names.get(name).and_then(Value::as_int), Some(*number));
            }
        }
    }
}
