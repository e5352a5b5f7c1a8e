//! Criterion benchmarks of single operations: of the engine, with the thread's state passed as an
//! argument, on contexts of several sizes, and of the trie.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hamt::Hamt;
use instructions::engine::Engine;
use instructions::fixture::{Fixture, Subject};

const WORKLOADS: [&str; 7] = [
    "get, cached, borrowed",
    "get, all in turn",
    "set",
    "set + reset",
    "copy + drop",
    "enter + exit, shared handle",
    "ctx[var]",
];

fn operations(criterion: &mut Criterion) {
    for size in [1, 10, 100, 1_000] {
        let mut fixture = Fixture::new(Engine::<u64>::default(), size);
        for workload in WORKLOADS {
            let mut run = |count| fixture.run(workload, count).expect("a workload");
            let id = format!("{workload}/{size}");
            criterion.bench_function(&id, |bench| bench.iter_custom(&mut run));
        }
    }
    let mut bench = |name: &str, size: usize, operation: &mut dyn FnMut()| {
        let id = format!("{name}/{size}");
        criterion.bench_function(&id, |bench| bench.iter(&mut *operation));
    };
    for size in [10, 100, 1_000, 100_000] {
        let map: Hamt<usize, usize> = (0..size).map(|key| (key, key)).collect();
        let mut own = map.clone();
        // A different key each time, so that the branch predictor does not learn the path.
        let mut next = 0;
        let mut key = move || {
            next = (next + 7_919) % size;
            next
        };
        bench("map: get, hit", size, &mut || {
            _ = black_box(black_box(&map).get(&key()))
        });
        bench("map: get, miss", size, &mut || {
            _ = black_box(black_box(&map).get(&(size + key())))
        });
        bench("map: insert, shared", size, &mut || {
            drop(black_box(map.inserted(key(), 0)))
        });
        bench("map: remove, shared", size, &mut || {
            drop(black_box(map.without(&key())))
        });
        bench("map: insert, own", size, &mut || {
            _ = black_box(&mut own).insert(key(), 0)
        });
        bench("map: iterate", size, &mut || {
            _ = black_box(black_box(&map).values().sum::<usize>())
        });
    }
}

criterion_group!(benches, operations);
criterion_main!(benches);
