//! What operations ask of the allocator, and what things need of memory: as requested of the global
//! allocator, and of CPython's own for CPython.

use std::mem::{forget, size_of};

use instructions::engine::Engine;
use instructions::fixture::{Fixture, Subject, WORKLOADS};
use instructions::library::Library;
use instructions::workload::Value;

#[cfg(feature = "cpython")]
use super::cpython::Python;
use super::root::Root;
use crate::allocator;
use crate::bench::Bench;

/// So many operations go before, and so many count: a thread keeps freed allocations for the next
/// time, so what counts is many operations, and what a few more of them need.
const OPERATIONS: u64 = 10_000;

/// What is not counted: reads that need what other reads do, and what is counted by its parts.
const NOT_COUNTED: [&str; 6] = [
    "get, all in turn",
    "get, cache miss, of ten",
    "get, unset, with a default",
    "create + drop a variable",
    "ten sets, and iterate",
    "copy and set there, of 100 alive",
];

/// Counts how often each operation asks for memory, once it has been done for a while.
pub fn allocations<V: Value>(bench: &mut Bench<'_>, kind: &'static str, size: u64) {
    let counted = kind == "counted";
    for workload in WORKLOADS {
        let name = format!("allocations, {workload}");
        if NOT_COUNTED.contains(&workload) || !bench.includes((&name, kind, size)) {
            continue;
        }
        let engine = asks(&mut Fixture::new(Engine::<V>::default(), size), workload);
        let root = asks(&mut Fixture::new(Root { counted }, size), workload);
        let found = [(super::AT_HAND, engine), (super::ROOT, root)];
        bench.counted((&name, kind, size), "allocations", 2, &found);
    }
}

/// How often an operation asks. A workload prepares and clears up as well, the same for any number of
/// operations: so what counts is what twice as many need more.
fn asks(who: &mut dyn Subject, workload: &str) -> f64 {
    let mut after = |count| allocator::count(|| who.run(workload, count)).1.allocations;
    after(OPERATIONS);
    let (once, twice) = (after(OPERATIONS), after(2 * OPERATIONS));
    twice.saturating_sub(once) as f64 / OPERATIONS as f64
}

/// So many variables are bound in the contexts that are copied.
const SIZE: u64 = 100;
/// More objects than CPython keeps of any kind for the next time.
const KEPT: u64 = 1_000;
/// How many of each thing are made.
const THINGS: u64 = 100_000;

/// Counts the bytes of each thing, with what a handle has in itself.
pub fn bytes(bench: &mut Bench<'_>) {
    for thing in [
        "an empty context",
        "a variable",
        "a token",
        "a copy with a change",
    ] {
        let name = format!("bytes, {thing}");
        if bench.includes((&name, "immediate", SIZE)) {
            let found = [
                (super::AT_HAND, of_process(Engine::<u64>::default, thing)),
                (super::ROOT, of_process(|| Root { counted: false }, thing)),
                #[cfg(feature = "cpython")]
                (super::CPYTHON[0], of_cpython(thing)),
            ];
            bench.counted((&name, "immediate", SIZE), "bytes", 2, &found);
        }
    }
}

/// The same of CPython's allocators.
#[cfg(feature = "cpython")]
fn of_cpython(thing: &str) -> f64 {
    let mut bytes = 0;
    let count = |work: &mut dyn FnMut()| bytes = crate::cpython::bytes(work);
    let handle = make(Python { counted: false }, thing, THINGS, count);
    handle + bytes as f64 / THINGS as f64
}

/// Bytes of each of so many things. They are made by a thread that has nothing left of before, and
/// are still there when it has ended and given back what it keeps for the next time.
fn of_process<L: Library>(library: fn() -> L, thing: &str) -> f64 {
    let mut handle = 0.0;
    let mut outliving = |number| {
        let handle = &mut handle;
        allocator::outliving(move || *handle = make(library(), thing, number, |work| work()))
    };
    let bytes = outliving(THINGS) - outliving(0);
    bytes as f64 / THINGS as f64 + handle
}

/// Makes so many things in a context and leaves them allocated, with all that they may hold on to;
/// returns the size of a handle. `counted` is around the things.
fn make<L: Library>(
    library: L,
    thing: &str,
    number: u64,
    counted: impl FnOnce(&mut dyn FnMut()),
) -> f64 {
    let vars: Vec<L::Var> = (0..SIZE).map(|_| library.variable()).collect();
    let (context, values) = (
        library.context(),
        [0, 1].map(|number| library.value(number)),
    );
    let mut handle = 0;
    library.run(&context, || {
        for var in &vars {
            drop(library.set(var, &values[0]));
        }
        let mut things = |number| {
            for var in vars.iter().cycle().take(number as usize) {
                handle = match thing {
                    "an empty context" => kept(library.context()),
                    "a variable" => kept(library.variable()),
                    "a token" => kept(library.set(var, &values[1])),
                    _ => {
                        let copy = library.copy_current();
                        library.run(&copy, || drop(library.set(var, &values[1])));
                        kept(copy)
                    }
                };
            }
        };
        things(KEPT);
        counted(&mut || things(number));
    });
    forget((library, vars, context, values));
    handle as f64
}

fn kept<T>(thing: T) -> usize {
    forget(thing);
    size_of::<T>()
}
