//! Single operations, by criterion: contexts of several sizes through the embedded host, with the
//! thread's state at hand, and the trie.

use std::hint::black_box;

use contextvars::{Context, ContextVar, Thread, copy_current, interpreter};
use criterion::{Criterion, criterion_group, criterion_main};
use hamt::Hamt;

fn operations(criterion: &mut Criterion) {
    let mut bench = |name: &str, size: usize, operation: &mut dyn FnMut()| {
        let id = format!("{name}/{size}");
        criterion.bench_function(&id, |bench| bench.iter(&mut *operation));
    };
    for size in [1, 10, 100, 1_000] {
        let (thread, context) = (Thread::new(interpreter()), Context::new());
        let vars: Vec<ContextVar> = (0..size).map(|_| ContextVar::new("v")).collect();
        context.enter_on(&thread).expect("no thread is in it");
        for var in &vars {
            var.set_on(&thread, 1);
        }
        let (var, copy) = (&vars[size / 2], copy_current(&thread));
        bench("get", size, &mut || {
            _ = black_box(black_box(var).get_on(&thread))
        });
        bench("set", size, &mut || drop(black_box(var).set_on(&thread, 1)));
        bench("set and reset", size, &mut || {
            let token = black_box(var).set_on(&thread, 1);
            var.reset_on(&thread, &token).expect("it was the last set");
        });
        bench("copy and drop", size, &mut || {
            drop(black_box(copy_current(&thread)))
        });
        bench("run", size, &mut || {
            copy.run_on(&thread, || ()).expect("no thread is in it")
        });
        bench("context[var]", size, &mut || {
            _ = black_box(copy.get(black_box(var)))
        });
        context.exit_on(&thread).expect("it is current");
    }
    for size in [10, 100, 1_000, 100_000] {
        let map: Hamt<usize, usize> = (0..size).map(|key| (key, key)).collect();
        let mut own = map.clone();
        // A different key each time, so that the branches are not learnt.
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
