//! Who takes part in the rows.

use std::time::Duration;

use super::row::Row;
use crate::report::Entrant;

/// Somebody who is ready for every row.
pub trait Contestant {
    /// Who it is.
    fn entrant(&self) -> Entrant;

    /// Whether it can do what a row does.
    fn takes_part(&self, row: Row) -> bool;

    /// Does what a row does so many times, and returns the time it took. Everything is bound as
    /// it was before.
    fn run(&mut self, row: Row, iterations: u64) -> Duration;
}
