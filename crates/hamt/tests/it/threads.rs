//! Versions on several threads. What must not be sent is in the docs of `Hamt`,
//! as a test that does not compile.

use std::{convert::Infallible, thread};

use hamt::{
    Entry, Hamt,
    raw::{Cursor, Dump, Iter, RawHamt},
};

use crate::{
    key::{Key, assoc, key, map_of},
    picture::picture,
};

const fn send_and_sync<T: Send + Sync>() {}

const _: () = {
    send_and_sync::<RawHamt<String, Box<u32>>>();
    send_and_sync::<Entry<String, Box<u32>>>();
    send_and_sync::<Hamt<String, Box<u32>>>();
    send_and_sync::<Iter<'_, String, Box<u32>>>();
    send_and_sync::<hamt::Iter<'_, String, Box<u32>>>();
    send_and_sync::<Dump<'_, String, Box<u32>>>();
    send_and_sync::<Cursor>();
};

#[test]
fn threads_that_change_their_own_versions_do_not_see_each_other() {
    let keys = || (0..200).map(|name| key(name % 150, name));
    let map = map_of(keys());
    let text = map.dump().to_string();
    thread::scope(|scope| {
        for thread in 1..=4 {
            let mut mine = map.clone();
            scope.spawn(move || {
                for k in keys() {
                    let entry = Entry::new(k.hash, k, thread);
                    let Ok(displaced) =
                        mine.insert(entry, |bound| Ok::<_, Infallible>(bound.name == k.name));
                    assert_eq!(displaced.map(|entry| *entry.value()), Some(k.name));
                    mine = assoc(&mine, key(k.hash, k.name + 1000), thread);
                }
                let lines: Vec<(u32, Key)> = keys()
                    .map(|k| (k.hash, k))
                    .chain(keys().map(|k| (k.hash, key(k.hash, k.name + 1000))))
                    .collect();
                let lines: Vec<_> = lines
                    .iter()
                    .map(|(hash, k)| (*hash, format!("{k:?}: {thread}")))
                    .collect();
                assert_eq!(mine.dump().to_string(), picture(&lines));
            });
        }
    });
    assert_eq!(map.dump().to_string(), text);
}
