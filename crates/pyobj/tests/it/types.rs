use crate::raised;
use pyobj::ExceptionKind;
use pyobj::std_host::{Arity, Builtin, Type, Value, types};

#[test]
fn the_last_dot_of_a_name_ends_the_module() {
    for (full_name, module, name) in [
        ("_contextvars.Context", "_contextvars", "Context"),
        ("Token.MISSING", "Token", "MISSING"),
        ("keys", "builtins", "keys"),
        ("a.b.C", "a.b", "C"),
    ] {
        let class = Type::new(full_name).build();
        assert_eq!((class.module(), class.name()), (module, name));
        assert_eq!(class.to_string(), format!("<class '{full_name}'>"));
    }
}

#[test]
fn types_are_equal_by_identity() {
    let class = Type::new("X").build();
    assert_eq!(class, class.clone());
    assert_ne!(class, Type::new("X").build());
}

#[test]
fn only_a_type_with_a_constructor_can_be_instantiated() {
    let class = Type::new("Token.MISSING").build();
    let value = Value::from(&class);
    assert_eq!(
        raised(value.call(())),
        "TypeError: cannot create 'Token.MISSING' instances"
    );
    assert!(class.set_constructor(|class, arguments| {
        Ok(Value::tuple([
            class.into(),
            Value::from(arguments.positional.len() as i64),
        ]))
    }));
    assert_eq!(
        value.call([1, 2]).unwrap().repr().unwrap(),
        "(<class 'Token.MISSING'>, 2)"
    );
    assert!(!class.set_constructor(|_, _| Ok(Value::None)));
    assert_eq!(
        value.call(()).unwrap().repr().unwrap(),
        "(<class 'Token.MISSING'>, 0)"
    );
}

#[test]
fn only_some_types_can_be_derived_from() {
    for class in [&types::BOOL, &types::NONE_TYPE] {
        assert_eq!(
            raised(class.subclass("X")),
            format!(
                "TypeError: type '{}' is not an acceptable base type",
                class.full_name()
            )
        );
    }
    let derived = types::INT.subclass("X").unwrap();
    assert!(derived.derives_from(&types::INT));
    assert!(!types::INT.derives_from(&derived));
    assert!(derived.subclass("Y").is_ok());
    assert!(derived.is_weakly_referenceable());
}

#[test]
fn attributes_are_inherited_and_overridden() {
    let base = Type::new("Base").subclassable().build();
    base.define("a", 1);
    base.define("b", 2);
    let derived = base.subclass("Derived").unwrap();
    derived.define("b", 3);
    assert_eq!(derived.lookup("a").unwrap().as_int(), Some(1));
    assert_eq!(derived.lookup("b").unwrap().as_int(), Some(3));
    assert!(derived.lookup("c").is_none());
    assert_eq!(derived.define("b", 4).unwrap().as_int(), Some(3));
    assert_eq!(base.lookup("b").unwrap().as_int(), Some(2));
}

#[test]
fn dir_lists_the_names_sorted_and_once() {
    let class = Type::new("X").build();
    class.define("zeta", 1);
    class.add(Builtin::method("alpha", Arity::None, |_: Value, _| {
        Ok(Value::None)
    }));
    assert_eq!(
        class.dir(),
        [
            "__class__",
            "__doc__",
            "__reduce__",
            "__reduce_ex__",
            "alpha",
            "zeta"
        ]
    );
}

#[test]
fn exceptions_are_created_by_calling_their_types() {
    let error = Value::from(Type::from(ExceptionKind::LookupError))
        .call([1])
        .unwrap();
    assert_eq!(error.repr().unwrap(), "LookupError(1)");
    let arguments = pyobj::std_host::Arguments::new().keyword("a", 1);
    assert_eq!(
        raised(Value::from(Type::from(ExceptionKind::LookupError)).call(arguments)),
        "TypeError: LookupError() takes no keyword arguments"
    );
    let mine = types::EXCEPTION.subclass("mine.Error").unwrap();
    assert_eq!(
        Value::from(&mine).call(["a"]).unwrap().repr().unwrap(),
        "Error('a')"
    );
}

#[test]
fn a_type_with_methods_is_dropped_with_its_last_handle() {
    struct Tracked;
    let tracked = std::sync::Arc::new(Tracked);
    let weak = std::sync::Arc::downgrade(&tracked);
    let class = Type::new("X").generic().build();
    class.add(Builtin::method("m", Arity::None, move |_: Value, _| {
        let _ = &tracked;
        Ok(Value::None)
    }));
    drop(class);
    assert!(weak.upgrade().is_none());
}
