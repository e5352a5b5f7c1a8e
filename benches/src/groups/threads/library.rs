//! Who takes part.

use super::row::Row;
use super::start::{Span, Start};

/// Somebody's values for threads or tasks.
pub trait Library: Sync {
    /// Does a row so many times on the thread of this number: prepares what a thread has of its
    /// own, and times the rest at the start.
    fn work(&self, row: Row, thread: usize, iterations: u64, start: &Start) -> Span;
}
