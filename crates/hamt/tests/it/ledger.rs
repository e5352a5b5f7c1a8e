//! Counts what is alive.

use std::{cell::RefCell, collections::BTreeSet, fmt, rc::Rc};

/// Knows which of its tickets are alive, and catches a second drop.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    issued: u32,
    live: BTreeSet<u32>,
    dropped_twice: Vec<u32>,
}

/// Alive until dropped. Not `Clone`, so a map that holds it clones none.
pub struct Ticket {
    pub id: u32,
    ledger: Ledger,
}

impl Ledger {
    pub fn issue(&self) -> Ticket {
        let mut state = self.0.borrow_mut();
        let id = state.issued;
        state.issued += 1;
        state.live.insert(id);
        Ticket {
            id,
            ledger: self.clone(),
        }
    }

    /// The tickets alive; none has been dropped twice.
    pub fn live(&self) -> BTreeSet<u32> {
        let state = self.0.borrow();
        assert_eq!(state.dropped_twice, [], "dropped twice");
        state.live.clone()
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.ledger.0.borrow_mut();
        if !state.live.remove(&self.id) {
            state.dropped_twice.push(self.id);
        }
    }
}
