//! Closures that inherit; hooks; `unset`; reads of a context that is not current.

use ambient::testing::{self, fresh};
use ambient::{Context, ContextExt, DefaultVar, Inherit, Var};
use futures::executor::block_on;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

static VAR: Var<u64> = Var::new("var");

#[test]
fn a_closure_of_each_kind_runs_in_the_context_it_inherited() {
    let (once, each, mut all) = VAR.scoped(7, || {
        let once = ambient::inherit_once(|more: u64| VAR.get().map(|value| value + more));
        let each = ambient::inherit_fn(|(a, b): (u64, u64)| {
            let before = VAR.get();
            VAR.set(a + b);
            (before, VAR.get())
        });
        let all = ambient::inherit_mut(|more: u64| {
            VAR.set(VAR.get().unwrap_or(0) + more);
            VAR.get()
        });
        (once, each, all)
    });
    VAR.scoped(8, || {
        assert_eq!(once(1), Some(8));
        // A value that a call sets is dropped after the call.
        assert_eq!(
            [each((1, 1)), each((1, 2))],
            [(Some(7), Some(2)), (Some(7), Some(3))]
        );
        // A call sees the value that the call before has set.
        assert_eq!([all(1), all(1)], [Some(8), Some(9)]);
        assert_eq!(VAR.get(), Some(8));
    });
}

#[test]
fn a_closure_of_each_kind_is_dropped_in_its_context() {
    struct Notes<'a>(&'a AtomicU64);
    impl Drop for Notes<'_> {
        fn drop(&mut self) {
            self.0
                .fetch_add(VAR.get().unwrap_or(1_000), Ordering::Relaxed);
        }
    }
    let sum = AtomicU64::new(0);
    VAR.scoped(1, || {
        let [a, b, c] = [(); 3].map(|()| Notes(&sum));
        let once = ambient::inherit_once(move |()| drop(a));
        let each = ambient::inherit_fn(move |()| _ = &b);
        let all = ambient::inherit_mut(move |()| _ = &c);
        VAR.scoped(500, || drop((once, each, all)));
    });
    assert_eq!(sum.into_inner(), 3);
}

#[test]
fn a_hook_makes_the_inherited_value() {
    static CHILD: Var<u64> = Var::new("child").on_inherit(|value| value + 1);
    static KEPT: DefaultVar<u64> = DefaultVar::new("kept", 0)
        .inherit(Inherit::Always)
        .on_inherit(|value| value * 2);
    static NEVER: Var<u64> = Var::new("never")
        .inherit(Inherit::Never)
        .on_inherit(|_| panic!("it is not inherited"));
    fresh(|| {
        CHILD.set(1);
        KEPT.set(10);
        NEVER.set(5);
        VAR.set(7);
        let values = |context: &Context| {
            (
                context.get(&CHILD),
                context.get(&KEPT),
                context.get(&NEVER),
                context.get(&VAR),
            )
        };
        let inherited = Context::inherited();
        assert_eq!(values(&inherited), (Some(2), 20, None, Some(7)));
        // The hook's values count as inherited.
        assert!(inherited.changed().is_empty());
        // The hook is called once for each context that inherits.
        let grandchild = async { CHILD.get() }.inherit();
        let child = async { (CHILD.get(), grandchild.await) }.inherit();
        assert_eq!(block_on(child), (Some(2), Some(2)));
        let nested = async { async { CHILD.get() }.inherit().await }.inherit();
        assert_eq!(block_on(nested), Some(3));
        assert_eq!(values(&Context::isolated()), (None, 20, None, None));
        // A copy for the same task calls no hook.
        assert_eq!(values(&Context::current()), (Some(1), 10, Some(5), Some(7)));
        assert_eq!(
            values(&Context::current().copy()),
            (Some(1), 10, Some(5), Some(7))
        );
    });
}

#[test]
fn a_hook_may_use_contexts_and_panic() {
    static HOOKED: Var<u64> = Var::new("hooked").on_inherit(|value| {
        assert_ne!(*value, 0, "on purpose");
        // No lock is held, and the new context is not current.
        let other = Context::new().with_value(&VAR, *value);
        VAR.get().unwrap_or(0) + other.get(&VAR).unwrap_or(0)
    });
    fresh(|| {
        VAR.set(1);
        HOOKED.set(2);
        assert_eq!(Context::inherited().get(&HOOKED), Some(3));
        HOOKED.set(0);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(Context::inherited()))).is_err());
        HOOKED.set(3);
        assert_eq!(Context::inherited().get(&HOOKED), Some(4));
    });
}

#[test]
fn unset_removes_a_value_from_the_current_context_only() {
    VAR.scoped(1, || {
        let ((), changes) = testing::changes(|| assert!(VAR.unset()));
        assert_eq!(changes.of(&VAR), Some((Some(&1), None)));
        assert_eq!(VAR.get(), Some(1));
        // The scope restores the old value.
        VAR.scoped(2, || assert!(VAR.unset()));
        assert_eq!(VAR.get(), Some(1));
    });
    let mut context = Context::new().with_value(&VAR, 1);
    assert_eq!((context.unset(&VAR), context.unset(&VAR)), (true, false));
    assert!(context.is_empty());
}

#[test]
fn a_context_that_is_not_current_can_be_read() {
    static TEXT: Var<String> = Var::new("text");
    static LIST: DefaultVar<Vec<u64>> = DefaultVar::lazy("list", || vec![1]);
    let mut context = Context::new().with_value(&TEXT, "one".into());
    let copy = context.copy();
    let (text, list) = (copy.value(&TEXT), copy.value(&LIST));
    context.set(&TEXT, "two".into());
    context.set(&LIST, vec![]);
    assert_eq!(
        (text.map(String::as_str), list.as_slice()),
        (Some("one"), &[1][..])
    );
    assert_eq!(context.value(&TEXT).map(String::as_str), Some("two"));
    assert!(context.value(&LIST).is_empty());
    assert_eq!(
        (context.get(&LIST), Context::new().get(&LIST)),
        (vec![], vec![1])
    );
}
