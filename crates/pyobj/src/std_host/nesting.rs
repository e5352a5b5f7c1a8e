//! Limits of nesting on a thread. Operations that are nested too deeply raise
//! `RecursionError`. Containers that are nested too deeply are dropped one after the other, as
//! CPython's trashcan does.
//!
//! A value's drop may panic. Then the values beside it and the deferred ones are dropped all
//! the same, and the drop of [`DropLevel`] restores the depth.

use super::{Exception, Result, Value, types};
use std::cell::{Cell, RefCell};
use std::mem;

/// The nesting at which an operation raises `RecursionError`.
///
/// In a debug build this many levels take less than half of a thread's 2 MiB;
/// the rest is for the objects' own code. A test checks it.
const RECURSION_LIMIT: usize = 320;

thread_local! {
    static OPERATIONS: Cell<usize> = const { Cell::new(0) };
}

/// One level of nested operations, which ends when it is dropped.
pub(super) struct Level(());

/// Enters a level. `what` is the end of the error's message.
pub(super) fn enter(what: &str) -> Result<Level> {
    // If the thread's locals are gone, the depth counts as 0.
    let depth = OPERATIONS
        .try_with(|depth| depth.replace(depth.get() + 1))
        .unwrap_or(0);
    let level = Level(());
    if depth >= RECURSION_LIMIT {
        return Err(Exception::text(
            types::RECURSION_ERROR.clone(),
            format!("maximum recursion depth exceeded{what}"),
        ));
    }
    Ok(level)
}

impl Drop for Level {
    fn drop(&mut self) {
        let _ = OPERATIONS.try_with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}

/// The nesting depth of containers from which on drops are deferred.
const DROP_LIMIT: usize = 50;

thread_local! {
    static CONTAINERS: Cell<usize> = const { Cell::new(0) };
    static DEFERRED: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// Drops the values of a container: at once, or, if it is nested too deeply, after
/// those of the outermost container.
pub(super) fn release(items: impl ExactSizeIterator<Item = Value>) {
    if items.len() == 0 {
        return;
    }
    let level = DropLevel::enter();
    if level.depth.0 < DROP_LIMIT {
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
struct DropLevel {
    _deferred: DropDeferred,
    depth: Depth,
}

/// Drops the deferred values when it is dropped, if `true`.
struct DropDeferred(bool);

/// The depth around a container. The drop of this restores the thread's depth to it.
struct Depth(usize);

impl DropLevel {
    fn enter() -> Self {
        let depth = CONTAINERS
            .try_with(|depth| depth.replace(depth.get() + 1))
            .unwrap_or(0);
        DropLevel {
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
        let _ = CONTAINERS.try_with(|depth| depth.set(self.0));
    }
}
