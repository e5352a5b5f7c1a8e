//! Dropping nested values without deep recursion, as CPython's trashcan does.

use super::Value;
use std::cell::{Cell, RefCell};
use std::mem;

/// How many containers deep values are dropped at once.
const LIMIT: usize = 50;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static LATER: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// Drops what a container held: at once, or, where too many containers are
/// being dropped around it, when the outermost of them is done.
pub(super) fn release(items: impl ExactSizeIterator<Item = Value>) {
    if items.len() == 0 {
        return;
    }
    let level = Level::enter();
    if level.0 < LIMIT {
        // Dropped before the level, also where an item panics.
        let _rest = (level.0 == 0).then_some(Rest);
        items.for_each(drop);
    } else {
        // On a thread whose locals are gone the items are dropped here after all.
        let mut items = Some(items);
        let _ = LATER.try_with(|later| {
            later
                .borrow_mut()
                .extend(items.take().into_iter().flatten())
        });
    }
}

/// What is dropped later: dropped with this, and what is added meanwhile.
struct Rest;

impl Drop for Rest {
    fn drop(&mut self) {
        while let Ok(Some(value)) = LATER.try_with(|later| later.borrow_mut().pop()) {
            // Goes on with the rest if `value` panics.
            let rest = Rest;
            drop(value);
            mem::forget(rest);
        }
    }
}

/// One container that is being dropped; holds how many are around it.
struct Level(usize);

impl Level {
    fn enter() -> Self {
        Level(
            DEPTH
                .try_with(|depth| depth.replace(depth.get() + 1))
                .unwrap_or(0),
        )
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        let _ = DEPTH.try_with(|depth| depth.set(self.0));
    }
}
