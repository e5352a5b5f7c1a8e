use crate::raised;
use pyobj::std_host::{Type, Value, types};

fn subscript(class: &Type, key: impl Into<Value>) -> Value {
    Value::from(class).get_item(&key.into()).unwrap()
}

#[test]
fn an_alias_prints_types_by_name_and_other_arguments_by_repr() {
    let class = Type::new("_contextvars.ContextVar").generic().build();
    let shown = |key: Value| subscript(&class, key).repr().unwrap();
    assert_eq!(
        shown(types::INT.clone().into()),
        "_contextvars.ContextVar[int]"
    );
    assert_eq!(
        shown(Value::tuple([&*types::INT, &class])),
        "_contextvars.ContextVar[int, _contextvars.ContextVar]"
    );
    assert_eq!(shown("a".into()), "_contextvars.ContextVar['a']");
    assert_eq!(shown(Value::tuple([(); 0])), "_contextvars.ContextVar[()]");
    assert_eq!(
        subscript(&types::LIST, &*types::STR).repr().unwrap(),
        "list[str]"
    );
}

#[test]
fn an_alias_has_its_type_and_arguments() {
    let alias = subscript(&types::LIST, &*types::INT);
    assert!(
        alias
            .get_attr("__origin__")
            .unwrap()
            .is(&types::LIST.clone().into())
    );
    assert_eq!(
        alias.get_attr("__args__").unwrap().repr().unwrap(),
        "(<class 'int'>,)"
    );
    assert_eq!(alias.get_attr("__name__").unwrap().as_str(), Some("list"));
    assert_eq!(
        alias.get_attr("__class__").unwrap().repr().unwrap(),
        "<class 'types.GenericAlias'>"
    );
    let error = raised(alias.get_attr("foo"));
    assert_eq!(
        error,
        "AttributeError: type object 'list' has no attribute 'foo'"
    );
}

#[test]
fn equal_aliases_have_equal_hashes() {
    let alias = || subscript(&types::LIST, &*types::INT);
    assert!(alias().equals(&alias()).unwrap());
    assert_eq!(alias().hash().unwrap(), alias().hash().unwrap());
    assert!(
        !alias()
            .equals(&subscript(&types::TUPLE, &*types::INT))
            .unwrap()
    );
    assert!(
        !alias()
            .equals(&subscript(&types::LIST, &*types::STR))
            .unwrap()
    );
    assert!(!alias().equals(&types::LIST.clone().into()).unwrap());
}

#[test]
fn an_alias_is_called_like_its_type() {
    let class = Type::new("X").generic().build();
    class.set_constructor(|_, _| Ok(Value::from("made")));
    assert_eq!(
        subscript(&class, 1).call(()).unwrap().as_str(),
        Some("made")
    );
}

#[test]
fn other_types_are_not_subscriptable() {
    let error = raised(Value::from(&*types::INT).get_item(&1.into()));
    assert_eq!(error, "TypeError: type 'int' is not subscriptable");
}
