//! The frequent operations of context variables, compared with CPython's C API.
//!
//! All run the same operations on contexts of the same size, with the same code
//! ([`instructions::fixture`]), on one thread. Each implements the operations of
//! [`instructions::library`]. Another peer is the floor: only the atomic operations and allocations
//! that an operation cannot do without.

#[cfg(feature = "cpython")]
mod cpython;
mod floor;
mod memory;
mod root;

use std::rc::Rc;
use std::sync::Arc;

use instructions::engine::{Engine, Plain};
use instructions::fixture::{COPIES, Fixture, Subject, WORKLOADS};
use instructions::workload::Value;

use crate::bench::{Bench, Group, Named};
use crate::report::{Cell, FLOOR, Target};
use floor::Floor;
use root::Root;

const SIZES: [u64; 4] = [1, 10, 100, 1_000];
/// The size of a context with very many variables, and the same in a quick run.
const MANY: [u64; 2] = [1_000_000, 100_000];

/// The engine, with the thread's state as an argument; the same with plain counts, for hosts with one
/// thread; and the types at the root of the crate, which look the state up.
const ENGINE: &str = "contextvars";
const PLAIN: &str = "contextvars, plain counts";
const ROOT: &str = "contextvars, root types";

const CPYTHON: &[&str] = &["CPython"];
/// The sum of an operation's parts, and the same operation in a small context.
const PARTS: &[&str] = &["read + count"];
const FEW: &[&str] = &["itself, with ten"];

/// The group.
pub static GROUP: Group = Group {
    name: "hot",
    sizes: "variables",
    libraries: &[],
    peers: &[CPYTHON, PARTS, FEW],
    shown: None,
    short: &["copy + enter + get + set + exit"],
    measure,
    targets,
};

/// The maximum ratios to CPython, in a context with one variable and with more. Workloads that may get
/// slower when others get faster have none.
const TARGETS: [(&str, f64, f64); 17] = [
    ("get, cached, borrowed", 1.0, 1.0),
    ("get, cached, owned", 1.0, 1.0),
    ("get, cache miss", 0.9, 0.9),
    ("get, all in turn", 1.0, 1.0),
    ("get, unset, with a default", 0.9, 0.9),
    ("set", 0.7, 0.5),
    ("set, all in turn", 0.5, 0.5),
    ("set + reset", 0.6, 0.4),
    ("scoped", 0.4, 0.4),
    ("copy + drop", 0.8, 0.8),
    ("enter + exit, shared handle", 1.3, 1.3),
    ("run, handle held alone", 0.6, 0.6),
    ("copy + enter + exit", 0.8, 0.8),
    ("copy + enter + get + set + exit", 1.0, 0.5),
    ("copy and set in turn", 1.0, 1.0),
    ("capture + run", 1.0, 1.0),
    ("create + drop a variable", 1.0, 1.0),
];

fn targets(cell: &Cell) -> Vec<Target> {
    let (workload, root) = (&*cell.workload, cell.subject == ROOT);
    let (peers, most): (_, f64) = match workload {
        // Absolute limits on the engine's allocations.
        "allocations, get, cached, borrowed" | "allocations, run, handle held alone" => {
            (&[][..], 0.0)
        }
        "allocations, set" | "allocations, set, all in turn" => (&[][..], 0.01),
        // In a context with very many variables, a read is compared with one in a small context.
        "get, cached, borrowed" | "get, cache miss, of ten" if cell.size > 1_000 => (FEW, 4.0),
        _ if cell.size > 1_000 => return Vec::new(),
        // Cloning a counted value costs its count, which is not the engine's: another target.
        "get, cached, owned" if cell.kind == "counted" => (PARTS, 1.1),
        "ctx[var]" => (CPYTHON, 1.0),
        _ => match TARGETS.iter().find(|(name, ..)| *name == workload) {
            Some((_, alone, most)) => (CPYTHON, if cell.size == 1 { *alone } else { *most }),
            None => return Vec::new(),
        },
    };
    if cell.subject == PLAIN {
        return vec![Target::of(CPYTHON, 1.0)];
    }
    // The embedded host counts values of every kind, so returning one costs one count more.
    let hands_out = ["get, cached, owned", "ctx[var]"].contains(&workload);
    if root && (peers.is_empty() || hands_out) {
        return Vec::new();
    }
    let mut target = Target::of(peers, most);
    target.of_floor = (peers == CPYTHON).then_some(1.15);
    vec![target]
}

