use crate::raised;
use pyobj::ExceptionKind::{RuntimeError, ValueError};
use pyobj::std_host::{
    Arity, Builtin, Exception, List, Object, Result, Shared, Type, Value, run_with, types,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

/// Logs its calls. Its `__exit__` returns a value or raises an exception.
struct Manager {
    log: List,
    answer: Result,
}

impl Object for Manager {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| {
            let class = Type::new("Manager").build();
            class
                .add(Builtin::method(
                    "__enter__",
                    Arity::None,
                    |this: Shared<Manager>, _| {
                        this.log.push("enter");
                        Ok(Value::from("entered"))
                    },
                ))
                .add(Builtin::method(
                    "__exit__",
                    Arity::Positional { min: 3, max: 3 },
                    |this: Shared<Manager>, arguments| {
                        this.log.push(Value::tuple(arguments.positional));
                        this.answer.clone()
                    },
                ));
            class
        });
        &CLASS
    }
}

fn manager(answer: Result) -> (Value, List) {
    let log = List::default();
    (
        Value::object(Manager {
            log: log.clone(),
            answer,
        }),
        log,
    )
}

fn text(log: List) -> String {
    Value::from(log).repr().unwrap()
}

#[test]
fn the_block_runs_between_enter_and_exit() {
    let (manager, log) = manager(Ok(Value::None));
    let result = run_with(&manager, |value| {
        assert_eq!(value.as_str(), Some("entered"));
        log.push("body");
        Ok(7)
    });
    assert_eq!(result.unwrap(), Some(7));
    assert_eq!(text(log), "['enter', 'body', (None, None, None)]");
}

#[test]
fn the_blocks_exception_is_passed_to_exit_and_propagates() {
    let (manager, log) = manager(Ok(Value::None));
    let error = run_with(&manager, |_| Err::<(), _>(Exception::text(ValueError, "a"))).unwrap_err();
    assert_eq!(error.to_string(), "ValueError: a");
    assert_eq!(
        text(log),
        "['enter', (<class 'ValueError'>, ValueError('a'), None)]"
    );
}

#[test]
fn a_true_result_of_exit_suppresses_the_exception() {
    let (manager, _log) = manager(Ok(Value::from(1)));
    let result = run_with(&manager, |_| Err::<(), _>(Exception::text(ValueError, "a")));
    assert_eq!(result.unwrap(), None);
}

#[test]
fn an_exception_of_exit_has_the_blocks_as_context() {
    let (manager, _log) = manager(Err(Exception::text(RuntimeError, "b")));
    let first = Exception::text(ValueError, "a");
    let error = run_with(&manager, |_| Err::<(), _>(first.clone())).unwrap_err();
    assert_eq!(error.to_string(), "RuntimeError: b");
    assert!(error.context().is_some_and(|context| context.is(&first)));
}

#[test]
fn an_exception_of_exit_after_a_normal_end_has_no_context() {
    let (manager, _log) = manager(Err(Exception::text(RuntimeError, "b")));
    let error = run_with(&manager, |_| Ok(())).unwrap_err();
    assert!(error.context().is_none());
}

#[test]
fn a_result_of_exit_without_a_truth_value_raises() {
    let (manager, _log) = manager(Ok(Value::NotImplemented));
    let error = run_with(&manager, |_| Err::<(), _>(Exception::text(ValueError, "a"))).unwrap_err();
    assert!(error.is_a(&*types::TYPE_ERROR));
    assert!(
        error
            .context()
            .is_some_and(|context| context.is_a(ValueError))
    );
}

#[test]
fn a_panic_in_the_block_calls_exit_and_continues() {
    let (manager, log) = manager(Ok(Value::from(true)));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        run_with::<()>(&manager, |_| panic!("boom"))
    }));
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"boom"));
    assert_eq!(text(log), "['enter', (None, None, None)]");
}

#[test]
fn only_context_managers_are_accepted() {
    let missed = |name| {
        format!(
            "TypeError: 'int' object does not support the context manager protocol \
             (missed {name} method)"
        )
    };
    assert_eq!(
        raised(run_with(&Value::from(1), |_| Ok(()))),
        missed("__exit__")
    );

    struct ExitOnly;
    impl Object for ExitOnly {
        fn class(&self) -> &Type {
            static CLASS: LazyLock<Type> = LazyLock::new(|| {
                let class = Type::new("int").build();
                class.add(Builtin::method(
                    "__exit__",
                    Arity::Variadic,
                    |_: Value, _| Ok(Value::None),
                ));
                class
            });
            &CLASS
        }
    }
    assert_eq!(
        raised(run_with(&Value::object(ExitOnly), |_| Ok(()))),
        missed("__enter__")
    );
}
