//! Changes several versions of a map, in any order, and checks all of them
//! after every step.
#![no_main]

use std::array;

use fuzz::{Action, Hashes, Held, Step, Version, assert_as_many_live};
use libfuzzer_sys::fuzz_target;

/// Versions in their places, and entries kept by themselves.
struct World {
    versions: [Version; Step::PLACES],
    held: Vec<Held>,
    hashes: Hashes,
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, bytes)) = bytes.split_first() else {
        return;
    };
    let hashes = Hashes::new(first);
    let mut world = World {
        versions: array::from_fn(|_| Version::new(hashes)),
        held: Vec::new(),
        hashes,
    };
    for step in Step::all(bytes).take(256) {
        world.perform(step);
        for version in &world.versions {
            version.check_key(step.key);
        }
        assert_as_many_live();
    }
    for version in &world.versions {
        version.iterate();
    }
    // In an order of the input's choosing.
    let World { versions, held, .. } = world;
    let mut versions = Vec::from(versions);
    versions.rotate_left(usize::from(first / 8) % Step::PLACES);
    drop(held);
    for version in versions {
        drop(version);
        assert_as_many_live();
    }
});

impl World {
    fn perform(&mut self, step: Step) {
        let Step { at, to, key, .. } = step;
        match step.action {
            Action::Insert => self.versions[at].insert(key),
            Action::Set => self.versions[at].set(key),
            Action::Remove => self.versions[at].remove(key),
            Action::Assoc => self.versions[to] = self.versions[at].assoc(key),
            Action::Without => self.versions[to] = self.versions[at].without(key),
            Action::Clone => self.versions[to] = self.versions[at].clone(),
            Action::Drop => self.versions[at] = Version::new(self.hashes),
            Action::Fill => step.keys().for_each(|key| self.versions[at].insert(key)),
            Action::Clear => step.keys().for_each(|key| self.versions[at].remove(key)),
            Action::Hold => self.held.extend(self.versions[at].hold(key)),
            Action::LetGo => drop(self.held.pop()),
            Action::InsertHeld => {
                if let Some(held) = self.held.last() {
                    self.versions[at].insert_held(held.clone());
                }
            }
            Action::Fail => self.versions[at].fail(key),
            Action::Compare => self.versions[at].compare(&self.versions[to]),
            Action::Iterate => self.versions[at].iterate(),
            Action::Cursor if at == to => self.versions[at].cursor(),
            Action::Cursor => self.versions[at].cursor_over(&self.versions[to], step.count),
        }
    }
}
