//! When entries are dropped. `histories` checks the same after every operation of
//! random histories.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use hamt::{Leaf, raw::RawHamt};

use crate::{key::paths, tracker::Tracker};

#[test]
fn an_entry_lives_as_long_as_the_last_version_or_handle_that_holds_it() {
    let tracker = Tracker::default();
    let old = RawHamt::new();
    let entry = Leaf::new(1, tracker.create(), tracker.create());
    let Ok((old, _)) = old.assoc(entry, |_| Ok::<_, Infallible>(false));
    let Ok(without) = old.without(1, |_| Ok::<_, Infallible>(true));
    let (new, removed) = without.expect("it is there");
    let removed = removed.clone();
    assert!(new.is_empty());
    drop(old);
    assert_eq!(tracker.live().len(), 2, "the handle holds it");
    drop(removed);
    assert_eq!(tracker.live().len(), 0);
}

#[test]
fn a_displaced_entry_is_returned_before_any_drop() {
    let tracker = Tracker::default();
    let mut map = RawHamt::new();
    for _ in 0..2 {
        let entry = Leaf::new(1, (), tracker.create());
        let Ok(displaced) = map.insert(entry, |()| Ok::<_, Infallible>(true));
        if let Some(displaced) = displaced {
            assert_eq!(tracker.live().len(), 2);
            // No other map or handle holds it.
            let (_, tracked) = displaced.into_parts().expect("the only handle");
            assert_eq!(tracked.id, 0);
        }
    }
    assert_eq!(tracker.live().into_iter().collect::<Vec<_>>(), [1]);
}

#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Returns a map with this number of entries, inserted one after the other.
fn counted(
    entries: usize,
    drops: &Arc<AtomicUsize>,
    hash: fn(usize) -> u32,
) -> RawHamt<usize, Counted> {
    let mut map = RawHamt::new();
    for name in 0..entries {
        map.insert_unique(Leaf::new(hash(name), name, Counted(Arc::clone(drops))));
    }
    map
}

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let small = thread::Builder::new().stack_size(64 << 10);
    let running = small.spawn(run).expect("a thread starts");
    running.join().expect("it does not overflow");
}

#[test]
fn a_collision_of_a_million_is_changed_and_dropped_on_a_small_stack() {
    const ENTRIES: usize = if cfg!(miri) { 200 } else { 1_000_000 };
    let drops = Arc::new(AtomicUsize::new(0));
    let mut map = counted(ENTRIES, &drops, |_| 7);
    assert_eq!((map.len(), map.audit()), (ENTRIES, Ok(())));
    let seen = Arc::clone(&drops);
    on_a_small_stack(move || {
        let version = map.clone();
        let Ok(removed) = map.remove(7, |name| Ok::<_, Infallible>(*name == ENTRIES / 2));
        assert_eq!(removed.map(|entry| *entry.key()), Some(ENTRIES / 2));
        assert_eq!((map.len(), version.len()), (ENTRIES - 1, ENTRIES));
        // Another hash, so that the collision moves down seven levels.
        map.insert_unique(Leaf::new(7 | 1 << 31, ENTRIES, Counted(Arc::clone(&seen))));
        assert_eq!(paths(&map).iter().max(), Some(&8));
        assert_eq!(map.audit(), Ok(()));
        drop(version);
        assert_eq!(seen.load(SeqCst), 1);
    });
    assert_eq!(drops.load(SeqCst), ENTRIES + 1);
}

#[test]
fn a_huge_map_and_its_versions_drop_on_a_small_stack() {
    const ENTRIES: usize = if cfg!(miri) { 300 } else { 300_000 };
    for hash in [
        |name| name as u32,
        // Deep: names in a subtree are equal in their five low bits.
        |name| (name as u32).wrapping_mul(0x9e37_79b1) & !(0x7fff << 5),
    ] as [fn(usize) -> u32; 2]
    {
        let drops = Arc::new(AtomicUsize::new(0));
        let map = counted(ENTRIES, &drops, hash);
        let mut versions = vec![map];
        for name in 0..50 {
            let old = &versions[versions.len() / 2];
            let entry = Leaf::new(hash(name), name, Counted(Arc::clone(&drops)));
            let Ok((new, displaced)) =
                old.assoc(entry, |bound| Ok::<_, Infallible>(*bound == name));
            assert!(displaced.is_some());
            versions.push(new);
        }
        assert!(versions.iter().all(|version| version.len() == ENTRIES));
        on_a_small_stack(move || drop(versions));
        assert_eq!(drops.load(SeqCst), ENTRIES + 50);
    }
}
