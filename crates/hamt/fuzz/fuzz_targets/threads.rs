//! Changes clones of the same versions on several threads at once, and checks
//! all that comes out when they have met again.
#![no_main]

use std::array;
use std::sync::Barrier;
use std::thread;

use fuzz::{Action, Hashes, Held, Step, Version, assert_as_many_live};
use libfuzzer_sys::fuzz_target;

const THREADS: usize = 3;
const ROUNDS: usize = 4;

/// What a thread works on.
struct Part {
    versions: [Version; Step::PLACES],
    held: Vec<Held>,
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, bytes)) = bytes.split_first() else {
        return;
    };
    let hashes = Hashes::new(first);
    let steps: Vec<Step> = Step::all(bytes).take(THREADS * ROUNDS * 32).collect();
    let mut shared: [Version; Step::PLACES] = array::from_fn(|_| Version::among_threads(hashes));
    // Each round, each thread takes its share of the steps.
    let share = steps.len().div_ceil(THREADS * ROUNDS).max(1);
    for round in steps.chunks(share * THREADS) {
        let start = Barrier::new(round.len().div_ceil(share));
        let mut parts: Vec<Part> = thread::scope(|scope| {
            let threads: Vec<_> = round
                .chunks(share)
                .map(|steps| {
                    let versions = shared.clone();
                    let held = Vec::new();
                    let mut part = Part { versions, held };
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        steps.iter().for_each(|&step| part.perform(step, hashes));
                        part
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for version in parts.iter().flat_map(|part| &part.versions).chain(&shared) {
            version.check_key(round[0].key);
            version.iterate();
        }
        assert_as_many_live();
        // The next round is on versions of all threads.
        for (place, version) in shared.iter_mut().enumerate() {
            let part = &mut parts[place % round.len().div_ceil(share)];
            std::mem::swap(version, &mut part.versions[place]);
        }
        // What is left is dropped on several threads too. The scope would not wait
        // for their own memory to be freed, which then counts as a leak.
        thread::scope(|scope| {
            let threads = parts
                .into_iter()
                .map(|part| scope.spawn(move || drop(part)));
            let threads: Vec<_> = threads.collect();
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
        });
        assert_as_many_live();
    }
    drop(shared);
    assert_as_many_live();
});

impl Part {
    fn perform(&mut self, step: Step, hashes: Hashes) {
        let Step { at, to, key, .. } = step;
        match step.action {
            Action::Insert => self.versions[at].insert(key),
            Action::Set => self.versions[at].set(key),
            Action::Remove => self.versions[at].remove(key),
            Action::Assoc => self.versions[to] = self.versions[at].assoc(key),
            Action::Without => self.versions[to] = self.versions[at].without(key),
            Action::Clone => self.versions[to] = self.versions[at].clone(),
            Action::Drop => self.versions[at] = Version::among_threads(hashes),
            Action::Fill => step.keys().for_each(|key| self.versions[at].insert(key)),
            Action::Clear => step.keys().for_each(|key| self.versions[at].remove(key)),
            Action::Hold => self.held.extend(self.versions[at].hold(key)),
            Action::LetGo => drop(self.held.pop()),
            _ => {}
        }
    }
}