fn measure(bench: &mut Bench<'_>) {
    #[cfg(feature = "cpython")]
    crate::cpython::stop_collecting();
    for size in SIZES {
        of_kind::<u64, u64>(bench, "immediate", size);
        of_kind::<Arc<u64>, Rc<u64>>(bench, "counted", size);
    }
    of_many(bench, MANY[usize::from(bench.plan.quick)]);
    for size in [10, 1_000] {
        memory::allocations::<u64>(bench, "immediate", size);
        memory::allocations::<Arc<u64>>(bench, "counted", size);
    }
    memory::bytes(bench);
}

/// Measures the subjects with values of one kind, `V`, or `P` with plain counts.
fn of_kind<V: Value, P: Value>(bench: &mut Bench<'_>, kind: &'static str, size: u64) {
    let mut workloads = WORKLOADS.to_vec();
    workloads.retain(|workload| match *workload {
        // With one variable, "in turn" is the same as without.
        "get, all in turn" | "set, all in turn" => size > 1,
        // Only for contexts with many variables, see `of_many`.
        workload => workload != "get, cache miss, of ten",
    });
    let parts = |workload: &str| match workload {
        "copy and set there, of 100 alive" => COPIES,
        _ => 1,
    };
    bench.compare_each(&workloads, (kind, size), parts, 3, || {
        let counted = kind == "counted";
        let engine = || Fixture::new(Engine::<V>::default(), size);
        let mut reader = engine();
        let parts = move |workload: &str, count| {
            let is = counted && workload == "get, cached, owned";
            is.then(|| Some(reader.run("get, cached, borrowed", count)? + floor::count(count)))?
        };
        vec![
            (ENGINE, Box::new(engine())),
            (
                PLAIN,
                Box::new(Fixture::new(Engine::<P, Plain>::default(), size)),
            ),
            (ROOT, Box::new(Fixture::new(Root { counted }, size))),
            (PARTS[0], Box::new(parts)),
            (FLOOR, Box::new(Floor { counted })),
            #[cfg(feature = "cpython")]
            (
                CPYTHON[0],
                Box::new(Fixture::new(cpython::Python { counted }, size)),
            ),
        ]
    });
}

/// Measures reads whose cost could grow with the number of variables: a cached one, uncached ones whose
/// nodes are in the processor's cache, and uncached ones anywhere in the trie.
fn of_many(bench: &mut Bench<'_>, size: u64) {
    let workloads = [
        "get, cached, borrowed",
        "get, cache miss, of ten",
        "get, cache miss",
    ];
    let all = || -> Vec<Named<'_>> {
        let engine = |size| Fixture::new(Engine::<u64>::default(), size);
        vec![
            (ENGINE, Box::new(engine(size))),
            (FEW[0], Box::new(engine(10))),
            #[cfg(feature = "cpython")]
            (
                CPYTHON[0],
                Box::new(Fixture::new(cpython::Python { counted: false }, size)),
            ),
        ]
    };
    bench.compare_each(&workloads, ("immediate", size), |_| 1, 1, all);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::plan;
    use instructions::library::Library;

    fn check<L: Library>(library: L) {
        let mut fixture = Fixture::new(library, 30);
        for workload in WORKLOADS {
            for count in [1, 100] {
                fixture.run(workload, count).expect(workload);
                assert!(fixture.is_as_it_was(), "{workload}");
            }
        }
        assert_eq!(fixture.run("no such workload", 1), None);
    }

    #[test]
    fn workloads_restore_all_bindings() {
        check(Engine::<u64>::default());
        check(Engine::<Arc<u64>>::default());
        check(Engine::<Rc<u64>, Plain>::default());
        check(Root { counted: false });
        check(Root { counted: true });
    }

    #[test]
    fn all_subjects_run_every_workload() {
        let plan = plan();
        let mut bench = Bench::new(&plan, &GROUP);
        of_kind::<Arc<u64>, Rc<u64>>(&mut bench, "counted", 10);
        of_many(&mut bench, 2_000);
        assert_eq!(bench.cells.len(), 3 * (WORKLOADS.len() - 1) + 3);
        let no_peer = bench.cells.iter().filter(|cell| cell.peers.is_empty());
        let no_peer: Vec<_> = no_peer.map(|cell| &*cell.workload).collect();
        assert_eq!(
            no_peer, ["ten sets, and iterate"; 3],
            "the floor does not have it"
        );
        let parts = bench.cells.iter().filter(|cell| cell.best(PARTS).is_some());
        assert_eq!(parts.count(), 3);
    }
}
