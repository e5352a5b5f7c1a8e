//! The nesting depth of operations on a thread.

use super::{Exception, Result, types};
use std::cell::Cell;

/// The nesting at which an operation raises `RecursionError`.
///
/// In a debug build this many levels take less than half of a thread's 2 MiB;
/// the rest is for the objects' own code. A test checks it.
pub(super) const LIMIT: usize = 320;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// One level of nesting, which ends when it is dropped.
pub(super) struct Level(());

/// Enters a level. `what` is the end of the error's message.
pub(super) fn enter(what: &str) -> Result<Level> {
    // If the thread's locals are gone, the depth counts as 0.
    let depth = DEPTH
        .try_with(|depth| depth.replace(depth.get() + 1))
        .unwrap_or(0);
    let level = Level(());
    if depth >= LIMIT {
        return Err(Exception::text(
            types::RECURSION_ERROR.clone(),
            format!("maximum recursion depth exceeded{what}"),
        ));
    }
    Ok(level)
}

impl Drop for Level {
    fn drop(&mut self) {
        let _ = DEPTH.try_with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}
