//! Running in a context: enter, exit, re-entry, errors and panics.

use crate::values::{int, line};
use contextvars::{Arguments, Builtin, Context, ContextVar, Std, Value, copy_context, with_thread};
use pyobj::std_host::Arity;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn repr(context: &Context) -> String {
    Value::from(context).repr().unwrap()
}

fn depth() -> usize {
    with_thread(|thread| thread.depth())
}

#[test]
fn run_returns_the_result_and_leaves() {
    let context = Context::new();
    assert_eq!(context.run(|| 42).unwrap(), 42);
    assert!(!context.is_entered());
    assert_eq!(depth(), 0);
}

#[test]
fn the_repr_shows_the_address() {
    let context = Context::new();
    let address = Value::from(&context).address();
    assert_eq!(
        repr(&context),
        format!("<_contextvars.Context object at {address:#x}>")
    );
}

#[test]
fn re_entry_is_refused_directly_and_indirectly() {
    let (context, other) = (Context::new(), Context::new());
    let refused = format!(
        "RuntimeError: cannot enter context: {} is already entered",
        repr(&context)
    );
    context
        .run(|| {
            assert_eq!(line(context.run(|| ())), refused);
            assert_eq!(line(other.run(|| context.run(|| ())).unwrap()), refused);
            assert_eq!(depth(), 1);
        })
        .unwrap();
    assert!(context.run(|| ()).is_ok(), "it can be entered again");
}

#[test]
fn exit_checks_entered_before_current() {
    let (context, other) = (Context::new(), Context::new());
    let not_entered = format!(
        "RuntimeError: cannot exit context: {} has not been entered",
        repr(&context)
    );
    assert_eq!(line(context.exit()), not_entered);
    context.enter().unwrap();
    other.enter().unwrap();
    assert_eq!(
        line(context.exit()),
        "RuntimeError: cannot exit context: thread state references a different context object",
    );
    other.exit().unwrap();
    context.exit().unwrap();
    assert_eq!(line(context.exit()), not_entered);
}

