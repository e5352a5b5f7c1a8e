//! The kinds of values.

use std::sync::Arc;

use super::engine::Thread;

/// A kind of values of the engine.
pub trait Value: Clone + Send + Sync + Sized + 'static {
    /// Makes the value of a number.
    fn of(number: u64) -> Self;

    /// What a reader reads of it: the number.
    fn word(&self) -> u64;

    /// Runs `f` with the calling thread's state.
    fn with_thread<R>(f: impl FnOnce(&Thread<Self>) -> R) -> R;
}

/// What the report calls a kind.
pub const fn name(counted: bool) -> &'static str {
    if counted { "counted" } else { "immediate" }
}

impl Value for u64 {
    #[inline]
    fn of(number: u64) -> u64 {
        number
    }

    #[inline]
    fn word(&self) -> u64 {
        *self
    }

    #[inline]
    fn with_thread<R>(f: impl FnOnce(&Thread<u64>) -> R) -> R {
        super::engine::with_thread_of_numbers(f)
    }
}

impl Value for Arc<u64> {
    #[inline]
    fn of(number: u64) -> Arc<u64> {
        Arc::new(number)
    }

    #[inline]
    fn word(&self) -> u64 {
        **self
    }

    #[inline]
    fn with_thread<R>(f: impl FnOnce(&Thread<Arc<u64>>) -> R) -> R {
        super::engine::with_thread_of_handles(f)
    }
}
