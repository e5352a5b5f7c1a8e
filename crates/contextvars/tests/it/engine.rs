//! The engine without a host layer.

pub use crate::plain::{bind, thread};
use contextvars::engine::{ContextState, Local, VarKey, lookup};
use std::sync::Arc;
use threadstate::Thread;

pub type Plain = crate::plain::Plain<Arc<i32>>;

/// Returns another variable that has the same slot.
pub fn sharing_the_slot_of(var: VarKey) -> VarKey {
    let slots = Local::<Plain>::REMEMBERED as u64;
    let mut keys = std::iter::repeat_with(VarKey::next);
    let other = keys.find(|key| key.get() % slots == var.get() % slots);
    other.expect("there is no end of keys")
}

/// Returns `true` if a read now does not search the trie.
pub fn is_cached(thread: &Thread<Plain>, var: VarKey) -> bool {
    thread.local().remembers(var, thread.activation())
}

pub fn read(thread: &Thread<Plain>, var: VarKey) -> Option<i32> {
    lookup(thread, var, |value| value.map(|value| **value))
}

#[test]
fn a_read_on_a_thread_without_a_context_creates_none() {
    let thread = thread();
    assert_eq!(read(&thread, VarKey::next()), None);
    assert!(thread.context(()).is_none());
}

#[test]
fn a_set_is_read_and_undone() {
    let (thread, var) = (thread(), VarKey::next());
    let first = bind(&thread, var, Arc::new(1));
    let second = bind(&thread, var, Arc::new(2));
    assert_eq!(second.old_value().map(|value| **value), Some(1));
    assert_eq!(read(&thread, var), Some(2));
    second.restore(&thread, &var).unwrap();
    assert_eq!(read(&thread, var), Some(1));
    first.restore(&thread, &var).unwrap();
    assert_eq!(read(&thread, var), None);
}

#[test]
fn many_variables_keep_their_own_values() {
    let thread = thread();
    const VARS: usize = if cfg!(miri) { 200 } else { 1_000 };
    let vars: Vec<VarKey> = (0..VARS).map(|_| VarKey::next()).collect();
    for (number, var) in vars.iter().enumerate() {
        let _token = bind(&thread, *var, Arc::new(number as i32));
    }
    for (number, var) in vars.iter().enumerate() {
        assert_eq!(read(&thread, *var), Some(number as i32));
    }
    assert_eq!(thread.context(()).map(|context| context.len()), Some(VARS));
}

#[test]
fn a_copy_shares_the_whole_trie() {
    let thread = thread();
    for _ in 0..100 {
        let _token = bind(&thread, VarKey::next(), Arc::new(1));
    }
    let context = thread.context(()).unwrap();
    let copy = ContextState::<Plain>::new(context.snapshot());
    assert!(copy.snapshot().ptr_eq(&context.snapshot()));
    let _token = bind(&thread, VarKey::next(), Arc::new(1));
    assert!(!copy.snapshot().ptr_eq(&context.snapshot()));
    assert_eq!((copy.len(), context.len()), (100, 101));
}

#[test]
fn keys_are_never_given_twice() {
    const EACH: usize = if cfg!(miri) { 50 } else { 1_000 };
    let threads: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(|| (0..EACH).map(|_| VarKey::next().get()).collect::<Vec<_>>()))
        .collect();
    let mut keys: Vec<u64> = threads
        .into_iter()
        .flat_map(|t| t.join().unwrap())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 4 * EACH);
}