#[test]
fn a_panic_leaves_the_context() {
    let (context, var) = (Context::new(), ContextVar::new("v"));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        context.run(|| {
            var.set(1);
            panic!("on purpose")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(depth(), 0);
    assert_eq!(int(context.run(|| var.get()).unwrap().unwrap()), 1);
}

#[test]
fn a_panic_also_leaves_contexts_entered_by_the_body() {
    let (context, inner) = (Context::new(), Context::new());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        context.run(|| {
            inner.enter().unwrap();
            panic!("on purpose")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(depth(), 0);
    assert!(!context.is_entered() && !inner.is_entered());
}

#[test]
fn a_run_fails_if_its_body_has_left_the_context() {
    let context = Context::new();
    let refused = context.run(|| context.exit().unwrap());
    let expected = format!(
        "cannot exit context: {} has not been entered",
        repr(&context)
    );
    assert_eq!(line(refused), format!("RuntimeError: {expected}"));

    let inner = Context::new();
    let refused = context.run(|| inner.enter().unwrap());
    assert!(line(refused).ends_with("thread state references a different context object"));
    inner.exit().unwrap();
    context.exit().unwrap();
}

#[test]
fn call_passes_all_arguments_on() {
    let var = ContextVar::new("v");
    let inside = var.clone();
    let callable = Builtin::function("f", Arity::Variadic, move |arguments: Arguments| {
        inside.set(arguments.keywords.get("self").cloned().unwrap_or_default());
        Ok(Value::tuple([
            arguments.positional[0].clone(),
            arguments
                .keywords
                .get("callable")
                .cloned()
                .unwrap_or_default(),
        ]))
    });
    let context = Context::new();
    let arguments = Arguments::new()
        .arg(1)
        .keyword("self", 2)
        .keyword("callable", 3);
    let result = context.call(&callable.into(), arguments).unwrap();
    assert_eq!(result.repr().unwrap(), "(1, 3)");
    assert_eq!(context.get(&var).map(int), Some(2));
}

#[test]
fn calling_what_is_not_callable_enters_and_leaves() {
    let context = Context::new();
    let refused = context.call(&Value::from(1), ());
    assert_eq!(line(refused), "TypeError: 'int' object is not callable");
    assert!(!context.is_entered());
}

#[test]
fn an_exception_leaves_the_context_and_is_propagated() {
    let context = Context::new();
    let inner = context.clone();
    let callable = Builtin::function("f", Arity::Variadic, move |_: Arguments| {
        inner.run(|| Value::None)
    });
    let refused = context.call(&callable.into(), ());
    assert!(line(refused).ends_with("is already entered"));
    assert!(!context.is_entered());
}

#[test]
fn a_context_entered_by_another_thread_is_refused() {
    let context = Context::new();
    context
        .run(|| {
            let elsewhere = context.clone();
            let refused = std::thread::spawn(move || line(elsewhere.run(|| ())))
                .join()
                .unwrap();
            assert!(refused.ends_with("is already entered"));
        })
        .unwrap();
}

#[test]
fn a_copy_takes_bindings_but_not_the_entered_state() {
    let (context, var) = (Context::new(), ContextVar::new("v"));
    context
        .run(|| {
            var.set(1);
            let copy = copy_context();
            assert!(context.is_entered() && !copy.is_entered());
            copy.run(|| var.set(2)).unwrap();
            assert_eq!(int(var.get().unwrap()), 1);
            assert_eq!(copy.get(&var).map(int), Some(2));
        })
        .unwrap();
}

#[test]
fn each_switch_changes_the_version_by_one() {
    let version = || with_thread(|thread| thread.context_version().get());
    let start = version();
    let inside = Context::new().run(version).unwrap();
    assert_eq!((inside, version()), (start + 1, start + 2));
}

#[test]
fn methods_with_a_thread_use_that_thread() {
    let (here, other) = (
        contextvars::Thread::new(contextvars::interpreter()),
        contextvars::Thread::new(contextvars::interpreter()),
    );
    let (context, var) = (Context::new(), ContextVar::new("v"));
    let token = context.run_on(&here, || var.set_on(&here, 1)).unwrap();
    context.enter_on(&other).unwrap();
    assert!(
        other
            .context(Std)
            .is_some_and(|current| current.is(&context))
    );
    assert_eq!(int(var.get_on(&other).unwrap()), 1);
    assert_eq!(
        int(var
            .scoped_on(&other, 2, || var.get_on(&other))
            .unwrap()
            .unwrap()),
        2
    );
    assert_eq!(
        var.with_on(&other, |value| value.and_then(Value::as_int)),
        Some(1)
    );
    var.reset_on(&other, &token).unwrap();
    assert_eq!(int(var.get_or_on(&other, 3)), 3);
    context.exit_on(&other).unwrap();
    assert!(contextvars::copy_context_on(&here).is_empty());
    assert!(token.run_with_on(&here, |_| ()).is_err());
    let not_callable = context.call_on(&here, &Value::from(1), ());
    assert!(line(not_callable).contains("not callable"));
}

#[test]
fn run_mut_behaves_as_run() {
    let (mut context, var) = (Context::new(), ContextVar::new("v"));
    for number in 0..2 {
        let ran = context.run_mut(|| {
            let before = var.get_or(-1);
            var.set(number);
            // From here on there is a second handle.
            let current = with_thread(|thread| thread.context(Std)).unwrap();
            assert!(line(current.run(|| ())).ends_with("is already entered"));
            assert_eq!(current.get(&var).map(int), Some(number));
            int(before)
        });
        assert_eq!(ran.unwrap(), number - 1);
    }
    assert!(!context.is_entered());
    let other = context.clone();
    assert_eq!(context.run_mut(|| int(var.get().unwrap())).unwrap(), 1);
    other
        .run(|| assert!(line(context.run_mut(|| ())).ends_with("is already entered")))
        .unwrap();
}

#[test]
fn a_panic_in_run_mut_leaves_the_context() {
    let mut context = Context::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        context.run_mut(|| panic!("on purpose"))
    }));
    assert!(panicked.is_err());
    assert!(!context.is_entered());
    assert_eq!(depth(), 0);
}
