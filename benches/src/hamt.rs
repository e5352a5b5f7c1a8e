//! The persistent map compared with those of im, imbl, rpds and CPython.
//!
//! All maps get the same keys with the same stored hashes, so that only the map is measured. A map
//! is built once for a size and kind of entries. Every workload uses it, and restores its keys.

#[cfg(feature = "cpython")]
mod cpython;
mod entries;
mod fixture;
mod map;
mod memory;

use std::cell::LazyCell;
use std::rc::Rc;
use std::sync::Arc;

use instructions::workload::Value;

use crate::bench::{Bench, Group, Named};
use crate::report::{Cell, Target};
use entries::{Data, Handle, Key};
use fixture::{Fixture, WORKLOADS};
use map::{Hamt, HamtRc, Im, Imbl, Rpds, RpdsRc};

const SIZES: &[u64] = &[10, 100, 1_000, 100_000, 1_000_000];
/// The sizes of a quick run.
const QUICK_SIZES: &[u64] = &[10, 100, 1_000];
/// The sizes at which changes are compared and memory is counted.
const SOME_SIZES: &[u64] = &[1_000, 100_000];

/// The kind of entries that are counted handles.
const COUNTED: &str = "handle to counted";

const SHARED: &[&str] = &["im", "imbl", "rpds"];
const OF_ONE_THREAD: &[&str] = &["rpds Rc"];
const CPYTHON: &[&str] = &["CPython"];

/// The group.
pub static GROUP: Group = Group {
    name: "hamt",
    sizes: "entries",
    libraries: &["im", "imbl", "rpds"],
    peers: &[SHARED, OF_ONE_THREAD, CPYTHON],
    shown: Some(1_000),
    short: &["update, shared"],
    measure,
    targets,
};

fn targets(cell: &Cell) -> Vec<Target> {
    let workload = &*cell.workload;
    let memory = cell.unit != "ns";
    let copies = ["update, shared", "new key, shared", "remove, shared"].contains(&workload);
    if workload == "allocations, update in place" {
        return vec![Target::of(&[], 0.0)];
    }
    if cell.subject == "hamt Rc" {
        return vec![Target::of(OF_ONE_THREAD, 1.0)];
    }
    let most = match workload {
        "get hit" | "get miss" | "iterate, per entry" | "clone + drop" => 1.0,
        "build, per entry" | "extend, per entry" => 1.3,
        "update, in place" | "update by entry, in place" | "new key + remove, in place" => 0.8,
        "update, chain" | "new key + remove, chain" => 0.5,
        "bytes, per entry" => 0.5,
        _ if copies => 0.5,
        _ if memory => 0.8,
        // Small maps take too little time to compare.
        "==, one entry differs" if cell.size >= 1_000 => 0.1,
        // Other workloads show how the cost grows with the changes; they have no target.
        _ => return Vec::new(),
    };
    let mut targets = vec![Target::of(SHARED, most)];
    targets.extend(copies.then(|| Target::of(CPYTHON, 1.0)));
    targets
}

fn measure(bench: &mut Bench<'_>) {
    for &size in if bench.plan.quick { QUICK_SIZES } else { SIZES } {
        shared::<Handle<Arc<u64>>, Arc<u64>>(bench, COUNTED, size);
        shared::<u64, u64>(bench, "u64 to u64", size);
        of_one_thread::<Handle<Rc<u64>>, Rc<u64>>(bench, COUNTED, size);
        of_one_thread::<u64, u64>(bench, "u64 to u64", size);
    }
    for &size in SOME_SIZES {
        memory::measure(bench, size);
    }
}

/// Measures the maps that threads can share.
fn shared<K: Key, V: Value>(bench: &mut Bench<'_>, kind: &'static str, size: u64) {
    let data = LazyCell::new(|| Data::<K, V>::new(size));
    #[cfg(feature = "cpython")]
    let objects = LazyCell::new(|| cpython::objects(size, kind == COUNTED));
    compare(bench, kind, size, || {
        #[cfg_attr(not(feature = "cpython"), expect(unused_mut))]
        let mut maps: Vec<Named<'_>> = vec![
            ("hamt", Box::new(Fixture::<_, _, Hamt<K, V>>::new(&data))),
            ("im", Box::new(Fixture::<_, _, Im<K, V>>::new(&data))),
            ("imbl", Box::new(Fixture::<_, _, Imbl<K, V>>::new(&data))),
            ("rpds", Box::new(Fixture::<_, _, Rpds<K, V>>::new(&data))),
        ];
        #[cfg(feature = "cpython")]
        match cpython::Map::new(&objects) {
            Ok(map) => maps.push(("CPython", Box::new(map))),
            Err(why) => println!("note: CPython's map is left out: {why}"),
        }
        maps
    });
}

/// Measures the maps for one thread.
fn of_one_thread<K: Key, V: Value>(bench: &mut Bench<'_>, kind: &'static str, size: u64) {
    let data = LazyCell::new(|| Data::<K, V>::new(size));
    compare(bench, kind, size, || {
        let own = Fixture::<_, _, HamtRc<K, V>>::new(&data);
        let rpds = Fixture::<_, _, RpdsRc<K, V>>::new(&data);
        vec![("hamt Rc", Box::new(own)), ("rpds Rc", Box::new(rpds))]
    });
}

fn compare<'s>(
    bench: &mut Bench<'_>,
    kind: &'static str,
    size: u64,
    make: impl FnOnce() -> Vec<Named<'s>>,
) {
    // How the cost grows with the changes is measured with one kind only.
    let of_changes = SOME_SIZES.contains(&size) && kind == COUNTED;
    let mut workloads = WORKLOADS.to_vec();
    let is_of_two =
        |workload| fixture::changes(workload).is_some() || fixture::is_of_unrelated(workload);
    workloads.retain(|workload| of_changes || !is_of_two(workload));
    let parts = |workload: &str| match workload {
        "build, per entry" | "iterate, per entry" => size,
        "extend, per entry" => size - size / 2,
        "new key + remove, in place" | "new key + remove, chain" => 2,
        _ => 1,
    };
    bench.compare_each(&workloads, (kind, size), parts, 1, make);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::plan;

    #[test]
    fn every_map_runs_every_workload_at_its_sizes() {
        let plan = plan();
        let mut bench = Bench::new(&plan, &GROUP);
        shared::<u64, u64>(&mut bench, "u64 to u64", 10);
        of_one_thread::<u64, u64>(&mut bench, COUNTED, 1_000);
        let found = |subject| {
            let of = |cell: &&Cell| cell.subject == subject;
            let of = bench.cells.iter().filter(of);
            of.map(|cell| cell.peers.len()).collect::<Vec<_>>()
        };
        assert_eq!(found("hamt"), [3; 15]);
        assert_eq!(found("hamt Rc"), [1; 22]);
        assert!(bench.cells.iter().all(|cell| cell.figure > 0.0));
    }
}
