//! Who takes part in the rows.

use std::future::Future;

use super::kinds::Kind;
use crate::report::Entrant;

/// A library that keeps a value for the work at hand, on the thread that measures.
///
/// Each of its functions does once what a row measures, and is inlined there.
pub trait Library<V: Kind>: Copy + Unpin + 'static {
    /// What a task is to have with it.
    type Captured;

    /// Who it is.
    fn entrant(&self) -> Entrant;

    /// Runs `body` where the value is kept.
    fn within(&self, value: V, body: impl FnOnce());

    /// Reads the value, to keep.
    fn get(&self) -> V;

    /// Binds another value for the length of a call, and reads it there.
    fn scoped(&self, value: &V) -> u64;

    /// Takes what a task is to have with it.
    fn capture(&self) -> Self::Captured;

    /// Gives a future what is here.
    fn carry<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static;

    /// Gives a future what is here, and two values more.
    fn carry_three<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static;
}
