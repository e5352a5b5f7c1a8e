//! How deeply operations are nested on a thread.

use super::{Exception, Result, types};
use std::cell::Cell;

/// The nesting at which an operation raises `RecursionError`.
///
/// In a debug build this many levels take less than half of a thread's 2 MiB;
/// the rest is for what the objects do themselves. A test tries it.
pub(super) const LIMIT: usize = 320;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// One level of nesting, which ends when it is dropped.
pub(super) struct Level(());

/// Goes one level deeper; `what` ends the error's text.
pub(super) fn enter(what: &str) -> Result<Level> {
    // A thread whose locals are gone is not deep in anything.
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
