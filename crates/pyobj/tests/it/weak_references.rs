use crate::raised;
use pyobj::std_host::{Object, Type, Value, weakref};

struct Thing(Type);

impl Object for Thing {
    fn class(&self) -> &Type {
        &self.0
    }
}

#[test]
fn a_weak_reference_returns_the_object_while_it_lives() {
    let thing = Value::object(Thing(Type::new("m.Thing").weakly_referenceable().build()));
    let reference = weakref(&thing).unwrap();
    assert!(reference.call(()).unwrap().is(&thing));
    let (at, to) = (reference.address(), thing.address());
    assert_eq!(
        reference.repr().unwrap(),
        format!("<weakref at {at:#x}; to 'm.Thing' at {to:#x}>")
    );
    drop(thing);
    assert!(reference.call(()).unwrap().is(&Value::None));
    assert_eq!(
        reference.repr().unwrap(),
        format!("<weakref at {at:#x}; dead>")
    );
}

#[test]
fn some_types_allow_no_weak_references() {
    let thing = Value::object(Thing(Type::new("m.Thing").build()));
    for (value, name) in [
        (thing, "m.Thing"),
        (Value::from(1), "int"),
        (Value::list([1]), "list"),
    ] {
        assert_eq!(
            raised(weakref(&value)),
            format!("TypeError: cannot create weak reference to '{name}' object")
        );
    }
}
