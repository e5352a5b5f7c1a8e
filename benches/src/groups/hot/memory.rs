//! What contexts, variables and tokens need of memory: bytes as requested of the global allocator,
//! and of CPython's own for CPython, and beside them what a handle has in itself.

mod thing;

use std::mem::forget;

use super::NAME;
use super::cpython;
use super::engine::{AtHand, Engine};
use super::entrants;
use super::library::Library;
use super::root::Root;
use crate::allocator;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Bytes, Cell, Entrant, Record, judge};
use thing::SIZE;
pub use thing::{Maker, Thing, Things};

/// Measures what the plan includes.
pub fn measure(plan: &Plan<'_>, progress: &Progress) -> Vec<Record> {
    let mut records = Vec::new();
    for thing in Thing::ALL {
        let name = thing.name(plan.quick);
        let title = format!("{SIZE} variables: {name}");
        if !plan.includes(&title) {
            continue;
        }
        progress.now(&title);
        let number = thing.number(plan.quick);
        let python = cpython::bytes(plan, thing, number);
        let rust = [
            (
                entrants::AT_HAND,
                of_process(|| Engine::<u64, _>::with(AtHand::new()), thing, number),
            ),
            (
                entrants::ROOT,
                of_process(|| Root { counted: false }, thing, number),
            ),
        ];
        let cell = Cell {
            group: NAME,
            bench: name,
            size: SIZE,
            keys: "variable",
            values: "immediate",
            bounds: Vec::new(),
        };
        for subject in rust {
            let measured: Vec<(Entrant, Bytes)> = [subject].into_iter().chain(python).collect();
            records.extend(judge(&cell, &measured));
        }
    }
    records
}

/// Bytes of each of so many things. They are made by a thread that has nothing left of before, and
/// are still there when it has ended and given back what it keeps for the next time.
fn of_process<L: Library>(library: fn() -> L, thing: Thing, number: usize) -> Bytes
where
    Things<L>: Send,
{
    let mut things = Things::with_room_for(thing, number);
    let mut outliving = |number| {
        let things = &mut things;
        allocator::outliving(move || {
            let library = library();
            let maker = Maker::new(&library);
            maker.make(number, things);
            // What is made may hold on to it: so it stays, for any number of things.
            forget(maker);
            forget(library);
        })
    };
    let bytes = outliving(number) - outliving(0);
    Bytes(bytes as f64 / number as f64 + things.place() as f64)
}
