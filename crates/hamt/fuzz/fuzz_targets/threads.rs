//! Changes clones of the same versions on several threads at once, and checks
//! all results after joining the threads.
#![no_main]

use std::sync::Barrier;
use std::{mem, thread};

use fuzz::{Hashes, Layer, Map, RawMap, Step, Version, World, assert_as_many_live, mutate};
use hamt::ArcKind;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

const THREADS: usize = 3;
const ROUNDS: usize = 4;

// One time in four by libFuzzer, which knows what was compared.
fuzz_mutator!(|input: &mut [u8], size: usize, most: usize, seed: u32| {
    match seed % 4 {
        0 => fuzzer_mutate(input, size, most),
        _ => mutate(input, size, seed),
    }
});

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, bytes)) = bytes.split_first() else {
        return;
    };
    let hashes = Hashes::new(first);
    match first / Hashes::WAYS % 2 {
        0 => play::<RawMap<ArcKind>>(hashes, bytes),
        _ => play::<Map<ArcKind>>(hashes, bytes),
    }
});

fn play<L: Layer>(hashes: Hashes, bytes: &[u8])
where
    World<L>: Send,
{
    let steps: Vec<Step> = Step::all(bytes).take(THREADS * ROUNDS * 32).collect();
    let mut shared = World::new(&Version::<L>::among_threads(hashes));
    // In each round, each thread performs its share of the steps.
    let share = steps.len().div_ceil(THREADS * ROUNDS).max(1);
    for round in steps.chunks(share * THREADS) {
        let start = Barrier::new(round.len().div_ceil(share));
        let mut worlds: Vec<World<L>> = thread::scope(|scope| {
            let threads: Vec<_> = round
                .chunks(share)
                .map(|steps| {
                    let mut world = shared.of_versions();
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        steps
                            .iter()
                            .for_each(|&step| world.perform(world.aim(step)));
                        world
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for world in worlds.iter().chain([&shared]) {
            world.check(round[0].key);
        }
        assert_as_many_live();
        // The next round uses versions of all threads.
        for (place, version) in shared.versions.iter_mut().enumerate() {
            let world = &mut worlds[place % round.len().div_ceil(share)];
            mem::swap(version, &mut world.versions[place]);
        }
        // The other versions are dropped on several threads too. They are joined here: the
        // scope would not wait until their own memory is freed, which then counts as a leak.
        thread::scope(|scope| {
            let threads = worlds
                .into_iter()
                .map(|world| scope.spawn(move || drop(world)));
            let threads: Vec<_> = threads.collect();
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
        });
        assert_as_many_live();
    }
    drop(shared);
    assert_as_many_live();
}
