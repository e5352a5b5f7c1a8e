//! The floor: what each operation cannot do without, by itself.
//!
//! What a design of this kind needs between threads is atomic operations: to take a lock or a claim,
//! to count a handle. What it needs of memory is an allocation for each thing that it hands out as an
//! object. An operation cannot be faster than these, one after the other; a design that buys counts
//! in advance, or keeps allocations for the next time, needs fewer of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel};
use std::time::Duration;

use instructions::fixture::COPIES;
use instructions::fixture::Subject;
use instructions::workload::{done, hide, time};

/// The floor, for values of one kind.
pub struct Floor {
    /// Whether the values are counted.
    pub counted: bool,
}

/// What an operation needs: reads of memory that is the thread's own; atomic operations that read a
/// word and change it; counts of handles, given back, which are two of those; allocations, freed.
type Needs = [u64; 4];

const READ: Needs = [1, 0, 0, 0];
const CHANGE: Needs = [0, 1, 0, 0];
const COUNT: Needs = [0, 0, 1, 0];
const ALLOCATION: Needs = [0, 0, 0, 1];

impl Floor {
    fn needs(&self, workload: &str) -> Option<Needs> {
        let sum = |parts: &[Needs]| [0, 1, 2, 3].map(|of| parts.iter().map(|part| part[of]).sum());
        let value = if self.counted { COUNT } else { READ };
        // Others may read the context meanwhile: a change takes its lock. The value that comes is
        // counted, and the one that goes is given back.
        let set = sum(&[CHANGE, value]);
        // A context, and a count on what it shares.
        let copy = sum(&[ALLOCATION, COUNT]);
        Some(match workload {
            "get, cached, owned" => value,
            _ if workload.starts_with("get") => READ,
            "set" | "set, all in turn" => set,
            "set + reset" | "scoped" => sum(&[set, CHANGE]),
            "copy + drop" => copy,
            // The claim, which is given up by a store; and the stack holds the context.
            "enter + exit, shared handle" => sum(&[CHANGE, COUNT]),
            "run, handle held alone" => CHANGE,
            "copy + enter + exit" => sum(&[copy, CHANGE]),
            "copy + enter + get + set + exit" => sum(&[copy, CHANGE, set]),
            "copy and set there, of 100 alive" => {
                sum(&[copy, CHANGE, set]).map(|need| COPIES * need)
            }
            // The count that the capture has, and the one of the context that it runs in.
            "capture + run" => sum(&[COUNT, COUNT]),
            "copy and set in turn" => sum(&[copy, set]),
            // The owner may change it meanwhile.
            "ctx[var]" => sum(&[CHANGE, value]),
            // The variable, and a number that no other has.
            "create + drop a variable" => sum(&[ALLOCATION, CHANGE]),
            // To iterate is mostly the trie's work.
            _ => return None,
        })
    }
}

impl Subject for Floor {
    fn run(&mut self, workload: &str, iterations: u64) -> Option<Duration> {
        let needs = self.needs(workload)?;
        let parts: [fn(u64) -> Duration; 4] = [read, change, count, allocate];
        // None of what is not needed, whose loop would cost its clock.
        let needed = needs.into_iter().zip(parts).filter(|(need, _)| *need > 0);
        Some(needed.map(|(need, part)| part(need * iterations)).sum())
    }
}

fn read(count: u64) -> Duration {
    let word = 1_u64;
    time(count, || *hide(&word))
}

fn change(count: u64) -> Duration {
    let word = AtomicU64::new(0);
    time(count, || hide(&word).fetch_add(1, AcqRel))
}

/// Counts a handle and gives the count back, so many times.
pub fn count(count: u64) -> Duration {
    let handle = Arc::new(1_u64);
    time(count, || *Arc::clone(hide(&handle)))
}

/// As large as a context's own allocation: a count, a claim and a few words.
fn allocate(count: u64) -> Duration {
    time(count, || done(Box::new([count; 8])))
}
