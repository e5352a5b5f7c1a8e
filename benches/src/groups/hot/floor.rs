//! The floor: what each operation cannot do without, by itself.
//!
//! What a design of this kind needs between threads is atomic steps: to take a lock or a claim, to
//! count a handle. What it needs of memory is a block for each thing that it hands out as an
//! object. An operation cannot be faster than these, one after the other; a design that buys
//! counts in advance, or keeps blocks for the next time, needs fewer of them.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel};
use std::time::{Duration, Instant};

use super::again::again;
use super::contestant::Contestant;
use super::field;
use super::parts::count;
use super::row::Row;
use crate::groups::walk::Walk;
use crate::report::Entrant;

/// The floor, for values of one kind.
pub struct Floor {
    /// Whether the values are counted.
    pub counted: bool,
}

/// What an operation needs.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Needs {
    /// Words that are read of memory that is the thread's own.
    reads: u32,
    /// Atomic steps that read a word and change it.
    changes: u32,
    /// Counts of handles, given back: two atomic steps.
    counts: u32,
    /// Blocks of memory, given back.
    blocks: u32,
}

impl Needs {
    const NOTHING: Needs = Needs {
        reads: 0,
        changes: 0,
        counts: 0,
        blocks: 0,
    };
    const READ: Needs = Needs {
        reads: 1,
        ..Needs::NOTHING
    };
    const CHANGE: Needs = Needs {
        changes: 1,
        ..Needs::NOTHING
    };
    const COUNT: Needs = Needs {
        counts: 1,
        ..Needs::NOTHING
    };
    const BLOCK: Needs = Needs {
        blocks: 1,
        ..Needs::NOTHING
    };

    /// What a row needs.
    fn of(row: Row, counted: bool) -> Needs {
        let value = if counted { Needs::COUNT } else { Needs::READ };
        // Others may read the context meanwhile: a change takes its lock. The value that comes is
        // counted, and the one that goes is given back.
        let set = || Needs::CHANGE.and(value);
        // A context, and a count on what it shares.
        let copy = || Needs::BLOCK.and(Needs::COUNT);
        // The claim. It is given up by a store.
        let run = Needs::CHANGE;
        match row {
            Row::Read | Row::GetAround | Row::GetMiss | Row::GetMissOfFew | Row::GetUnset => {
                Needs::READ
            }
            Row::Get => value,
            Row::Set | Row::SetAround => set(),
            Row::SetReset | Row::Scoped => set().and(Needs::CHANGE),
            Row::Copy => copy(),
            // The stack holds the context.
            Row::EnterExit => run.and(Needs::COUNT),
            Row::Run => run,
            Row::Callback => copy().and(run),
            Row::TaskStep => copy().and(run).and(set()),
            Row::TaskStepOwned => copy().and(run).and(value).and(set()),
            Row::CopySet => copy().and(set()),
            // Whoever is in the context may change it meanwhile.
            Row::Item => Needs::CHANGE.and(value),
            // The variable, and a number that no other has.
            Row::Create => Needs::BLOCK.and(Needs::CHANGE),
            Row::ManyCopies => copy().and(run).and(set()),
            // Mostly the trie's work.
            Row::Iterate => Needs::NOTHING,
        }
    }

    fn and(self, other: Needs) -> Needs {
        Needs {
            reads: self.reads + other.reads,
            changes: self.changes + other.changes,
            counts: self.counts + other.counts,
            blocks: self.blocks + other.blocks,
        }
    }
}

impl Contestant for Floor {
    fn entrant(&self) -> Entrant {
        Entrant {
            name: "floor",
            field: field::FLOOR,
        }
    }

    fn takes_part(&self, row: Row) -> bool {
        Needs::of(row, self.counted) != Needs::NOTHING
    }

    fn run(&mut self, row: Row, iterations: u64) -> Duration {
        let needs = Needs::of(row, self.counted);
        let all = |each: u32| iterations * row.parts() * u64::from(each);
        let mut time = Duration::ZERO;
        // None of what is not needed, whose loop would cost its clock.
        if needs.reads > 0 {
            time += read(all(needs.reads));
        }
        if needs.changes > 0 {
            time += change(all(needs.changes));
        }
        if needs.counts > 0 {
            time += count(all(needs.counts));
        }
        if needs.blocks > 0 {
            time += block(all(needs.blocks));
        }
        time
    }
}

#[inline(never)]
fn read(iterations: u64) -> Duration {
    let word = 1_u64;
    let again = again(&word);
    let mut sum = 0_u64;
    let started = Instant::now();
    Walk::starting(&again, 0).next(iterations, |word| sum = sum.wrapping_add(**word));
    black_box(sum);
    started.elapsed()
}

#[inline(never)]
fn change(iterations: u64) -> Duration {
    let word = AtomicU64::new(0);
    let again = again(&word);
    let started = Instant::now();
    Walk::starting(&again, 0).next(iterations, |word| {
        word.fetch_add(1, AcqRel);
    });
    started.elapsed()
}

/// As large as a context's own block: a count, a claim and a few words.
#[inline(never)]
fn block(iterations: u64) -> Duration {
    let started = Instant::now();
    for number in 0..iterations {
        black_box(Box::new([number; 8]));
    }
    started.elapsed()
}
