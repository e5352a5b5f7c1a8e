//! The cache: hits do not search the trie, no read is stale, and no value is kept alive.

use crate::engine::{Plain, bind, is_cached, read, thread};
use contextvars::engine::{ContextState, Local, VarKey, lookup};
use hamt::raw::RawHamt;
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use threadstate::Thread;

fn new_context() -> Arc<ContextState<Plain>> {
    Arc::new(ContextState::new(RawHamt::new()))
}

#[test]
fn a_repeated_get_walks_no_trie() {
    let (thread, var) = (thread(), VarKey::next());
    let context = new_context();
    let _token = bind(&thread, var, Arc::new(1));
    let copy = Arc::new(ContextState::new(thread.context(()).unwrap().snapshot()));
    thread.enter((), Arc::clone(&copy)).unwrap();
    assert!(!is_cached(&thread, var), "the first read searches the trie");
    assert_eq!(read(&thread, var), Some(1));
    assert!(is_cached(&thread, var));
    // Entering another context does not invalidate other slots.
    thread.enter((), Arc::clone(&context)).unwrap();
    assert!(!is_cached(&thread, var));
    assert_eq!(read(&thread, var), None);
    assert!(
        is_cached(&thread, var),
        "an unbound variable is cached, too"
    );
    thread.exit((), &context).unwrap();
    assert!(!is_cached(&thread, var), "both contexts use the same slot");
    let another = in_another_slot(var);
    assert_eq!(read(&thread, another), None);
    thread.enter((), Arc::clone(&context)).unwrap();
    assert_eq!(read(&thread, var), None);
    thread.exit((), &context).unwrap();
    assert!(is_cached(&thread, another));
}

/// Returns a variable that has another slot.
fn in_another_slot(var: VarKey) -> VarKey {
    let next = VarKey::next();
    if next.get() % 2 == var.get() % 2 {
        VarKey::next()
    } else {
        next
    }
}

#[test]
fn a_get_after_a_set_walks_no_trie() {
    let (thread, var) = (thread(), VarKey::next());
    let _token = bind(&thread, var, Arc::new(1));
    assert!(is_cached(&thread, var));
    assert_eq!(read(&thread, var), Some(1));
}

#[test]
fn a_nested_get_finds_the_value_and_later_gets_still_hit() {
    let (thread, var) = (thread(), VarKey::next());
    let _token = bind(&thread, var, Arc::new(1));
    lookup(&thread, var, |outer| {
        lookup(&thread, var, |inner| assert_eq!(outer, inner));
    });
    assert!(is_cached(&thread, var));
}

#[test]
fn a_set_during_a_read_wins() {
    let (thread, var) = (thread(), VarKey::next());
    let _first = bind(&thread, var, Arc::new(1));
    let _second = lookup(&thread, var, |value| {
        let token = bind(&thread, var, Arc::new(2));
        assert_eq!(**value.unwrap(), 1, "the value being read stays");
        token
    });
    assert_eq!(read(&thread, var), Some(2));
}

#[test]
fn a_set_and_a_failed_read_during_a_read_leave_nothing_stale() {
    let (thread, var) = (thread(), VarKey::next());
    let _first = bind(&thread, var, Arc::new(1));
    let _second = lookup(&thread, var, |_| {
        let token = bind(&thread, var, Arc::new(2));
        // A second read through the same slot, which ends by a panic.
        let failed = catch_unwind(AssertUnwindSafe(|| {
            lookup(&thread, var, |_| panic!("on purpose"))
        }));
        assert!(failed.is_err());
        token
    });
    assert_eq!(read(&thread, var), Some(2));
}

#[test]
fn a_switch_during_a_read_does_not_carry_the_value_over() {
    let (thread, var) = (thread(), VarKey::next());
    let _token = bind(&thread, var, Arc::new(1));
    let other = new_context();
    lookup(&thread, var, |_| {
        thread.enter((), Arc::clone(&other)).unwrap()
    });
    assert_eq!(read(&thread, var), None);
    thread.exit((), &other).unwrap();
    assert_eq!(read(&thread, var), Some(1));
}

