//! Failures and calls that pass through a host, for four hosts.

use crate::hosts::lifetime_token::LifetimeToken;
use crate::hosts::no_token::{NoToken, OUT_OF_MEMORY};
use crate::hosts::vm_reference::VmReference;
use crate::hosts::{TestHost, User};
use crate::session::{get, new_context, new_var, run, set};
use crate::toy_hosts::HasThread;
use crate::toy_hosts::failing;
use contextvars::Std;
use contextvars::host::{ContextCell, Interpreter, Thread, VarCell};
use pyobj::{DirectHandle, ExceptionKind, Failure, Handle};
use std::sync::Arc;

/// Checks that the host's exception is a `ValueError` with this text.
fn raised<H: TestHost, T>(result: Result<T, H::Error>, text: &str) {
    let Err(error) = result else {
        panic!("should have failed")
    };
    assert!(H::is_kind(&error, ExceptionKind::ValueError));
    assert_eq!(H::message(&error).as_deref(), Some(text));
}

fn a_failing_repr_replaces_the_error_that_would_show_it<H: HasThread>() {
    run::<H, _>(|vm, _| {
        let context = new_context::<H>(vm);
        let key = H::user(
            vm,
            User {
                repr: Err("in repr"),
                ..User::default()
            },
        );
        let refused = context
            .payload()
            .get_item(vm, &key)
            .map_err(|error| error.raise(vm));
        raised::<H, _>(refused, "in repr");
    });
}

fn a_failing_comparison_is_propagated<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        let bound = |eq| {
            let context = new_context::<H>(vm);
            ContextCell::run(vm, thread, &context, || {
                let user = H::user(
                    vm,
                    User {
                        eq,
                        ..User::default()
                    },
                );
                VarCell::set(vm, thread, &var, user).map(drop).unwrap();
            })
            .unwrap();
            context
        };
        let equal = |left: &H::Context, right: &H::Context| left.payload().eq(vm, right.payload());
        let (yes, no, fails) = (bound(Ok(true)), bound(Ok(false)), bound(Err("in eq")));
        assert!(
            matches!(equal(&yes, &no), Ok(true)),
            "`==` of the left value is called"
        );
        assert!(matches!(equal(&no, &yes), Ok(false)));
        assert!(
            matches!(equal(&fails, &fails), Ok(true)),
            "`==` of identical values is not called"
        );
        raised::<H, _>(equal(&fails, &yes), "in eq");
    });
}

fn a_name_must_be_a_text<H: HasThread>() {
    run::<H, _>(|vm, _| {
        let Err(refused) = VarCell::<H>::new(vm, H::int(vm, 1), None) else {
            panic!("a name")
        };
        let refused = refused.raise(vm);
        assert!(H::is_kind(&refused, ExceptionKind::TypeError));
        assert_eq!(
            H::message(&refused).as_deref(),
            Some("context variable name must be a str")
        );
    });
}

fn get_prefers_value_then_argument_then_default<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let cell = VarCell::new(vm, H::text(vm, "v"), Some(H::int(vm, 1))).unwrap();
        let Ok(var) = H::Var::allocate(vm, cell) else {
            panic!("no variable")
        };
        let get = |argument: Option<i64>| {
            let argument = argument.map(|number| H::int(vm, number));
            H::read::<i64>(&VarCell::get(vm, thread, &var, argument).unwrap())
        };
        assert_eq!((get(None), get(Some(2))), (Some(1), Some(2)));
        set(vm, thread, &var, 3);
        assert_eq!((get(None), get(Some(2))), (Some(3), Some(3)));
    });
}

