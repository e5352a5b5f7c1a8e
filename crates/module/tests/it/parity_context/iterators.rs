//! `iter(ctx)`, `keys()`, `values()`, `items()`.

use crate::python::*;
use contextvars::Value;
use pyobj::std_host::{Result, weakref};

const METHODS: [&str; 3] = ["keys", "values", "items"];

/// Returns a context that binds two variables, and the variables.
fn two() -> (Value, [Value; 2]) {
    let vars = [var("a"), var("b")];
    let context = context_with(&[(&vars[0], 1), (&vars[1], 2)]);
    (context, vars)
}

/// Returns an iterator of each kind over a context with two bindings.
fn iterators() -> [Value; 4] {
    let (context, _) = two();
    let [keys, values, items] = METHODS.map(|name| context.call_method(name, ()).unwrap());
    [context.iter().unwrap(), keys, values, items]
}

#[test]
fn iter_and_keys_give_the_very_variables() -> Result<()> {
    let (context, vars) = two();
    for keys in [context.iter()?, context.call_method("keys", ())?] {
        let keys = list(&keys);
        assert_eq!(keys.len(), 2);
        for var in &vars {
            assert!(keys.iter().any(|key| key.is(var)), "{var:?}");
        }
    }
    Ok(())
}

#[test]
fn values_gives_the_values_and_items_pairs_of_both() -> Result<()> {
    let (context, _) = two();
    let mut values: Vec<_> = list(&context.call_method("values", ())?)
        .iter()
        .map(|value| value.as_int().unwrap())
        .collect();
    values.sort_unstable();
    assert_eq!(values, [1, 2]);

    let items = list(&context.call_method("items", ())?);
    assert_eq!(items.len(), 2);
    for item in items {
        assert_eq!(item.class().name(), "tuple");
        assert_eq!(item.length()?, 2);
        let (var, value) = (item.get_item(&0.into())?, item.get_item(&1.into())?);
        assert!(context.get_item(&var)?.equals(&value)?);
    }
    Ok(())
}

#[test]
fn an_iterator_is_its_own_iterator() -> Result<()> {
    for iterator in iterators() {
        assert_is(&iterator.iter()?, &iterator);
    }
    Ok(())
}

#[test]
fn an_iterator_goes_once_and_keeps_its_length_and_truth() -> Result<()> {
    for iterator in iterators() {
        let lengths = || {
            (
                iterator.length().unwrap(),
                iterator.length_hint(99).unwrap(),
            )
        };
        assert_eq!(lengths(), (2, 2));
        assert!(iterator.next()?.is_some());
        assert_eq!(lengths(), (2, 2));
        assert!(iterator.next()?.is_some());
        assert!(iterator.next()?.is_none());
        assert_eq!(lengths(), (2, 2));
        assert!(iterator.truth()?);
        assert!(list(&iterator).is_empty());
    }
    let empty = context().iter()?;
    assert_eq!(empty.length()?, 0);
    assert!(!empty.truth()?);
    Ok(())
}

#[test]
fn a_second_list_is_empty() {
    for iterator in iterators() {
        assert_eq!(list(&iterator).len(), 2);
        assert_eq!(list(&iterator).len(), 0);
    }
}

#[test]
fn a_membership_test_consumes() -> Result<()> {
    let (context, _) = two();
    let order = list(&context);
    for (sought, left) in [(0, 1), (1, 0)] {
        let keys = context.iter()?;
        assert!(keys.contains(&order[sought])?);
        assert_eq!(list(&keys).len(), left);
    }
    let keys = context.iter()?;
    assert!(!keys.contains(&var("c"))?);
    assert!(!keys.contains(&order[0])?);
    Ok(())
}

#[test]
fn the_types_are_built_in_and_named_for_what_they_give() -> Result<()> {
    for (iterator, name) in iterators().iter().zip(["keys", "keys", "values", "items"]) {
        let class = Value::from(iterator.class());
        assert_eq!(class.get_attr("__name__")?.as_str(), Some(name));
        assert_eq!(class.get_attr("__module__")?.as_str(), Some("builtins"));
        assert_eq!(class.repr()?, format!("<class '{name}'>"));
        assert_eq!(
            iterator.repr()?,
            format!("<{name} object at {}>", address(iterator))
        );
    }
    Ok(())
}

#[test]
fn the_types_cannot_be_instantiated_or_derived_from_and_allow_no_weak_references() {
    for iterator in iterators() {
        let class = iterator.class();
        let name = class.name();
        assert_type_error(
            Value::from(class).call(()),
            &format!("cannot create '{name}' instances"),
        );
        assert_type_error(
            class.subclass("Mine"),
            &format!("type '{name}' is not an acceptable base type"),
        );
        assert_type_error(
            weakref(&iterator),
            &format!("cannot create weak reference to '{name}' object"),
        );
    }
}

#[test]
fn later_sets_do_not_disturb_a_running_iterator() -> Result<()> {
    let (context, vars) = two();
    let iterators = METHODS.map(|name| context.call_method(name, ()).unwrap());
    for iterator in &iterators {
        assert!(iterator.next()?.is_some());
    }
    for (var, value) in [(&vars[0], 10), (&vars[1], 20), (&var("c"), 30)] {
        let set = var.get_attr("set")?;
        context.call_method("run", [set, value.into()])?;
    }
    let [keys, values, items] = iterators.map(|iterator| list(&iterator));
    assert_eq!([keys.len(), values.len(), items.len()], [1, 1, 1]);
    assert!(vars.iter().any(|var| var.is(&keys[0])));
    assert!(values[0].as_int().unwrap() < 10);
    assert!(items[0].get_item(&1.into())?.as_int().unwrap() < 10);
    assert_eq!(context.length()?, 3);
    Ok(())
}