#[test]
fn a_switch_to_a_changed_context_does_not_carry_the_value_over() {
    let (thread, var) = (thread(), VarKey::next());
    let _token = bind(&thread, var, Arc::new(1));
    let other = new_context();
    let _other_token = lookup(&thread, var, |_| {
        thread.enter((), Arc::clone(&other)).unwrap();
        bind(&thread, VarKey::next(), Arc::new(2))
    });
    assert_eq!(read(&thread, var), None);
}

#[test]
fn a_value_is_dropped_when_it_is_replaced_or_its_context_goes() {
    let (thread, var) = (thread(), VarKey::next());
    let (old, new) = (Arc::new(1), Arc::new(2));
    drop(bind(&thread, var, Arc::clone(&old)));
    read(&thread, var);
    drop(bind(&thread, var, Arc::clone(&new)));
    assert_eq!(Arc::strong_count(&old), 1);

    let context = new_context();
    let inner = Arc::new(3);
    thread.enter((), Arc::clone(&context)).unwrap();
    drop(bind(&thread, var, Arc::clone(&inner)));
    read(&thread, var);
    thread.exit((), &context).unwrap();
    drop(context);
    assert_eq!(Arc::strong_count(&inner), 1);
    drop(thread);
    assert_eq!(Arc::strong_count(&new), 1);
}

/// A step of a random program over contexts and variables, several of which share a slot.
#[derive(Clone, Debug)]
enum Step {
    Read(usize),
    Bind(usize, i32),
    Undo,
    Enter,
    Exit,
    CopyAndEnter,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..20usize).prop_map(Step::Read),
        3 => (0..20usize, any::<i32>()).prop_map(|(var, value)| Step::Bind(var, value)),
        2 => Just(Step::Undo),
        1 => Just(Step::Enter),
        1 => Just(Step::CopyAndEnter),
        2 => Just(Step::Exit),
    ]
}

fn check(thread: &Thread<Plain>, vars: &[VarKey], model: &[Option<i32>]) {
    for (var, value) in vars.iter().zip(model) {
        assert_eq!(read(thread, *var), *value);
    }
}

proptest! {
    #[test]
    fn a_read_is_never_stale(
        steps in prop::collection::vec(step(), 0..if cfg!(miri) { 30 } else { 80 })
    ) {
        let thread = thread();
        // Keys so far apart that several share a slot of the thread.
        let keys = std::iter::repeat_with(VarKey::next);
        let vars: Vec<VarKey> = keys.step_by(Local::<Plain>::REMEMBERED / 8).take(20).collect();
        // For each context on the stack: its expected bindings, and the tokens.
        let mut stack = vec![(None, vec![None; vars.len()], Vec::new())];
        for step in steps {
            let (_, model, undo) = stack.last_mut().unwrap();
            match step {
                Step::Read(var) => prop_assert_eq!(read(&thread, vars[var]), model[var]),
                Step::Bind(var, value) => {
                    undo.push((var, model[var], bind(&thread, vars[var], Arc::new(value))));
                    model[var] = Some(value);
                }
                Step::Undo => if let Some((var, old, token)) = undo.pop() {
                    token.restore(&thread, &vars[var]).unwrap();
                    model[var] = old;
                },
                Step::Enter => {
                    let context = new_context();
                    thread.enter((), Arc::clone(&context)).unwrap();
                    stack.push((Some(context), vec![None; vars.len()], Vec::new()));
                }
                Step::CopyAndEnter => {
                    let snapshot = thread.context(()).map(|context| context.snapshot());
                    let context = Arc::new(ContextState::new(snapshot.unwrap_or_default()));
                    let model = model.clone();
                    thread.enter((), Arc::clone(&context)).unwrap();
                    stack.push((Some(context), model, Vec::new()));
                }
                Step::Exit => if let (Some(context), ..) = &stack.last().unwrap() {
                    thread.exit((), context).unwrap();
                    stack.pop();
                },
            }
            check(&thread, &vars, &stack.last().unwrap().1);
        }
    }
}
