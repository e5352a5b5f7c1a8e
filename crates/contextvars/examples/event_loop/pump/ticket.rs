//! Returns a request's report to the dealer.

use super::digest::Digest;
use std::sync::mpsc::Sender;

/// A line's ticket. Its drop sends exactly one message to the dealer, with or
/// without a report. So the dealer is also notified of a lost request.
pub struct Ticket {
    done: Sender<Done>,
    outcome: Done,
}

/// The outcome of a line.
pub struct Done {
    /// The digest of the planned report.
    pub expected: Digest,
    /// The report, or `None` if the request was lost.
    pub report: Option<Vec<String>>,
}

impl Ticket {
    /// Creates the ticket of a line whose report should have the digest `expected`.
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
        // Fails if the dealer has stopped early.
        let _ = self.done.send(outcome);
    }
}
