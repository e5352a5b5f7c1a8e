//! Changes several versions of a map, in any order, and checks all of them
//! after every step: maps of both layers, and of both pointer kinds.
#![no_main]

use fuzz::{Hashes, Layer, Map, RawMap, Step, Version, World, assert_as_many_live, mutate};
use hamt::{ArcKind, RcKind};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

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
    let rest = usize::from(first / Hashes::WAYS);
    let play = match rest % 4 {
        0 => play::<RawMap<ArcKind>>,
        1 => play::<RawMap<RcKind>>,
        2 => play::<Map<ArcKind>>,
        _ => play::<Map<RcKind>>,
    };
    play(hashes, bytes, rest / 4);
});

/// Performs the steps, then drops the versions, beginning at a place that the
/// input chooses.
fn play<L: Layer>(hashes: Hashes, bytes: &[u8], dropped_first: usize) {
    let mut world = World::new(&Version::<L>::new(hashes));
    for step in Step::all(bytes).take(256) {
        let step = world.aim(step);
        world.perform(step);
        world.check(step.key);
        assert_as_many_live();
    }
    let World { versions, held } = world;
    let mut versions = Vec::from(versions);
    versions.rotate_left(dropped_first % Step::PLACES);
    drop(held);
    for version in versions {
        drop(version);
        assert_as_many_live();
    }
}
