//! Versions on several threads. A doctest of `Hamt` that does not compile shows a
//! map that is not `Send`.

use std::{collections::BTreeMap, convert::Infallible, sync::mpsc, thread};

use hamt::{
    Hamt, Leaf,
    raw::{Cursor, Dump, Iter, RawHamt},
};

use crate::key::{Map, assoc, is, key, map_of, without};

const fn send_and_sync<T: Send + Sync>() {}

const _: () = {
    send_and_sync::<RawHamt<String, Box<u32>>>();
    send_and_sync::<Leaf<String, Box<u32>>>();
    send_and_sync::<Hamt<String, Box<u32>>>();
    send_and_sync::<Iter<'_, String, Box<u32>>>();
    send_and_sync::<hamt::HamtSet<String>>();
    send_and_sync::<hamt::map::Iter<'_, String, Box<u32>>>();
    send_and_sync::<hamt::map::IterMut<'_, String, Box<u32>>>();
    send_and_sync::<hamt::map::IntoKeys<String, Box<u32>>>();
    send_and_sync::<hamt::map::Entry<'_, String, Box<u32>>>();
    send_and_sync::<hamt::set::Iter<'_, String>>();
    send_and_sync::<Dump<'_, String, Box<u32>>>();
    send_and_sync::<Cursor>();
};

/// Returns the value of each name.
fn values(map: &Map) -> BTreeMap<u32, u32> {
    assert_eq!(map.audit(), Ok(()));
    let pairs = map.iter().map(|entry| (entry.key().name, *entry.value()));
    pairs.collect()
}

#[test]
fn threads_that_change_their_own_versions_do_not_see_other_changes() {
    const KEYS: u32 = if cfg!(miri) { 40 } else { 200 };
    let keys = || (0..KEYS).map(|name| key(name % (KEYS * 3 / 4), name));
    let map = map_of(keys());
    let before = values(&map);
    thread::scope(|scope| {
        for thread in 1..=if cfg!(miri) { 2 } else { 4 } {
            let mut mine = map.clone();
            scope.spawn(move || {
                for k in keys() {
                    let entry = Leaf::new(k.hash, k, thread);
                    let Ok(displaced) =
                        mine.insert(entry, |bound| Ok::<_, Infallible>(bound.name == k.name));
                    assert_eq!(displaced.map(|entry| *entry.value()), Some(k.name));
                    mine = assoc(&mine, key(k.hash, k.name + 1000), thread);
                }
                let names = keys().flat_map(|k| [k.name, k.name + 1000]);
                assert_eq!(values(&mine), names.map(|name| (name, thread)).collect());
            });
        }
    });
    assert_eq!(values(&map), before);
}

/// Each version is derived from the one before, and sent to another thread that
/// drops it. So several threads end borrows between versions at the same time.
#[test]
fn versions_dropped_on_other_threads_leave_the_rest_unchanged() {
    const STEPS: u32 = if cfg!(miri) { 5 } else { 400 };
    const KEYS: u32 = if cfg!(miri) { 40 } else { 300 };
    let hashed = |name| key(name % (KEYS / 3) * 0x0100_0011, name);
    let keys = || (0..KEYS).map(hashed);
    let base = map_of(keys());
    let before = values(&base);
    thread::scope(|scope| {
        let droppers: Vec<_> = (0..2)
            .map(|_| {
                let (sender, receiver) = mpsc::channel::<Map>();
                scope.spawn(move || {
                    for mut version in receiver {
                        assert_eq!(version.audit(), Ok(()));
                        // In place if it is the last version.
                        let k = key(0, 0);
                        let Ok(_) = version.remove(k.hash, is(k));
                        assert_eq!(version.audit(), Ok(()));
                    }
                });
                sender
            })
            .collect();
        for thread in 0..2_u32 {
            let (droppers, mut mine) = (droppers.clone(), base.clone());
            scope.spawn(move || {
                let mut expected = values(&mine);
                for step in 0..STEPS {
                    let name = (step * 7 + thread * 31) % KEYS;
                    let k = hashed(name);
                    let next = if expected.insert(name, step).is_some() && step % 3 == 0 {
                        expected.remove(&name);
                        without(&mine, k)
                    } else {
                        assoc(&mine, k, step)
                    };
                    let old = std::mem::replace(&mut mine, next);
                    droppers[step as usize % 2]
                        .send(old)
                        .expect("the receiver is alive");
                }
                assert_eq!(values(&mine), expected);
            });
        }
        drop(droppers);
    });
    assert_eq!(values(&base), before);
}
