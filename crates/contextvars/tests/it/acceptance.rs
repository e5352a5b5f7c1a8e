//! The acceptance tests that every host must pass, run for four hosts, and the event loop
//! over the embedded one.
//!
//! `cargo xtask gate` lists them by name.

use crate::session::{get, new_context, new_var, run, set};
use crate::toy_hosts::HasThread;
use contextvars::host::{ContextCell, Error, TokenCell, VarCell};
use pyobj::{DirectHandle, ExceptionKind, Handle};

/// Checks that `result` is an error that is raised as `kind`, with the text
/// that `message` returns for the object's repr.
fn refused<H: HasThread, T>(
    vm: H::Vm<'_>,
    result: Result<T, Error<H>>,
    kind: ExceptionKind,
    object: &impl Handle<H>,
    message: impl FnOnce(&str) -> String,
) {
    let Err(error) = result else {
        panic!("should have been refused")
    };
    let error = error.raise(vm);
    assert!(H::is_kind(&error, kind), "not a {kind}");
    let Ok(repr) = H::repr(vm, &object.to_value(vm)) else {
        panic!("no repr")
    };
    assert_eq!(H::message(&error), Some(message(&repr)));
}

fn set_then_get<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        set(vm, thread, &var, 1);
        assert_eq!(get(vm, thread, &var), Some(1));
    });
}

fn set_set_reset<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        set(vm, thread, &var, 1);
        let token = set(vm, thread, &var, 2);
        VarCell::reset(vm, thread, &var, &token).unwrap();
        assert_eq!(get(vm, thread, &var), Some(1));
    });
}

fn copy_run_is_isolated<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        set(vm, thread, &var, 1);
        let Ok(copy) = ContextCell::copy_current(vm, thread) else {
            panic!("no copy")
        };
        ContextCell::run(vm, thread, &copy, || {
            assert_eq!(get(vm, thread, &var), Some(1));
            set(vm, thread, &var, 99);
            assert_eq!(get(vm, thread, &var), Some(99));
        })
        .unwrap();
        assert_eq!(get(vm, thread, &var), Some(1));
    });
}

fn unset_raises_lookup_error<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        let Err(error) = VarCell::get(vm, thread, &var, None) else {
            panic!("it is not set")
        };
        let error = error.raise(vm);
        assert!(H::is_kind(&error, ExceptionKind::LookupError));
        // The variable itself, not its text.
        assert!(H::is(H::argument(&error), &var.to_value(vm)));
    });
}

fn re_entry_is_refused<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let context = new_context::<H>(vm);
        ContextCell::run(vm, thread, &context, || {
            let again = ContextCell::run(vm, thread, &context, || ());
            refused(
                vm,
                again,
                ExceptionKind::RuntimeError,
                &context,
                |context| format!("cannot enter context: {context} is already entered"),
            );
        })
        .unwrap();
        ContextCell::run(vm, thread, &context, || ()).unwrap();
    });
}

fn snapshots_are_independent<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        set(vm, thread, &var, 1);
        let Ok(first) = ContextCell::copy_current(vm, thread) else {
            panic!("no copy")
        };
        set(vm, thread, &var, 2);
        let Ok(second) = ContextCell::copy_current(vm, thread) else {
            panic!("no copy")
        };
        ContextCell::run(vm, thread, &second, || set(vm, thread, &var, 3)).unwrap();
        let bound = |context: &H::Context| {
            context
                .payload()
                .find(&var)
                .and_then(|entry| H::read::<i64>(entry.value()))
        };
        assert_eq!((bound(&first), bound(&second)), (Some(1), Some(3)));
        assert_eq!(get(vm, thread, &var), Some(2));
    });
}

fn threads_do_not_bleed<H: HasThread>()
where
    H::Var: Send + Sync,
{
    let shared = H::attach(|vm| new_var::<H>(vm));
    std::thread::scope(|scope| {
        for number in 0..8 {
            let shared = &shared;
            scope.spawn(move || {
                H::attach(|vm| {
                    H::with_thread(|thread| {
                        assert_eq!(get(vm, thread, shared), None, "a fresh thread");
                        for round in 0..if cfg!(miri) { 5 } else { 100 } {
                            set(vm, thread, shared, number * 100 + round);
                            std::thread::yield_now();
                            assert_eq!(get(vm, thread, shared), Some(number * 100 + round));
                        }
                    });
                });
            });
        }
    });
    run::<H, _>(|vm, thread| assert_eq!(get(vm, thread, &shared), None));
}

