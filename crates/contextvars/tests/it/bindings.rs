//! Bindings, keys and ids, as a library on the engine uses them.

use crate::engine::{Plain, bind, read, thread};
use contextvars::engine::{
    self, ContextState, Difference, LazyVarKey, VarKey, copy_current, current_id,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Differs<'a> = Difference<'a, Plain>;

#[test]
fn the_key_of_a_static_is_assigned_once() {
    const KEYS: usize = if cfg!(miri) { 20 } else { 10_000 };
    static PLACES: [LazyVarKey; KEYS] = [const { LazyVarKey::new() }; KEYS];
    static ARRIVED: [AtomicUsize; KEYS] = [const { AtomicUsize::new(0) }; KEYS];
    assert_eq!(PLACES[0].get(), None);
    let take = |place: usize| {
        // Both threads call `get_or_assign` at nearly the same time.
        ARRIVED[place].fetch_add(1, Ordering::SeqCst);
        let mut looks = 0_u32;
        while ARRIVED[place].load(Ordering::SeqCst) < 2 {
            looks += 1;
            if looks % 256 == 0 {
                std::thread::yield_now();
            }
        }
        PLACES[place].get_or_assign()
    };
    let take_all = || (0..KEYS).map(take).collect::<Vec<_>>();
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(take_all);
        let other = take_all();
        (one.join().unwrap(), other)
    });
    assert!(
        one == other,
        "two threads have different keys for one variable"
    );
    assert_ne!(one[0], one[1]);
}

#[test]
fn a_context_has_the_id_of_its_tokens() {
    let (thread, var) = (thread(), VarKey::next());
    assert_eq!(current_id(&thread), None);
    let token = bind(&thread, var, Arc::new(1));
    assert_eq!(current_id(&thread), Some(token.context()));
    let mut copy: ContextState<Plain> = copy_current(&thread);
    assert_eq!(copy.id(), None);
    let id = copy.ensure_id(&thread);
    assert_eq!((copy.id(), copy.ensure_id(&thread)), (Some(id), id));
    assert_ne!(id, token.context());
}

#[test]
fn unbind_removes_a_binding_from_one_version_only() {
    let (thread, var) = (thread(), VarKey::next());
    let _token = bind(&thread, var, Arc::new(1));
    let whole = copy_current(&thread).snapshot();
    let mut bindings = whole.clone();
    let removed = engine::unbind::<Plain>(&mut bindings, var)
        .unwrap()
        .unwrap();
    assert_eq!((***removed.value(), bindings.len(), whole.len()), (1, 0, 1));
    assert!(engine::find::<Plain>(&bindings, var).is_none());
    assert!(engine::find::<Plain>(&whole, var).unwrap().ptr_eq(&removed));
    assert!(
        engine::unbind::<Plain>(&mut bindings, var)
            .unwrap()
            .is_none()
    );
}

#[test]
fn an_unset_variable_reads_as_unbound() {
    let (thread, var) = (thread(), VarKey::next());
    assert!(engine::unset(&thread, var).unwrap().is_none());
    let token = bind(&thread, var, Arc::new(1));
    assert_eq!(read(&thread, var), Some(1));
    assert_eq!(***engine::unset(&thread, var).unwrap().unwrap().value(), 1);
    assert_eq!(read(&thread, var), None);
    // The token has the value from before its set.
    assert!(token.old_value().is_none());
}

#[test]
fn diff_returns_each_added_replaced_and_removed_binding() {
    let thread = thread();
    let vars: Vec<VarKey> = (0..100).map(|_| VarKey::next()).collect();
    let (added, replaced, removed) = (VarKey::next(), vars[3], vars[5]);
    for var in &vars {
        drop(bind(&thread, *var, Arc::new(0)));
    }
    let old = copy_current(&thread).snapshot();
    drop(bind(&thread, added, Arc::new(1)));
    drop(bind(&thread, replaced, Arc::new(2)));
    drop(engine::unset(&thread, removed).unwrap());
    let new = copy_current(&thread).snapshot();
    let mut found: Vec<(VarKey, &str)> = engine::diff::<Plain>(&old, &new)
        .into_iter()
        .map(|difference| match difference {
            Differs::Added(entry) => (entry.key().key(), "added"),
            Differs::Removed(entry) => (entry.key().key(), "removed"),
            Differs::Changed { new, .. } => (new.key().key(), "replaced"),
        })
        .collect();
    found.sort_by_key(|(key, _)| key.get());
    assert_eq!(
        found,
        [
            (replaced, "replaced"),
            (removed, "removed"),
            (added, "added")
        ]
    );
    assert!(engine::diff::<Plain>(&new, &new.clone()).is_empty());
}
