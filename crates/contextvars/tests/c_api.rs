//! The counterparts of CPython's C API functions, with their type checks. In a test
//! program of its own, since it adds all eight watchers that an interpreter can have.

use contextvars::{Context, ContextVar, Exception, Token, Value, Watcher, c_api};
use std::sync::{Arc, Mutex};

fn refuses<T>(tried: Result<T, Exception>, text: &str) {
    assert_eq!(tried.err().expect("refused").to_string(), text);
}

/// Each function refuses an object of another type, with the text of the C API.
#[test]
fn an_object_of_a_wrong_type_is_refused() {
    let (context, var) = (c_api::context_new(), c_api::context_var_new("v", None));
    let token = c_api::context_var_set(&var, 1).unwrap();
    let text = "TypeError: an instance of Context was expected";
    for wrong in [&var, &token, &Value::None] {
        refuses(c_api::context_copy(wrong), text);
        refuses(c_api::context_enter(wrong), text);
        refuses(c_api::context_exit(wrong), text);
    }
    let text = "TypeError: an instance of ContextVar was expected";
    for wrong in [&context, &token, &Value::None] {
        refuses(c_api::context_var_get(wrong, None), text);
        refuses(c_api::context_var_set(wrong, 1), text);
        // The variable is checked first.
        refuses(c_api::context_var_reset(wrong, &Value::None), text);
    }
    let text = "TypeError: an instance of Token was expected";
    for wrong in [&context, &var, &Value::None] {
        refuses(c_api::context_var_reset(&var, wrong), text);
    }
    // The refused calls have not used the token.
    c_api::context_var_reset(&var, &token).unwrap();
}

#[test]
fn context_new_creates_an_empty_context() {
    let context = Context::from_object(&c_api::context_new()).unwrap();
    assert!(context.is_empty() && !context.is_entered());
}

#[test]
fn copies_have_the_bindings_of_their_originals() {
    let var = c_api::context_var_new("v", None);
    let token = c_api::context_var_set(&var, 1).unwrap();
    let copy = c_api::context_copy_current();
    let again = c_api::context_copy(&copy).unwrap();
    c_api::context_var_reset(&var, &token).unwrap();
    for context in [copy, again] {
        let context = Context::from_object(&context).unwrap();
        let value = context.get(&ContextVar::from_object(&var).unwrap());
        assert_eq!(value.unwrap().as_int(), Some(1));
    }
}

#[test]
fn enter_and_exit_are_refused_out_of_order() {
    let (one, other) = (c_api::context_new(), c_api::context_new());
    let shown = one.repr().unwrap();
    c_api::context_enter(&one).unwrap();
    refuses(
        c_api::context_enter(&one),
        &format!("RuntimeError: cannot enter context: {shown} is already entered"),
    );
    c_api::context_enter(&other).unwrap();
    refuses(
        c_api::context_exit(&one),
        "RuntimeError: cannot exit context: thread state references a different context object",
    );
    c_api::context_exit(&other).unwrap();
    c_api::context_exit(&one).unwrap();
    refuses(
        c_api::context_exit(&one),
        &format!("RuntimeError: cannot exit context: {shown} has not been entered"),
    );
}

#[test]
fn watchers_are_notified_until_they_are_cleared() {
    let notified = Arc::new(Mutex::new(Vec::new()));
    let here = std::thread::current().id();
    let watcher: Watcher = {
        let notified = Arc::clone(&notified);
        Arc::new(move |_, current| {
            if std::thread::current().id() == here {
                let current = current.map(|context| Value::from(context).repr().unwrap());
                notified.lock().unwrap().push(current);
            }
            Ok(())
        })
    };
    let silent = || -> Watcher { Arc::new(|_, _| Ok(())) };
    let ids: Vec<i32> = std::iter::once(watcher)
        .chain((1..8).map(|_| silent()))
        .map(|watcher| c_api::context_add_watcher(watcher).unwrap())
        .collect();
    assert_eq!(ids, [0, 1, 2, 3, 4, 5, 6, 7]);
    refuses(
        c_api::context_add_watcher(silent()),
        "RuntimeError: no more context watcher IDs available",
    );

    let context = c_api::context_new();
    let outer = Context::from_object(&c_api::context_copy_current()).unwrap();
    outer
        .run(|| {
            c_api::context_enter(&context).unwrap();
            c_api::context_exit(&context).unwrap();
            let shown = [Value::from(&outer), context, Value::from(&outer)];
            let shown = shown.map(|context| Some(context.repr().unwrap()));
            assert_eq!(*notified.lock().unwrap(), shown);
        })
        .unwrap();

    for id in ids {
        c_api::context_clear_watcher(id).unwrap();
    }
    let before = notified.lock().unwrap().len();
    outer.run(|| ()).unwrap();
    assert_eq!(notified.lock().unwrap().len(), before);
    refuses(
        c_api::context_clear_watcher(0),
        "ValueError: No context watcher set for ID 0",
    );
    for id in [-1, 8] {
        refuses(
            c_api::context_clear_watcher(id),
            &format!("ValueError: Invalid context watcher ID {id}"),
        );
    }
}

#[test]
fn get_returns_the_value_then_the_argument_then_the_default() {
    let given = Value::from(3);
    let bare = c_api::context_var_new("bare", None);
    let var = c_api::context_var_new("v", Some(2.into()));
    let get = |var: &Value, default: Option<&Value>| {
        let value = c_api::context_var_get(var, default).unwrap();
        value.and_then(|value| value.as_int())
    };
    assert_eq!(
        (get(&bare, None), get(&bare, Some(&given))),
        (None, Some(3))
    );
    assert_eq!(
        (get(&var, None), get(&var, Some(&given))),
        (Some(2), Some(3))
    );
    let token = c_api::context_var_set(&var, 1).unwrap();
    assert_eq!(
        (get(&var, None), get(&var, Some(&given))),
        (Some(1), Some(1))
    );
    c_api::context_var_reset(&var, &token).unwrap();
    assert_eq!(get(&var, None), Some(2));
}

#[test]
fn reset_refuses_used_tokens_and_those_of_other_variables() {
    let (var, other) = (
        c_api::context_var_new("v", None),
        c_api::context_var_new("other", None),
    );
    let token = c_api::context_var_set(&var, 1).unwrap();
    let shown = || token.repr().unwrap();
    refuses(
        c_api::context_var_reset(&other, &token),
        &format!(
            "ValueError: {} was created by a different ContextVar",
            shown()
        ),
    );
    c_api::context_var_reset(&var, &token).unwrap();
    refuses(
        c_api::context_var_reset(&var, &token),
        &format!("RuntimeError: {} has already been used once", shown()),
    );
    assert!(Token::from_object(&token).unwrap().is_used());
}
