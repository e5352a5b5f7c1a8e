//! The dealer: sends requests to the loops and receives their reports.

use super::access_log::Entry;
use super::digest::Digest;
use super::event_loop::Inboxes;
use super::lines::Lines;
use super::span::Span;
use super::summary::Summary;
use super::ticket::{Done, Ticket};
use super::{Options, Stopped};
use std::io::BufRead;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Sends requests to the loops, and limits how many are in flight. That
/// bounds every queue, so no loop waits for a full queue.
pub struct Dealer {
    inboxes: Inboxes,
    send_done: Sender<Done>,
    done: Receiver<Done>,
    in_flight: usize,
    limit: usize,
    summary: Summary,
}

impl Dealer {
    /// Creates a dealer for these loops.
    pub fn new(inboxes: Inboxes, options: &Options) -> Dealer {
        let (send_done, done) = channel();
        Dealer {
            inboxes,
            send_done,
            done,
            in_flight: 0,
            limit: options.threads * options.tasks,
            summary: Summary::default(),
        }
    }

    /// Sends all requests of the log, waits for the last report, and stops the loops.
    pub fn deal(
        mut self,
        log: impl BufRead,
        mut on_line: impl FnMut(u64),
    ) -> Result<Summary, Stopped> {
        let mut lines = Lines::new(log);
        while let Some(line) = lines.next().map_err(|source| Stopped::Read {
            line: self.summary.lines,
            source,
        })? {
            self.summary.lines += 1;
            on_line(line.size);
            match line.entry {
                Ok(entry) => self.give(&entry),
                Err(malformed) => self.summary.add_malformed(malformed),
            }
        }
        while self.in_flight > 0 {
            self.take_back();
        }
        Ok(self.summary)
    }

    fn give(&mut self, entry: &Entry) {
        while self.in_flight >= self.limit {
            self.take_back();
        }
        self.summary.add_request(entry.status);
        let number = self.summary.lines;
        let span = Span::plan(number, entry);
        let expected = Digest::from_iter(span.lines());
        let ticket = Ticket::new(expected, self.send_done.clone());
        self.inboxes.deal(number, span, ticket);
        self.in_flight += 1;
    }

    fn take_back(&mut self) {
        // Each ticket sends one report. This end holds a sender, too, so the channel is
        // never closed.
        if let Ok(done) = self.done.recv() {
            self.summary.add_done(done);
        }
        self.in_flight -= 1;
    }
}
