//! The counts of a loop.

use super::bleed::Bleed;
use super::task::Failure;

/// The counts of one loop, or of all together.
#[derive(Default)]
pub struct Tally {
    /// Tasks that were started.
    pub tasks: u64,
    /// Steps that were run.
    pub steps: u64,
    /// Context switches, from the threads' switch counts.
    pub switches: u64,
    /// Tasks that were handed to another thread.
    pub handovers: u64,
    /// Tasks that failed, as planned from the log.
    pub failures: u64,
    /// Failed checks.
    pub bleeds: u64,
    /// The first of them.
    pub example: Option<Bleed>,
}

impl Tally {
    /// Counts a failure by its kind.
    pub fn count(&mut self, failure: Failure) {
        match failure {
            Failure::Planned(_) => self.failures += 1,
            Failure::Bleed(bleed) => {
                self.bleeds += 1;
                self.example.get_or_insert(bleed);
            }
        }
    }

    /// Adds another loop's counts.
    pub fn add(&mut self, other: Tally) {
        self.tasks += other.tasks;
        self.steps += other.steps;
        self.switches += other.switches;
        self.handovers += other.handovers;
        self.failures += other.failures;
        self.bleeds += other.bleeds;
        self.example = self.example.take().or(other.example);
    }
}
