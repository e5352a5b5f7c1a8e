//! Getting a counted value, as the two parts that it falls into: a read that borrows, and one bare
//! count of a handle, given back.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::again::again;
use super::contestant::Contestant;
use super::field;
use super::fixture::Fixture;
use super::library::Library;
use super::row::Row;
use crate::groups::walk::Walk;
use crate::report::Entrant;

/// The parts, with a context of their own.
pub struct Parts<L: Library> {
    reader: Fixture<L>,
    /// Whether the values are counted: else there is one part only.
    counted: bool,
}

impl<L: Library> Parts<L> {
    /// Binds so many variables.
    pub fn new(library: L, size: u64, counted: bool) -> Self {
        let entrant = Entrant {
            name: "read + count",
            field: field::PARTS,
        };
        Parts {
            reader: Fixture::new(entrant, library, size),
            counted,
        }
    }
}

impl<L: Library> Contestant for Parts<L> {
    fn entrant(&self) -> Entrant {
        self.reader.entrant()
    }

    fn takes_part(&self, row: Row) -> bool {
        row == Row::Get && self.counted
    }

    fn run(&mut self, _: Row, iterations: u64) -> Duration {
        self.reader.run(Row::Read, iterations) + count(iterations)
    }
}

/// Counts a handle and gives the count back, so many times.
#[inline(never)]
pub fn count(iterations: u64) -> Duration {
    let handle = Arc::new(1_u64);
    let again = again(&handle);
    let mut sum = 0_u64;
    let started = Instant::now();
    Walk::starting(&again, 0).next(iterations, |handle| {
        let kept = Arc::clone(handle);
        sum = sum.wrapping_add(*kept);
    });
    black_box(sum);
    started.elapsed()
}
