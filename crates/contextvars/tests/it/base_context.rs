//! A thread's base context, which is created when it is first needed.

use crate::values::line;
use contextvars::{Context, ContextVar, Std, copy_context, with_thread};

/// Runs `body` on a thread that has no context yet.
fn on_a_fresh_thread<R: Send>(body: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| scope.spawn(body).join().unwrap())
}

fn current() -> Option<Context> {
    with_thread(|thread| thread.context(Std))
}

#[test]
fn get_creates_no_context() {
    on_a_fresh_thread(|| {
        let var = ContextVar::with_default("v", 1);
        var.get().unwrap();
        var.get_or(2);
        var.with(|_| ());
        assert!(current().is_none());
    });
}

#[test]
fn set_and_copy_create_a_context_that_is_not_entered() {
    on_a_fresh_thread(|| {
        assert!(copy_context().is_empty());
        let base = current().unwrap();
        assert!(!base.is_entered());
        assert_eq!(with_thread(|thread| thread.depth()), 0);
    });
    on_a_fresh_thread(|| {
        let var = ContextVar::new("v");
        var.set(1);
        assert_eq!(current().unwrap().len(), 1);
    });
}

#[test]
fn creating_a_base_context_is_not_a_switch() {
    on_a_fresh_thread(|| {
        let version = with_thread(|thread| thread.context_version());
        copy_context();
        assert_eq!(with_thread(|thread| thread.context_version()), version);
    });
}

#[test]
fn it_cannot_be_entered_anywhere_nor_left() {
    on_a_fresh_thread(|| {
        copy_context();
        let base = current().unwrap();
        assert!(line(base.run(|| ())).ends_with("is already entered"));
        let elsewhere = base.clone();
        assert!(on_a_fresh_thread(|| line(elsewhere.run(|| ()))).ends_with("is already entered"));
        assert!(line(base.exit()).ends_with("has not been entered"));
        // The same holds while another context is entered.
        Context::new()
            .run(|| assert!(base.run(|| ()).is_err()))
            .unwrap();
    });
}

#[test]
fn a_base_context_is_free_when_its_thread_has_ended() {
    let base = on_a_fresh_thread(|| {
        ContextVar::new("v").set(1);
        current().unwrap()
    });
    assert_eq!(base.run(|| base.len()).unwrap(), 1);
}

#[test]
fn a_base_context_can_be_replaced_only_while_nothing_is_entered() {
    on_a_fresh_thread(|| {
        let (new, other) = (Context::new(), Context::new());
        let replace = |context: &Context| {
            with_thread(|thread| thread.replace_context(Std, Some(context.clone())))
        };
        assert!(replace(&new).unwrap().is_none());
        assert!(current().unwrap().is(&new));
        new.copy()
            .run(|| assert!(replace(&other).is_err()))
            .unwrap();
        assert!(replace(&other).unwrap().unwrap().is(&new));
        assert!(new.run(|| ()).is_ok(), "the old base is free again");
    });
}

#[test]
fn a_cached_value_does_not_outlive_a_replaced_base() {
    on_a_fresh_thread(|| {
        let var = ContextVar::new("v");
        var.set(1);
        var.get().unwrap();
        with_thread(|thread| thread.replace_context(Std, Some(Context::new()))).unwrap();
        assert!(var.get().is_err());
    });
}
