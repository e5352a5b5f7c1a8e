//! The floor: the atomic operations and allocations that each operation cannot do without.
//!
//! Between threads such a design needs atomic operations: to take a lock or a claim, and to count
//! references. It needs an allocation for each object that it returns. An operation cannot be faster
//! than the sum of these. A design that increments counts in advance, or reuses freed allocations,
//! needs fewer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel};
use std::time::Duration;

use instructions::fixture::COPIES;
use instructions::fixture::Subject;
use instructions::workload::{done, hide, time};

/// The floor, for values of one kind.
pub struct Floor {
    /// `true` if the values are reference-counted.
    pub counted: bool,
}

/// The needs of an operation: reads of thread-local memory; atomic read-modify-write operations; pairs
/// of an increment and a decrement of a reference count; allocations, with their frees.
type Needs = [u64; 4];

const READ: Needs = [1, 0, 0, 0];
const CHANGE: Needs = [0, 1, 0, 0];
const COUNT: Needs = [0, 0, 1, 0];
const ALLOCATION: Needs = [0, 0, 0, 1];

impl Floor {
    fn needs(&self, workload: &str) -> Option<Needs> {
        let sum = |parts: &[Needs]| [0, 1, 2, 3].map(|of| parts.iter().map(|part| part[of]).sum());
        let value = if self.counted { COUNT } else { READ };
        // Other threads may read the context meanwhile, so a change takes its lock. The count of the
        // new value is incremented, that of the old one decremented.
        let set = sum(&[CHANGE, value]);
        // A context, and a count of the shared bindings.
        let copy = sum(&[ALLOCATION, COUNT]);
        Some(match workload {
            "get, cached, owned" => value,
            _ if workload.starts_with("get") => READ,
            "set" | "set, all in turn" => set,
            "set + reset" | "scoped" => sum(&[set, CHANGE]),
            "copy + drop" => copy,
            // The claim, which is released by a store; and the stack's reference to the context.
            "enter + exit, shared handle" => sum(&[CHANGE, COUNT]),
            "run, handle held alone" => CHANGE,
            "copy + enter + exit" => sum(&[copy, CHANGE]),
            "copy + enter + get + set + exit" => sum(&[copy, CHANGE, set]),
            "copy and set there, of 100 alive" => {
                sum(&[copy, CHANGE, set]).map(|need| COPIES * need)
            }
            // The reference of the capture, and that of the context in which it runs.
            "capture + run" => sum(&[COUNT, COUNT]),
            "copy and set in turn" => sum(&[copy, set]),
            // The owning thread may change the context meanwhile.
            "ctx[var]" => sum(&[CHANGE, value]),
            // The variable, and its unique number.
            "create + drop a variable" => sum(&[ALLOCATION, CHANGE]),
            // Iterating is mostly the trie's work.
            _ => return None,
        })
    }
}

impl Subject for Floor {
    fn run(&mut self, workload: &str, iterations: u64) -> Option<Duration> {
        let needs = self.needs(workload)?;
        let parts: [fn(u64) -> Duration; 4] = [read, change, count, allocate];
        // Only the parts that are needed: an empty loop would cost the time of its clock.
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

/// Times `count` pairs of an increment and a decrement of a reference count.
pub fn count(count: u64) -> Duration {
    let handle = Arc::new(1_u64);
    time(count, || *Arc::clone(hide(&handle)))
}

/// Times `count` allocations of the size of a context: a count, a claim and a few words.
fn allocate(count: u64) -> Duration {
    time(count, || done(Box::new([count; 8])))
}
