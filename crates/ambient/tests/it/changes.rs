//! Differences between contexts, and their application.

use ambient::testing::fresh;
use ambient::{Changes, Context, ContextExt, Var};
use futures::executor::block_on;

static A: Var<u64> = Var::new("a");
static B: Var<u64> = Var::new("b");
static C: Var<u64> = Var::new("c");

fn names(changes: &Changes) -> Vec<&'static str> {
    changes.names()
}

#[test]
fn changed_lists_what_was_set_since_the_copy() {
    fresh(|| {
        A.set(1);
        B.set(2);
        let mut task = Context::inherited();
        assert!(task.changed().is_empty());
        task.run(|| {
            // Setting the same value again counts as a change.
            B.set(2);
            C.set(3);
            // A value that was reset is not a change.
            A.set(9).reset().unwrap();
        });
        assert_eq!(names(&task.changed()), ["b", "c"]);
        // A copy inherits all of them.
        assert!(task.copy().changed().is_empty());
        assert_eq!(names(&Context::current().changed()), ["a", "b"]);
    })
}

#[test]
fn a_difference_lists_added_replaced_and_removed_variables() {
    let old = Context::new().with_value(&A, 1).with_value(&B, 2);
    let new = old.without(&[&A]).with_value(&B, 3).with_value(&C, 4);
    let changes = old.diff(&new);
    assert_eq!((names(&changes), changes.len()), (vec!["a", "b", "c"], 3));
    assert_eq!(changes.of(&A), Some((Some(&1), None)));
    assert_eq!(changes.of(&B), Some((Some(&2), Some(&3))));
    assert_eq!(changes.of(&C), Some((None, Some(&4))));
    assert!(old.diff(&old.copy()).is_empty());
    assert_eq!(
        changes.of(&B),
        new.diff(&old).of(&B).map(|(old, new)| (new, old))
    );
}

#[test]
fn applying_a_difference_to_the_older_context_makes_the_newer() {
    let mut old = Context::new().with_value(&A, 1).with_value(&B, 2);
    let new = old.without(&[&A]).with_value(&B, 3).with_value(&C, 4);
    old.apply(&old.diff(&new));
    assert!(old.diff(&new).is_empty());
    assert_eq!(
        (old.get(&A), old.get(&B), old.get(&C)),
        (None, Some(3), Some(4))
    );
    // Applied values are the context's own, so its parent can apply them in turn.
    assert_eq!(names(&old.changed()), ["b", "c"]);
}

#[test]
fn a_waiter_applies_what_its_task_has_set() {
    fresh(|| {
        A.set(1);
        let parent = async {
            let task = async {
                A.set(2);
                B.set(3);
            };
            let ((), context) = task.inherit().returning().await;
            assert_eq!((A.get(), B.get()), (Some(1), None));
            context.changed().apply();
            (A.get(), B.get())
        };
        assert_eq!(block_on(parent.inherit()), (Some(2), Some(3)));
        assert_eq!((A.get(), B.get()), (Some(1), None));
    })
}
