//! Contexts of several sizes, through the embedded host, with the thread's
//! state at hand.

use contextvars::{Context, ContextVar, Thread, Value, interpreter};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const SIZES: [usize; 4] = [1, 10, 100, 1_000];

fn operations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("contextvars");
    for size in SIZES {
        let thread = Thread::new(interpreter());
        let context = Context::new();
        let vars: Vec<ContextVar> = (0..size).map(|_| ContextVar::new("v")).collect();
        context.enter_on(&thread).expect("nobody is in it");
        for (number, var) in vars.iter().enumerate() {
            var.set_on(&thread, number as i64);
        }
        let (var, unset) = (&vars[size / 2], ContextVar::new("unset"));

        group.bench_function(BenchmarkId::new("get, repeated", size), |bench| {
            bench.iter(|| black_box(var).get_on(&thread));
        });
        group.bench_function(BenchmarkId::new("with, repeated", size), |bench| {
            bench.iter(|| black_box(var).with_on(&thread, |value| value.and_then(Value::as_int)));
        });
        group.bench_function(
            BenchmarkId::new("get, unset, with a default", size),
            |bench| {
                bench.iter(|| black_box(&unset).get_or_on(&thread, 1));
            },
        );
        group.bench_function(BenchmarkId::new("set", size), |bench| {
            bench.iter(|| black_box(var).set_on(&thread, 1));
        });
        group.bench_function(BenchmarkId::new("set and reset", size), |bench| {
            bench.iter(|| {
                let token = black_box(var).set_on(&thread, 1);
                var.reset_on(&thread, &token)
            });
        });
        group.bench_function(BenchmarkId::new("scoped", size), |bench| {
            bench.iter(|| black_box(var).scoped_on(&thread, 1, || ()));
        });
        group.bench_function(BenchmarkId::new("copy and drop", size), |bench| {
            bench.iter(|| contextvars::copy_current(&thread));
        });
        let copy = contextvars::copy_current(&thread);
        group.bench_function(BenchmarkId::new("run", size), |bench| {
            bench.iter(|| copy.run_on(&thread, || ()));
        });
        group.bench_function(
            BenchmarkId::new("a task's step: copy, run, get, set", size),
            |bench| {
                bench.iter(|| {
                    contextvars::copy_current(&thread).run_on(&thread, || {
                        black_box(var.get_on(&thread).is_ok());
                        var.set_on(&thread, 1)
                    })
                });
            },
        );
        group.bench_function(BenchmarkId::new("context[var]", size), |bench| {
            bench.iter(|| copy.get(black_box(var)));
        });
        context.exit_on(&thread).expect("it is current");
    }
    group.finish();
}

criterion_group!(benches, operations);
criterion_main!(benches);
