//! The state that the threads share.

use crate::base::Base;
use crate::game::Game;
use crate::pool::Pool;
use crate::tally::Tally;
use crate::undo::Undo;
use contextvars::ContextVar;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub struct World {
    /// Two variables that a playing thread sets to the same number, the second one first.
    pub pair: [ContextVar; 2],
    /// The variable whose tokens are shared.
    pub undone: ContextVar,
    pub games: Pool<Game>,
    pub undos: Pool<Undo>,
    pub bases: Pool<Base>,
    numbers: AtomicU64,
    stop: AtomicBool,
    tally: Tally,
}

impl World {
    pub fn new() -> Self {
        World {
            pair: [ContextVar::new("a"), ContextVar::new("b")],
            undone: ContextVar::new("undone"),
            games: Pool::new(6),
            undos: Pool::new(12),
            bases: Pool::new(3),
            numbers: AtomicU64::new(1),
            stop: AtomicBool::new(false),
            tally: Tally::default(),
        }
    }

    /// Returns a unique number.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Drops all shared items.
    pub fn clear(&self) {
        self.undos.clear();
        self.games.clear();
        self.bases.clear();
    }
}
