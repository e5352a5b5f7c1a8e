use crate::raised;
use pyobj::ExceptionKind;
use pyobj::std_host::{Arity, Builtin, Exception, Getter, Object, Shared, Type, Value, types};
use std::sync::LazyLock;

struct Point(i64);

impl Object for Point {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| {
            let class = Type::new("shapes.Point").doc("A point.").build();
            class
                .add(Builtin::method(
                    "double",
                    Arity::None,
                    |this: Shared<Point>, _| Ok(Value::from(this.0 * 2)),
                ))
                .add(Builtin::class_method("origin", Arity::None, |class, _| {
                    Ok(class.into())
                }))
                .add(Builtin::function("plain", Arity::None, |_| {
                    Ok(Value::from("plain"))
                }))
                .add_getter(Getter::stored("x", |this: Shared<Point>| {
                    Ok(Value::from(this.0))
                }))
                .add_getter(Getter::computed("y", |this: Shared<Point>| match this.0 {
                    0 => Err(Exception::text(ExceptionKind::ValueError, "no y")),
                    x => Ok(Value::from(-x)),
                }));
            class.define("unit", 1);
            class
        });
        &CLASS
    }
}

fn point() -> Value {
    Value::object(Point(3))
}

#[test]
fn getters_are_called_and_methods_bound() {
    assert_eq!(point().get_attr("x").unwrap().as_int(), Some(3));
    assert_eq!(point().get_attr("y").unwrap().as_int(), Some(-3));
    assert_eq!(point().get_attr("unit").unwrap().as_int(), Some(1));
    assert_eq!(point().call_method("double", ()).unwrap().as_int(), Some(6));
    assert_eq!(
        point().call_method("plain", ()).unwrap().as_str(),
        Some("plain")
    );
    assert!(
        point()
            .call_method("origin", ())
            .unwrap()
            .is(&point().class().into())
    );
    assert!(
        point()
            .get_attr("__class__")
            .unwrap()
            .is(&point().class().into())
    );
    assert_eq!(
        point().get_attr("__doc__").unwrap().as_str(),
        Some("A point.")
    );
    assert_eq!(
        raised(Value::object(Point(0)).get_attr("y")),
        "ValueError: no y"
    );
}

#[test]
fn a_missing_attribute_names_the_type_as_cpython_does() {
    let error = raised(point().get_attr("foo"));
    assert_eq!(
        error,
        "AttributeError: 'shapes.Point' object has no attribute 'foo'"
    );
    let error = raised(Value::from(1).get_attr("foo"));
    assert_eq!(error, "AttributeError: 'int' object has no attribute 'foo'");
    let error = raised(Value::None.get_attr("foo"));
    assert_eq!(
        error,
        "AttributeError: 'NoneType' object has no attribute 'foo'"
    );
    let error = raised(Value::from(point().class()).get_attr("foo"));
    assert_eq!(
        error,
        "AttributeError: type object 'shapes.Point' has no attribute 'foo'"
    );
}

#[test]
fn setting_and_deleting_raise_cpythons_errors() {
    for (name, text) in [
        ("x", "readonly attribute"),
        (
            "y",
            "attribute 'y' of 'shapes.Point' objects is not writable",
        ),
        (
            "double",
            "'shapes.Point' object attribute 'double' is read-only",
        ),
        (
            "foo",
            "'shapes.Point' object has no attribute 'foo' \
             and no __dict__ for setting new attributes",
        ),
    ] {
        let text = format!("AttributeError: {text}");
        assert_eq!(raised(point().set_attr(name, 1)), text);
        assert_eq!(raised(point().del_attr(name)), text);
    }
    assert_eq!(
        raised(Value::from(1).set_attr("x", 1)),
        "AttributeError: 'int' object has no attribute 'x' \
         and no __dict__ for setting new attributes"
    );
}

#[test]
fn a_type_is_immutable_to_hosted_code() {
    let class = Value::from(point().class());
    let text = "TypeError: cannot set 'z' attribute of immutable type 'shapes.Point'";
    assert_eq!(raised(class.set_attr("z", 1)), text);
    assert_eq!(raised(class.del_attr("z")), text);
}

#[test]
fn a_type_shows_its_descriptors() {
    let class = Value::from(point().class());
    let shown = |name| class.get_attr(name).unwrap().repr().unwrap();
    assert_eq!(shown("x"), "<member 'x' of 'shapes.Point' objects>");
    assert_eq!(shown("y"), "<attribute 'y' of 'shapes.Point' objects>");
    assert_eq!(
        shown("double"),
        "<method 'double' of 'shapes.Point' objects>"
    );
    assert_eq!(shown("__name__"), "'Point'");
    assert_eq!(shown("__qualname__"), "'Point'");
    assert_eq!(shown("__module__"), "'shapes'");
    assert_eq!(shown("__doc__"), "'A point.'");
    assert_eq!(
        shown("__mro__"),
        "(<class 'shapes.Point'>, <class 'object'>)"
    );
    assert_eq!(shown("__class__"), "<class 'type'>");
    for (name, class_name) in [
        ("x", "member_descriptor"),
        ("y", "getset_descriptor"),
        ("double", "method_descriptor"),
    ] {
        assert_eq!(class.get_attr(name).unwrap().class().name(), class_name);
    }
}

#[test]
fn a_method_found_on_its_type_takes_the_object_first() {
    let double = Value::from(point().class()).get_attr("double").unwrap();
    assert_eq!(double.call([point()]).unwrap().as_int(), Some(6));
    assert_eq!(
        raised(double.call(())),
        "TypeError: unbound method Point.double() needs an argument"
    );
    assert_eq!(
        raised(double.call([1])),
        "TypeError: descriptor 'double' for 'shapes.Point' objects doesn't apply to a 'int' object"
    );
    assert_eq!(
        raised(double.call([point(), Value::from(1)])),
        "TypeError: Point.double() takes no arguments (1 given)"
    );
}

#[test]
fn a_getter_refuses_foreign_objects() {
    let getter = Value::from(point().class()).get_attr("x").unwrap();
    types::OBJECT.lookup("__class__").unwrap();
    struct Other;
    impl Object for Other {
        fn class(&self) -> &Type {
            static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Other").build());
            &CLASS
        }
    }
    Value::object(Other).class().define("x", getter);
    assert_eq!(
        raised(Value::object(Other).get_attr("x")),
        "TypeError: descriptor 'x' for 'shapes.Point' objects doesn't apply to a 'Other' object"
    );
}

#[test]
fn no_object_can_be_pickled() {
    assert_eq!(
        raised(point().call_method("__reduce_ex__", [2])),
        "TypeError: cannot pickle 'shapes.Point' object"
    );
    assert_eq!(
        raised(point().call_method("__reduce_ex__", [0])),
        "TypeError: cannot pickle 'Point' object"
    );
    assert_eq!(
        raised(point().call_method("__reduce__", ())),
        "TypeError: cannot pickle 'Point' object"
    );
}

#[test]
fn an_object_keeps_its_class() {
    let point = point();
    for (new, text) in [
        (
            Value::Int(1),
            "__class__ must be set to a class, not 'int' object",
        ),
        (
            Value::from(&*types::INT),
            "__class__ assignment only supported for mutable types or ModuleType subclasses",
        ),
    ] {
        let error = point.set_attr("__class__", new).unwrap_err();
        assert_eq!(error.to_string(), format!("TypeError: {text}"));
    }
    let error = point.del_attr("__class__").unwrap_err();
    assert_eq!(
        error.to_string(),
        "TypeError: can't delete __class__ attribute"
    );
}
