//! When entries go. `histories` checks the same after every step of random
//! histories.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use hamt::{Entry, raw::RawHamt};

use crate::ledger::Ledger;

#[test]
fn an_entry_lives_as_long_as_the_last_version_or_handle_that_holds_it() {
    let ledger = Ledger::default();
    let old = RawHamt::new();
    let entry = Entry::new(1, ledger.issue(), ledger.issue());
    let Ok((old, _)) = old.assoc(entry, |_| Ok::<_, Infallible>(false));
    let Ok(without) = old.without(1, |_| Ok::<_, Infallible>(true));
    let (new, removed) = without.expect("it is there");
    let removed = removed.clone();
    assert!(new.is_empty());
    drop(old);
    assert_eq!(ledger.live().len(), 2, "the handle holds it");
    drop(removed);
    assert_eq!(ledger.live().len(), 0);
}

#[test]
fn a_displaced_entry_is_handed_out_before_anything_drops() {
    let ledger = Ledger::default();
    let mut map = RawHamt::new();
    for _ in 0..2 {
        let entry = Entry::new(1, (), ledger.issue());
        let Ok(displaced) = map.insert(entry, |()| Ok::<_, Infallible>(true));
        if let Some(displaced) = displaced {
            assert_eq!(ledger.live().len(), 2);
            // Nobody else holds it.
            let (_, ticket) = displaced.into_parts().expect("the only handle");
            assert_eq!(ticket.id, 0);
        }
    }
    assert_eq!(ledger.live().into_iter().collect::<Vec<_>>(), [1]);
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_large_collision_drops_on_a_small_stack() {
    const ENTRIES: usize = 5_000;
    let drops = Arc::new(AtomicUsize::new(0));
    let mut map = RawHamt::new();
    for name in 0..ENTRIES {
        let entry = Entry::new(7, name, Counted(Arc::clone(&drops)));
        let Ok(displaced) = map.insert(entry, |_| Ok::<_, Infallible>(false));
        assert!(displaced.is_none());
    }
    let version = map.clone();
    let Ok(removed) = map.remove(7, |name| Ok::<_, Infallible>(*name == 2_500));
    assert_eq!(removed.map(|entry| *entry.key()), Some(2_500));
    assert_eq!((map.len(), version.len()), (ENTRIES - 1, ENTRIES));

    let small = thread::Builder::new().stack_size(64 << 10);
    let dropping = small
        .spawn(move || drop((version, map)))
        .expect("a thread starts");
    dropping.join().expect("it does not overflow");
    assert_eq!(drops.load(SeqCst), ENTRIES);
}
