//! The way back of a request's report.

use super::digest::Digest;
use std::sync::mpsc::Sender;

/// A line's ticket. The dealer hears of it exactly once, when it is dropped:
/// a request that gets lost, on whatever path, is told of too.
pub struct Ticket {
    done: Sender<Done>,
    outcome: Done,
}

/// What became of a line.
pub struct Done {
    /// What the report should amount to.
    pub expected: Digest,
    /// The report, or `None` where the request got lost.
    pub report: Option<Vec<String>>,
}

impl Ticket {
    /// Makes the ticket of a line whose report should amount to `expected`.
    pub fn new(expected: Digest, done: Sender<Done>) -> Ticket {
        let report = None;
        Ticket {
            done,
            outcome: Done { expected, report },
        }
    }

    /// Hands in the report.
    pub fn hand_in(mut self, report: Vec<String>) {
        self.outcome.report = Some(report);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let outcome = Done {
            expected: self.outcome.expected,
            report: self.outcome.report.take(),
        };
        // Nobody listens any more where the dealer has stopped early.
        let _ = self.done.send(outcome);
    }
}