fn token_works_once<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        let token = set(vm, thread, &var, 1);
        VarCell::reset(vm, thread, &var, &token).unwrap();
        assert_eq!(get(vm, thread, &var), None);
        set(vm, thread, &var, 2);
        let again = VarCell::reset(vm, thread, &var, &token);
        refused(vm, again, ExceptionKind::RuntimeError, &token, |token| {
            format!("{token} has already been used once")
        });
        assert_eq!(get(vm, thread, &var), Some(2));
    });
}

fn token_of_another_context_is_refused<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let var = new_var::<H>(vm);
        let token = set(vm, thread, &var, 1);
        let context = new_context::<H>(vm);
        ContextCell::run(vm, thread, &context, || {
            let elsewhere = VarCell::reset(vm, thread, &var, &token);
            refused(vm, elsewhere, ExceptionKind::ValueError, &token, |token| {
                format!("{token} was created in a different Context")
            });
        })
        .unwrap();
        VarCell::reset(vm, thread, &var, &token).unwrap();
    });
}

fn token_of_another_variable_is_refused<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let (var, other) = (new_var::<H>(vm), new_var::<H>(vm));
        let token = set(vm, thread, &var, 1);
        let refusal = VarCell::reset(vm, thread, &other, &token);
        refused(vm, refusal, ExceptionKind::ValueError, &token, |token| {
            format!("{token} was created by a different ContextVar")
        });
        assert!(H::is(
            &token.with_payload(|cell| cell.var().to_value(vm)),
            &var.to_value(vm)
        ));
        TokenCell::exit(vm, thread, &token).unwrap();
    });
}

fn missing_is_one_object<H: HasThread>() {
    run::<H, _>(|vm, thread| {
        let (a, b) = (new_var::<H>(vm), new_var::<H>(vm));
        let (a, b) = (set(vm, thread, &a, 1), set(vm, thread, &b, 2));
        let [a, b] = [a, b].map(|token| token.with_payload(|cell| cell.old_value(vm)));
        assert!(H::is(&a, &b));
        assert!(H::is(&a, &H::missing(vm)));
    });
}

macro_rules! acceptance {
    ($($module:ident for $host:ty: $($test:ident)*;)*) => {$(
        mod $module {
            $(
                #[test]
                fn $test() {
                    super::$test::<$host>();
                }
            )*
        }
    )*};
}

// The objects of `vm_reference` cannot go to another thread.
acceptance! {
    std_host for contextvars::Std:
        set_then_get set_set_reset copy_run_is_isolated unset_raises_lookup_error
        re_entry_is_refused snapshots_are_independent token_works_once
        token_of_another_context_is_refused token_of_another_variable_is_refused
        missing_is_one_object threads_do_not_bleed;
    no_token for crate::hosts::no_token::NoToken:
        set_then_get set_set_reset copy_run_is_isolated unset_raises_lookup_error
        re_entry_is_refused snapshots_are_independent token_works_once
        token_of_another_context_is_refused token_of_another_variable_is_refused
        missing_is_one_object threads_do_not_bleed;
    vm_reference for crate::hosts::vm_reference::VmReference:
        set_then_get set_set_reset copy_run_is_isolated unset_raises_lookup_error
        re_entry_is_refused snapshots_are_independent token_works_once
        token_of_another_context_is_refused token_of_another_variable_is_refused
        missing_is_one_object;
    lifetime_token for crate::hosts::lifetime_token::LifetimeToken:
        set_then_get set_set_reset copy_run_is_isolated unset_raises_lookup_error
        re_entry_is_refused snapshots_are_independent token_works_once
        token_of_another_context_is_refused token_of_another_variable_is_refused
        missing_is_one_object threads_do_not_bleed;
}

#[test]
#[cfg_attr(miri, ignore = "the whole sample log takes many minutes there")]
fn event_loop_pump_keeps_state_apart() {
    crate::event_loop::pump_keeps_state_apart();
}