fn a_callable_of_the_host_runs_in_the_context<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let context = new_context::<H>(vm);
        let sum = H::function(vm, |vm, values| {
            let depth = H::with_thread(|thread| thread.depth());
            assert_eq!(depth, 2, "the test's context and that of the call");
            Ok(H::int(vm, values.iter().filter_map(H::read::<i64>).sum()))
        });
        let arguments = vec![H::int(vm, 1), H::int(vm, 2)];
        let called = H::with_args(arguments, |arguments| {
            ContextCell::call(vm, thread, &context, &sum, arguments)
        });
        assert_eq!(H::read::<i64>(&called.unwrap()), Some(3));

        let fails = H::function(vm, |vm, _| {
            Err(H::raise(
                vm,
                Failure::text(ExceptionKind::ValueError, "in the call"),
            ))
        });
        let failed = H::with_args(Vec::new(), |arguments| {
            ContextCell::call(vm, thread, &context, &fails, arguments)
        });
        raised::<H, _>(failed.map_err(|error| error.raise(vm)), "in the call");
        assert!(!context.payload().is_entered());
    });
}

fn a_scope_ends_with_its_body<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        set(vm, thread, &var, 1);
        let inside = VarCell::scoped(vm, thread, &var, H::int(vm, 2), || get(vm, thread, &var));
        assert_eq!(inside.unwrap(), Some(2));
        assert_eq!(get(vm, thread, &var), Some(1));
    });
}

fn a_failing_watcher_is_reported<H: HasThread>(watcher: H::Watcher) {
    H::attach(|vm| {
        let interpreter = Arc::new(Interpreter::<H>::new());
        let thread = Thread::new(&interpreter);
        interpreter.add_watcher(watcher).unwrap();
        H::take_reports(vm);
        let context = new_context::<H>(vm);
        ContextCell::run(vm, &thread, &context, || ()).unwrap();
        let Ok(repr) = H::repr(vm, &context.to_value(vm)) else {
            panic!("no repr")
        };
        let report = |object| {
            format!("Exception ignored in Py_CONTEXT_SWITCHED watcher callback for {object}")
        };
        assert_eq!(H::take_reports(vm), [report(repr.as_str()), report("None")]);
    });
}

#[test]
fn a_set_whose_token_cannot_be_allocated_sets_nothing() {
    run::<NoToken, _>(|vm, thread| {
        let var = new_var::<NoToken>(vm);
        let failing_set = || {
            OUT_OF_MEMORY.set(true);
            let refused = VarCell::set(vm, thread, &var, NoToken::int(vm, 2));
            OUT_OF_MEMORY.set(false);
            let Err(error) = refused else {
                panic!("there was memory")
            };
            assert_eq!(
                NoToken::message(&error.raise(vm)).as_deref(),
                Some("out of memory")
            );
        };
        failing_set();
        assert_eq!(get(vm, thread, &var), None);
        set(vm, thread, &var, 1);
        failing_set();
        assert_eq!(get(vm, thread, &var), Some(1));
    });
}

macro_rules! for_each_host {
    ($($module:ident: $host:ty, $watcher:expr;)*) => {$(
        mod $module {
            use super::*;

            #[test]
            fn a_failing_repr_replaces_the_error_that_would_show_it() {
                super::a_failing_repr_replaces_the_error_that_would_show_it::<$host>();
            }

            #[test]
            fn a_failing_comparison_is_propagated() {
                super::a_failing_comparison_is_propagated::<$host>();
            }

            #[test]
            fn a_name_must_be_a_text() {
                super::a_name_must_be_a_text::<$host>();
            }

            #[test]
            fn get_prefers_value_then_argument_then_default() {
                super::get_prefers_value_then_argument_then_default::<$host>();
            }

            #[test]
            fn a_callable_of_the_host_runs_in_the_context() {
                super::a_callable_of_the_host_runs_in_the_context::<$host>();
            }

            #[test]
            fn a_scope_ends_with_its_body() {
                super::a_scope_ends_with_its_body::<$host>();
            }

            #[test]
            fn a_failing_watcher_is_reported() {
                super::a_failing_watcher_is_reported::<$host>($watcher);
            }
        }
    )*};
}

for_each_host! {
    no_token: NoToken, failing::<NoToken>;
    vm_reference: VmReference, failing::<VmReference>;
    lifetime_token: LifetimeToken, failing::<LifetimeToken>;
    std_host: Std, Arc::new(failing::<Std>);
}
