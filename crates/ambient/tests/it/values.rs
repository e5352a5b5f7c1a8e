//! Reading and setting variables of all kinds.

use ambient::testing::fresh;
use ambient::{Context, DefaultVar, Var};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_variable_has_no_value_before_it_is_set() {
    fresh(|| {
        static VAR: Var<String> = Var::new("var");
        assert_eq!(VAR.get(), None);
        VAR.set("value".into());
        assert_eq!(VAR.with(|value| value.map(String::len)), Some(5));
    })
}

#[test]
fn variables_of_one_name_are_separate() {
    fresh(|| {
        static A: Var<u64> = Var::new("same");
        static B: Var<String> = Var::new("same");
        A.set(1);
        B.set("b".into());
        assert_eq!((A.get(), B.get().as_deref()), (Some(1), Some("b")));
    })
}

#[test]
fn values_of_any_size_and_alignment_are_kept() {
    fresh(|| {
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[repr(align(64))]
        struct Wide([u8; 100]);
        static WIDE: Var<Wide> = Var::new("wide");
        static NOTHING: Var<()> = Var::new("nothing");
        WIDE.set(Wide([7; 100]));
        NOTHING.set(());
        WIDE.with(|wide| {
            let wide = wide.unwrap();
            assert_eq!(std::ptr::from_ref(wide).addr() % 64, 0);
            assert_eq!(*wide, Wide([7; 100]));
        });
        assert_eq!(NOTHING.get(), Some(()));
    })
}

#[test]
fn a_lazy_default_is_made_once_for_all_threads() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    static LAZY: DefaultVar<Vec<u8>> = DefaultVar::lazy("lazy", || {
        MADE.fetch_add(1, Ordering::Relaxed);
        vec![1, 2]
    });
    assert_eq!(MADE.load(Ordering::Relaxed), 0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(LAZY.with(Vec::len), 2));
        }
    });
    assert_eq!(MADE.load(Ordering::Relaxed), 1);
    LAZY.scoped(vec![], || assert!(LAZY.get().is_empty()));
    assert_eq!(LAZY.get(), [1, 2]);
}

#[test]
fn a_read_keeps_its_value_while_it_is_replaced() {
    fresh(|| {
        static VAR: Var<Arc<str>> = Var::new("var");
        VAR.set("old".into());
        let weak = VAR.with(|value| {
            let value = value.unwrap();
            VAR.set("new".into());
            assert_eq!(&**value, "old");
            Arc::downgrade(value)
        });
        assert_eq!(VAR.get().as_deref(), Some("new"));
        // Only the context and the token owned it, and both references are gone.
        assert!(weak.upgrade().is_none());
    })
}

#[test]
fn a_scope_restores_the_value_after_a_set_inside() {
    fresh(|| {
        static VAR: Var<u64> = Var::new("var");
        let _outer = VAR.set(1);
        VAR.scoped(2, || {
            VAR.set(3);
            assert_eq!(VAR.get(), Some(3));
        });
        assert_eq!(VAR.get(), Some(1));
    })
}

#[test]
fn values_set_in_a_context_are_not_seen_in_another() {
    fresh(|| {
        static VAR: Var<u64> = Var::new("var");
        VAR.set(1);
        let mut one = Context::current();
        let mut other = one.copy();
        one.run(|| VAR.set(2));
        other.set(&VAR, 3);
        assert_eq!((one.get(&VAR), other.get(&VAR)), (Some(2), Some(3)));
        assert_eq!(VAR.get(), Some(1));
        assert_eq!((one.len(), Context::new().is_empty()), (1, true));
    })
}

#[test]
fn without_keeps_no_removed_value_alive() {
    static BIG: Var<Arc<()>> = Var::new("big");
    static SMALL: Var<u64> = Var::new("small");
    let value = Arc::new(());
    let mut context = Context::new()
        .with_value(&SMALL, 1)
        .with_value(&BIG, Arc::clone(&value));
    let small = context.without(&[&BIG]);
    assert_eq!(Arc::strong_count(&value), 2);
    context = Context::new();
    assert_eq!(Arc::strong_count(&value), 1);
    assert_eq!(
        (small.len(), small.get(&SMALL), context.len()),
        (1, Some(1), 0)
    );
}

#[test]
fn types_that_hold_contexts_are_send_and_sync() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Context>();
    is_send_and_sync::<ambient::Token<String>>();
    is_send_and_sync::<ambient::Changes>();
    is_send_and_sync::<ambient::Binding>();
    is_send_and_sync::<ambient::InContext<std::future::Ready<()>>>();
}
