use crate::raised;
use pyobj::std_host::{Arguments, Arity, Builtin, Object, Shared, Type, Value};
use std::sync::LazyLock;

/// Has a method of each arity. They return the number of their arguments.
struct Thing;

fn count(arguments: Arguments) -> Value {
    Value::tuple([
        arguments.positional.len() as i64,
        arguments.keywords.len() as i64,
    ])
}

impl Object for Thing {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| {
            let class = Type::new("m.Thing").build();
            for (name, arity) in [
                ("keys", Arity::None),
                ("set", Arity::One),
                ("get", Arity::Positional { min: 0, max: 1 }),
                ("pick", Arity::Positional { min: 1, max: 2 }),
                ("__exit__", Arity::Positional { min: 3, max: 3 }),
                ("run", Arity::Variadic),
            ] {
                class.add(
                    Builtin::method(name, arity, |_: Shared<Thing>, arguments| {
                        Ok(count(arguments))
                    })
                    .doc("Counts.")
                    .signature("($self, /)"),
                );
            }
            class
        });
        &CLASS
    }
}

fn call(name: &str, arguments: impl Into<Arguments>) -> Result<String, String> {
    match Value::object(Thing).call_method(name, arguments) {
        Ok(value) => Ok(value.repr().unwrap()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn the_right_number_of_arguments_is_accepted() {
    assert_eq!(call("keys", ()).unwrap(), "(0, 0)");
    assert_eq!(call("set", [1]).unwrap(), "(1, 0)");
    assert_eq!(call("get", ()).unwrap(), "(0, 0)");
    assert_eq!(call("get", [1]).unwrap(), "(1, 0)");
    assert_eq!(call("pick", [1, 2]).unwrap(), "(2, 0)");
    assert_eq!(call("__exit__", [1, 2, 3]).unwrap(), "(3, 0)");
    assert_eq!(
        call("run", Arguments::from([1, 2]).keyword("self", 3)).unwrap(),
        "(2, 1)"
    );
}

#[test]
fn a_wrong_number_of_arguments_raises_cpythons_error() {
    for (name, given, text) in [
        ("keys", 1, "Thing.keys() takes no arguments (1 given)"),
        ("keys", 2, "Thing.keys() takes no arguments (2 given)"),
        ("set", 0, "Thing.set() takes exactly one argument (0 given)"),
        ("set", 2, "Thing.set() takes exactly one argument (2 given)"),
        ("get", 2, "get expected at most 1 argument, got 2"),
        ("pick", 0, "pick expected at least 1 argument, got 0"),
        ("pick", 3, "pick expected at most 2 arguments, got 3"),
        ("__exit__", 0, "__exit__ expected 3 arguments, got 0"),
        ("__exit__", 4, "__exit__ expected 3 arguments, got 4"),
    ] {
        let arguments = Arguments::from_iter(0..given);
        assert_eq!(
            call(name, arguments).unwrap_err(),
            format!("TypeError: {text}")
        );
    }
}

#[test]
fn keywords_are_checked_before_the_number() {
    for name in ["keys", "set", "get", "pick", "__exit__"] {
        let arguments = Arguments::from([1, 2, 3, 4]).keyword("a", 1);
        let text = format!("TypeError: Thing.{name}() takes no keyword arguments");
        assert_eq!(call(name, arguments).unwrap_err(), text);
    }
}

#[test]
fn errors_of_a_modules_function_name_its_module() {
    let function = Value::from(
        Builtin::function("copy_context", Arity::None, |_| Ok(Value::None))
            .in_module("_contextvars"),
    );
    assert_eq!(function.repr().unwrap(), "<built-in function copy_context>");
    assert_eq!(
        raised(function.call([1])),
        "TypeError: _contextvars.copy_context() takes no arguments (1 given)"
    );
    assert_eq!(
        raised(function.call(Arguments::from([1]).keyword("a", 1))),
        "TypeError: _contextvars.copy_context() takes no keyword arguments"
    );
    assert_eq!(
        function.get_attr("__module__").unwrap().as_str(),
        Some("_contextvars")
    );
    assert_eq!(
        function.get_attr("__qualname__").unwrap().as_str(),
        Some("copy_context")
    );
    assert!(function.get_attr("__doc__").unwrap().is(&Value::None));
    assert!(
        function
            .get_attr("__text_signature__")
            .unwrap()
            .is(&Value::None)
    );
}

#[test]
fn errors_of_a_builtin_function_name_no_module() {
    let function = Value::from(Builtin::function("len", Arity::One, |_| Ok(Value::None)));
    assert_eq!(
        raised(function.call(())),
        "TypeError: len() takes exactly one argument (0 given)"
    );
    assert_eq!(
        raised(function.get_attr("foo")),
        "AttributeError: 'builtin_function_or_method' object has no attribute 'foo'"
    );
}

#[test]
fn a_bound_method_has_a_repr_and_attributes() {
    let thing = Value::object(Thing);
    let get = thing.get_attr("get").unwrap();
    let address = thing.address();
    assert_eq!(
        get.repr().unwrap(),
        format!("<built-in method get of m.Thing object at {address:#x}>")
    );
    assert!(get.get_attr("__self__").unwrap().is(&thing));
    for (name, text) in [
        ("__name__", "'get'"),
        ("__qualname__", "'Thing.get'"),
        ("__doc__", "'Counts.'"),
        ("__text_signature__", "'($self, /)'"),
    ] {
        assert_eq!(get.get_attr(name).unwrap().repr().unwrap(), text);
    }
    assert_eq!(get.class().name(), "builtin_function_or_method");
}

#[test]
fn bound_methods_are_equal_by_object_and_function() {
    let thing = Value::object(Thing);
    let get = || thing.get_attr("get").unwrap();
    assert!(!get().is(&get()));
    assert!(get().equals(&get()).unwrap());
    assert_eq!(get().hash().unwrap(), get().hash().unwrap());
    assert!(!get().equals(&thing.get_attr("set").unwrap()).unwrap());
    assert!(
        !get()
            .equals(&Value::object(Thing).get_attr("get").unwrap())
            .unwrap()
    );
}

#[test]
fn only_callables_can_be_called() {
    assert_eq!(
        raised(Value::from(1).call(())),
        "TypeError: 'int' object is not callable"
    );
    assert_eq!(
        raised(Value::None.call(())),
        "TypeError: 'NoneType' object is not callable"
    );
    assert_eq!(
        raised(Value::object(Thing).call(())),
        "TypeError: 'm.Thing' object is not callable"
    );
}

#[test]
fn a_method_keeps_neither_its_type_nor_its_object_alive() {
    struct Local(Type);

    impl Object for Local {
        fn class(&self) -> &Type {
            &self.0
        }
    }

    let class = Type::new("Local").build();
    class.add(Builtin::method("m", Arity::None, |_: Value, _| {
        Ok(Value::None)
    }));
    let local = Shared::new(Local(class));
    let weak = local.downgrade();
    let method = Value::from(local).get_attr("m").unwrap();
    assert!(method.call(()).is_ok());
    drop(method);
    assert!(weak.upgrade().is_none());
}
