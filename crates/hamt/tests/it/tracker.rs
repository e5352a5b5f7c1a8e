//! Tracks which values are alive.

use std::{cell::RefCell, collections::BTreeSet, fmt, rc::Rc};

/// Records which of its values are alive, and detects a second drop.
#[derive(Debug, Clone, Default)]
pub struct Tracker(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    created: u32,
    live: BTreeSet<u32>,
    dropped_twice: Vec<u32>,
}

/// A value that is alive until it is dropped. It is not `Clone`, so no map clones it.
pub struct Tracked {
    pub id: u32,
    tracker: Tracker,
}

impl Tracker {
    pub fn create(&self) -> Tracked {
        let mut state = self.0.borrow_mut();
        let id = state.created;
        state.created += 1;
        state.live.insert(id);
        Tracked {
            id,
            tracker: self.clone(),
        }
    }

    /// Returns the ids of the live values. Panics if one was dropped twice.
    pub fn live(&self) -> BTreeSet<u32> {
        let state = self.0.borrow();
        assert_eq!(state.dropped_twice, [], "dropped twice");
        state.live.clone()
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let mut state = self.tracker.0.borrow_mut();
        if !state.live.remove(&self.id) {
            state.dropped_twice.push(self.id);
        }
    }
}
