//! The dealer: hands out the lines and takes back the reports.

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

/// Deals requests to the loops, as many at a time as may be in flight. That
/// bounds every queue, and no loop ever waits for a full one.
pub struct Dealer {
    inboxes: Inboxes,
    send_done: Sender<Done>,
    done: Receiver<Done>,
    in_flight: usize,
    limit: usize,
    summary: Summary,
}

impl Dealer {
    /// Makes a dealer to these loops.
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

    /// Deals the whole log and waits for the last report; stops the loops.
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
        // This end holds a sender too, so there always is an answer to wait
        // for: each ticket gives one.
        if let Ok(done) = self.done.recv() {
            self.summary.add_done(done);
        }
        self.in_flight -= 1;
    }
}
