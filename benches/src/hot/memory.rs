//! The allocations of operations, and the bytes of contexts, variables and tokens: as requested from
//! the global allocator, or from CPython's own.

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

/// The number of operations before the count, and of the counted ones. Many are needed, since a
/// thread reuses freed allocations.
const OPERATIONS: u64 = 10_000;

/// The workloads that are not counted: reads like other reads, and sums of other workloads.
const NOT_COUNTED: [&str; 6] = [
    "get, all in turn",
    "get, cache miss, of ten",
    "get, unset, with a default",
    "create + drop a variable",
    "ten sets, and iterate",
    "copy and set there, of 100 alive",
];

/// Counts the allocations of each operation, after a warm-up.
pub fn allocations<V: Value>(bench: &mut Bench<'_>, kind: &'static str, size: u64) {
    let counted = kind == "counted";
    for workload in WORKLOADS {
        let name = format!("allocations, {workload}");
        if NOT_COUNTED.contains(&workload) || !bench.includes((&name, kind, size)) {
            continue;
        }
        let engine = allocated(&mut Fixture::new(Engine::<V>::default(), size), workload);
        let root = allocated(&mut Fixture::new(Root { counted }, size), workload);
        let found = [(super::ENGINE, engine), (super::ROOT, root)];
        bench.counted((&name, kind, size), "allocations", 2, &found);
    }
}

/// Returns the allocations of one operation. A workload also allocates for preparation, the same for
/// any number of operations, so the result is the difference to twice as many.
fn allocated(one: &mut dyn Subject, workload: &str) -> f64 {
    let mut after = |count| allocator::count(|| one.run(workload, count)).1.allocations;
    after(OPERATIONS);
    let (once, twice) = (after(OPERATIONS), after(2 * OPERATIONS));
    twice.saturating_sub(once) as f64 / OPERATIONS as f64
}

/// The number of variables in the copied contexts.
const SIZE: u64 = 100;
/// More objects than CPython caches of any kind in its free lists.
const KEPT: u64 = 1_000;
/// The number of objects of each kind that are created.
const THINGS: u64 = 100_000;

/// Counts the bytes of each kind of object, including the size of its handle.
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
                (super::ENGINE, of_process(Engine::<u64>::default, thing)),
                (super::ROOT, of_process(|| Root { counted: false }, thing)),
                #[cfg(feature = "cpython")]
                (super::CPYTHON[0], of_cpython(thing)),
            ];
            bench.counted((&name, "immediate", SIZE), "bytes", 2, &found);
        }
    }
}

/// Returns the bytes of one object in CPython's allocators.
#[cfg(feature = "cpython")]
fn of_cpython(thing: &str) -> f64 {
    let mut bytes = 0;
    let count = |work: &mut dyn FnMut()| bytes = crate::cpython::bytes(work);
    let handle = make(Python { counted: false }, thing, THINGS, count);
    handle + bytes as f64 / THINGS as f64
}

/// Returns the bytes of one object. They are created on a new thread, and are still allocated when it
/// has ended and freed its cached allocations.
fn of_process<L: Library>(library: fn() -> L, thing: &str) -> f64 {
    let mut handle = 0.0;
    let mut outliving = |number| {
        let handle = &mut handle;
        allocator::outliving(move || *handle = make(library(), thing, number, |work| work()))
    };
    let bytes = outliving(THINGS) - outliving(0);
    bytes as f64 / THINGS as f64 + handle
}

/// Creates `number` objects in a context and leaves them allocated, with everything that they refer
/// to. Returns the size of a handle. `counted` is called with the function that creates them.
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
