//! The trie: one operation on maps of several sizes.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use hamt::Entry;
use hamt::raw::RawHamt;
use std::convert::Infallible;
use std::hint::black_box;

type Map = RawHamt<u64, u64>;

const SIZES: [u64; 4] = [10, 100, 1_000, 100_000];

/// A hash that is cheap and spreads, so that the trie is what is measured.
fn hash(key: u64) -> u32 {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

fn is(key: u64) -> impl FnMut(&u64) -> Result<bool, Infallible> {
    move |other| Ok(*other == key)
}

fn entry(key: u64) -> Entry<u64, u64> {
    Entry::new(hash(key), key, key)
}

fn map_of(size: u64) -> Map {
    let mut map = Map::new();
    for key in 0..size {
        let Ok(_) = map.insert(entry(key), is(key));
    }
    map
}

fn operations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hamt");
    for size in SIZES {
        let map = map_of(size);
        // A different key each time, so that the branches are not learnt.
        let mut next = 0;
        let mut key = move || {
            next = (next + 7_919) % size;
            next
        };
        group.bench_function(BenchmarkId::new("find, hit", size), |bench| {
            bench.iter(|| {
                let key = key();
                map.find(hash(key), is(key))
                    .map(|found| black_box(found.map(Entry::value)).copied())
            });
        });
        group.bench_function(BenchmarkId::new("find, miss", size), |bench| {
            bench.iter(|| {
                let key = size + key();
                map.find(hash(key), is(key))
                    .map(|found| black_box(found).is_some())
            });
        });
        group.bench_function(BenchmarkId::new("assoc, shared map", size), |bench| {
            bench.iter(|| {
                let key = key();
                map.assoc(entry(key), is(key))
            });
        });
        group.bench_function(BenchmarkId::new("without, shared map", size), |bench| {
            bench.iter(|| {
                let key = key();
                map.without(hash(key), is(key))
            });
        });
        group.bench_function(BenchmarkId::new("insert, own map", size), |bench| {
            let mut own = map_of(size);
            bench.iter(|| {
                let key = key();
                own.insert(entry(key), is(key))
            });
        });
        group.bench_function(BenchmarkId::new("clone and drop", size), |bench| {
            bench.iter(|| map.clone());
        });
        group.bench_function(BenchmarkId::new("iterate all", size), |bench| {
            bench.iter(|| map.iter().map(|entry| *entry.value()).sum::<u64>());
        });
        group.bench_function(BenchmarkId::new("build", size), |bench| {
            bench.iter_batched(|| (), |()| map_of(size), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, operations);
criterion_main!(benches);
