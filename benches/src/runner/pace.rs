//! How long to measure.

use std::time::Duration;

/// How long a participant's turn is, and how many rounds there are.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// About the time of one turn.
    pub turn: Duration,
    /// How often each participant has a turn.
    pub rounds: usize,
}

impl Pace {
    /// For figures that may be published.
    pub const FULL: Pace = Pace {
        turn: Duration::from_millis(10),
        rounds: 9,
    };

    /// For a first look.
    pub const QUICK: Pace = Pace {
        turn: Duration::from_millis(3),
        rounds: 9,
    };

    /// About the time that it takes to measure participants whose one iteration takes `iterations`
    /// each.
    pub fn estimate(self, iterations: &[Duration]) -> Duration {
        let turns = iterations.iter().map(|one| (*one).max(self.turn * 5 / 4));
        // One more round to calibrate.
        turns.sum::<Duration>() * (self.rounds as u32 + 1)
    }
}
