use crate::raised;
use pyobj::ExceptionKind::{self, KeyError, LookupError, RuntimeError, TypeError, ValueError};
use pyobj::std_host::{Exception, Object, ObjectRef, Result, Type, Value, types};

/// An object whose `repr` raises.
struct Unprintable;

impl Object for Unprintable {
    fn class(&self) -> &Type {
        &types::OBJECT
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        Err(Exception::text(ValueError, "no repr"))
    }
}

fn text(message: &str) -> Exception {
    Exception::text(RuntimeError, message)
}

#[test]
fn an_exception_is_caught_by_its_type_and_those_it_derives_from() {
    let error = Exception::text(KeyError, "a");
    assert!(error.is_a(KeyError) && error.is_a(LookupError));
    assert!(error.is_a(&*types::EXCEPTION) && error.is_a(&*types::BASE_EXCEPTION));
    assert!(!error.is_a(ExceptionKind::AttributeError) && !error.is_a(&*types::INDEX_ERROR));
    assert!(Exception::text(&*types::RECURSION_ERROR, "deep").is_a(RuntimeError));
}

#[test]
fn each_kind_is_the_type_with_its_name() {
    for kind in [
        ExceptionKind::AttributeError,
        ExceptionKind::ImportError,
        KeyError,
        LookupError,
        ExceptionKind::ModuleNotFoundError,
        RuntimeError,
        TypeError,
        ValueError,
    ] {
        assert_eq!(Type::from(kind).full_name(), kind.to_string());
    }
}

#[test]
fn the_message_follows_the_arguments() {
    let message = |error: Exception| error.message().unwrap();
    let none: [Value; 0] = [];
    assert_eq!(message(Exception::new(LookupError, none.clone())), "");
    assert_eq!(message(Exception::new(LookupError, ["a"])), "a");
    assert_eq!(message(Exception::new(KeyError, ["a"])), "'a'");
    assert_eq!(message(Exception::new(KeyError, none)), "");
    assert_eq!(message(Exception::new(LookupError, [1, 2])), "(1, 2)");
    assert_eq!(message(Exception::new(KeyError, ["a", "b"])), "('a', 'b')");
}

#[test]
fn it_prints_as_the_last_line_of_a_traceback() {
    let none: [Value; 0] = [];
    assert_eq!(Exception::new(LookupError, none).to_string(), "LookupError");
    assert_eq!(
        Exception::new(LookupError, [1]).to_string(),
        "LookupError: 1"
    );
    let mine = types::EXCEPTION.subclass("mine.Error").unwrap();
    assert_eq!(Exception::text(mine, "a").to_string(), "mine.Error: a");
    let unprintable = Exception::new(LookupError, [Value::object(Unprintable)]);
    assert_eq!(
        unprintable.to_string(),
        "LookupError: <exception str() failed>"
    );
    assert_eq!(raised(unprintable.message()), "ValueError: no repr");
}

#[test]
fn as_an_object_it_has_its_arguments_and_context() {
    let object = Value::from("the very object");
    let error = Exception::new(LookupError, [&object]);
    let value = Value::from(error.clone());
    assert!(error.args()[0].is(&object));
    assert_eq!(
        value.get_attr("args").unwrap().repr().unwrap(),
        "('the very object',)"
    );
    assert!(
        value
            .get_attr("args")
            .unwrap()
            .get_item(&0.into())
            .unwrap()
            .is(&object)
    );
    assert_eq!(value.repr().unwrap(), "LookupError('the very object')");
    assert_eq!(value.str().unwrap(), "the very object");
    assert_eq!(
        Value::from(Exception::new(LookupError, [1, 2]))
            .repr()
            .unwrap(),
        "LookupError(1, 2)"
    );
    assert!(Exception::from_value(&value).is_some_and(|back| back.is(&error)));
    assert!(Exception::from_value(&Value::None).is_none());
    assert!(value.get_attr("__context__").unwrap().is(&Value::None));
    let context = Value::from(text("earlier"));
    value.set_attr("__context__", &context).unwrap();
    assert!(value.get_attr("__context__").unwrap().is(&context));
    assert!(
        error
            .context()
            .is_some_and(|found| Value::from(found).is(&context))
    );
    assert_eq!(
        raised(value.set_attr("__context__", 1)),
        "TypeError: exception context must be None or derive from BaseException"
    );
    value.set_attr("__context__", Value::None).unwrap();
    assert!(error.context().is_none());
}

#[test]
fn contexts_do_not_form_a_cycle() {
    let (a, b, c) = (text("a"), text("b"), text("c"));
    b.set_context(Some(a.clone()));
    c.set_context(Some(b.clone()));
    a.set_context(Some(a.clone()));
    assert!(a.context().is_none());
    a.set_context(Some(c.clone()));
    assert_eq!(a.chain().matches("another exception").count(), 2);
    assert!(b.context().is_none());
    assert!(a.context().is_some_and(|context| context.is(&c)));
}

#[test]
fn the_chain_prints_the_oldest_first() {
    let (a, b) = (text("a"), text("b"));
    b.set_context(Some(a));
    assert_eq!(
        b.chain(),
        "RuntimeError: a\n\n\
         During handling of the above exception, another exception occurred:\n\n\
         RuntimeError: b"
    );
}

#[test]
fn while_handling_appends_to_the_end_of_the_chain() {
    let (handled, first, last) = (text("handled"), text("first"), text("last"));
    last.set_context(Some(first.clone()));
    let last = last.while_handling(&handled);
    assert!(first.context().is_some_and(|context| context.is(&handled)));
    // Recorded twice, it is in the chain once, and its own context is kept.
    handled.set_context(Some(text("before")));
    let last = last.while_handling(&handled);
    assert_eq!(last.chain().matches("another exception").count(), 3);
    let handled = handled.clone().while_handling(&handled);
    assert_eq!(handled.chain().matches("another exception").count(), 1);
}
