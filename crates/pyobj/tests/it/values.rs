use pyobj::std_host::{Arguments, Exception, List, Object, ObjectRef, Shared, Type, Value, types};
use std::sync::LazyLock;

/// An instance of a subclass of `str`.
pub struct Name(pub &'static str);

impl Object for Name {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| types::STR.subclass("Name").unwrap());
        &CLASS
    }

    fn as_str(&self) -> Option<&str> {
        Some(self.0)
    }
}

#[test]
fn immediates_are_one_object_by_type_and_value() {
    let samples = [
        Value::None,
        Value::NotImplemented,
        Value::from(false),
        Value::from(true),
        Value::from(0),
        Value::from(1),
        Value::from(-1),
        Value::from(0.0),
        Value::from(-0.0),
        Value::from(1.0),
        Value::from(f64::NAN),
    ];
    for (i, a) in samples.iter().enumerate() {
        for (j, b) in samples.iter().enumerate() {
            assert_eq!(a.is(b), i == j, "{a:?} is {b:?}");
            assert_eq!(a.address() == b.address(), i == j, "{a:?} and {b:?}");
        }
    }
}

#[test]
fn a_clone_is_the_same_object_and_an_equal_one_is_not() {
    for make in [
        || Value::from("text"),
        || Value::tuple([1]),
        || Value::list([1]),
        || Value::object(Name("n")),
        || Value::from(Type::new("X").build()),
    ] {
        let value = make();
        assert!(value.is(&value.clone()));
        assert_eq!(value.address(), value.clone().address());
        let other = make();
        assert!(!value.is(&other));
        assert_ne!(value.address(), other.address());
    }
}

#[test]
fn there_is_one_empty_tuple() {
    let (a, b) = (Value::tuple([(); 0]), Value::tuple([(); 0]));
    assert!(a.is(&b));
    assert_eq!(a.address(), b.address());
}

#[test]
fn values_have_their_types() {
    for (value, name) in [
        (Value::None, "NoneType"),
        (Value::NotImplemented, "NotImplementedType"),
        (true.into(), "bool"),
        (1.into(), "int"),
        (1.0.into(), "float"),
        ("a".into(), "str"),
        (Value::tuple([1]), "tuple"),
        (Value::list([1]), "list"),
        (types::INT.clone().into(), "type"),
        (Value::object(Name("n")), "Name"),
    ] {
        assert_eq!(value.class().name(), name);
        assert!(value.is_instance(&types::OBJECT));
    }
    assert!(Value::from(true).is_instance(&types::INT));
    assert!(!Value::from(1).is_instance(&types::BOOL));
    assert!(Value::object(Name("n")).is_instance(&types::STR));
}

#[test]
fn an_instance_of_a_str_subclass_behaves_like_its_text() {
    let (name, text) = (Value::object(Name("n")), Value::from("n"));
    assert_eq!(name.as_str(), Some("n"));
    assert_eq!(name.repr().unwrap(), "'n'");
    assert_eq!(name.str().unwrap(), "n");
    assert_eq!(name.hash().unwrap(), text.hash().unwrap());
    assert!(name.equals(&text).unwrap());
    assert!(text.equals(&name).unwrap());
    assert!(name.equals(&Value::object(Name("n"))).unwrap());
    assert!(!name.equals(&Value::object(Name("m"))).unwrap());
}

#[test]
fn an_object_can_be_downcast_to_its_rust_type() {
    let name = Shared::new(Name("n"));
    let value = Value::from(name.clone());
    assert!(
        value
            .downcast::<Name>()
            .is_some_and(|found| found.ptr_eq(&name))
    );
    assert_eq!(value.downcast_ref::<Name>().map(|name| name.0), Some("n"));
    assert!(Value::from("n").downcast_ref::<Name>().is_none());
    let object: ObjectRef = name.clone().into();
    assert!(Value::from(object).is(&value));
    // Neither a failed downcast nor a dropped handle leaves a count behind.
    drop(value);
    assert_eq!(name.holders(), 1);
}

#[test]
fn a_list_is_shared_by_its_handles() {
    let list = List::default();
    let value = Value::from(list.clone());
    list.push(1);
    list.push("b");
    assert_eq!(value.repr().unwrap(), "[1, 'b']");
    assert!(
        list.set(0, Value::from(2))
            .is_ok_and(|old| old.as_int() == Some(1))
    );
    assert!(
        list.set(9, Value::from(3))
            .is_err_and(|back| back.as_int() == Some(3))
    );
    assert!(
        list.remove(1)
            .is_some_and(|removed| removed.as_str() == Some("b"))
    );
    assert!(list.remove(1).is_none());
    assert_eq!(list.take().len(), 1);
    assert!(list.is_empty());
    assert!(list.pop().is_none());
}

#[test]
fn a_finalizer_may_use_the_list_that_drops_it() {
    struct PushesWhenDropped(List);

    impl Object for PushesWhenDropped {
        fn class(&self) -> &Type {
            &types::OBJECT
        }
    }

    impl Drop for PushesWhenDropped {
        fn drop(&mut self) {
            self.0.push("dropped");
        }
    }

    let list = List::default();
    list.push(Value::object(PushesWhenDropped(list.clone())));
    Value::from(list.clone())
        .set_item(&Value::from(0), "new")
        .unwrap();
    assert_eq!(Value::from(list).repr().unwrap(), "['new', 'dropped']");
}

#[test]
fn all_types_are_send_and_sync() {
    fn shared<T: Send + Sync>(value: T) -> T {
        value
    }
    let value = shared(Value::list([1]));
    let error = shared(Exception::type_error("a"));
    let arguments = shared(Arguments::from([1]));
    shared(types::INT.clone());
    let thread = std::thread::spawn(move || {
        let items = value.repr().unwrap();
        format!("{items} {error} {}", arguments.positional.len())
    });
    assert_eq!(thread.join().unwrap(), "[1] TypeError: a 1");
}
