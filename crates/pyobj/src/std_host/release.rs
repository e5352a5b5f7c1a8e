//! Dropping nested values without deep recursion, as CPython's trashcan does.
//!
//! A value's drop may panic. Then the values beside it and those that were put off are
//! dropped all the same, and the depth is what it was, by the drop of [`Level`].

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
    if level.depth.0 < LIMIT {
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

/// One container that is being dropped. The fields are dropped in this order.
struct Level {
    _later: Later,
    depth: Depth,
}

/// Whether what was put off is dropped with this.
struct Later(bool);

/// How many containers are around one, which the thread's depth is again when this is
/// dropped.
struct Depth(usize);

impl Level {
    fn enter() -> Self {
        let depth = DEPTH
            .try_with(|depth| depth.replace(depth.get() + 1))
            .unwrap_or(0);
        Level {
            _later: Later(depth == 0),
            depth: Depth(depth),
        }
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        if !self.0 {
            return;
        }
        while let Ok(Some(value)) = LATER.try_with(|later| later.borrow_mut().pop()) {
            // Goes on where this one panics.
            let rest = Later(true);
            drop(value);
            mem::forget(rest);
        }
    }
}

impl Drop for Depth {
    fn drop(&mut self) {
        let _ = DEPTH.try_with(|depth| depth.set(self.0));
    }
}
