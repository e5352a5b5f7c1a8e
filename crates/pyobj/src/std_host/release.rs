//! Dropping nested values without deep recursion, as CPython's trashcan does.
//!
//! A value's drop may panic. Then the values beside it and the deferred ones are dropped all
//! the same, and the drop of [`Level`] restores the depth.

use super::Value;
use std::cell::{Cell, RefCell};
use std::mem;

/// The nesting depth of containers from which on drops are deferred.
const LIMIT: usize = 50;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static DEFERRED: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// Drops the values of a container: at once, or, if it is nested too deeply, after
/// those of the outermost container.
pub(super) fn release(items: impl ExactSizeIterator<Item = Value>) {
    if items.len() == 0 {
        return;
    }
    let level = Level::enter();
    if level.depth.0 < LIMIT {
        items.for_each(drop);
    } else {
        // If the thread's locals are gone, the items are dropped here after all.
        let mut items = Some(items);
        let _ = DEFERRED.try_with(|deferred| {
            deferred
                .borrow_mut()
                .extend(items.take().into_iter().flatten())
        });
    }
}

/// One container that is being dropped. The fields are dropped in this order.
struct Level {
    _deferred: DropDeferred,
    depth: Depth,
}

/// Drops the deferred values when it is dropped, if `true`.
struct DropDeferred(bool);

/// The depth around a container. The drop of this restores the thread's depth to it.
struct Depth(usize);

impl Level {
    fn enter() -> Self {
        let depth = DEPTH
            .try_with(|depth| depth.replace(depth.get() + 1))
            .unwrap_or(0);
        Level {
            _deferred: DropDeferred(depth == 0),
            depth: Depth(depth),
        }
    }
}

impl Drop for DropDeferred {
    fn drop(&mut self) {
        if !self.0 {
            return;
        }
        while let Ok(Some(value)) = DEFERRED.try_with(|deferred| deferred.borrow_mut().pop()) {
            // Drops the rest if this drop panics.
            let rest = DropDeferred(true);
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
