//! The pump reads an access log and produces a checked report of every request.
//!
//! * The [`dealer`] reads [`lines`], parses each as an [`access_log::Entry`],
//!   plans its [`span::Span`] and sends it to one of the threads.
//! * Each thread runs an [`event_loop`]: it creates a [`task::Task`] from the span
//!   and runs every step of the task in the task's own context.
//! * A task binds the [`variables`], spawns its children with a copy of its
//!   context, and checks at each step that the variables are as [`expected`].
//! * It writes its [`report`] through the variables. The [`ticket`] of its
//!   line returns the report to the dealer, for the [`summary`].

pub mod access_log;
mod bleed;
mod dealer;
mod digest;
mod event_loop;
pub mod expected;
mod input;
mod lines;
mod report;
mod span;
mod summary;
mod tally;
mod task;
mod ticket;
pub mod variables;

pub use input::Input;

use dealer::Dealer;
use event_loop::{EventLoop, Inboxes};
use std::io::{self, BufRead};
use std::panic::resume_unwind;
use std::thread::{self, Builder};
use std::time::Instant;
use summary::Summary;

/// The pump's concurrency.
pub struct Options {
    /// Threads, each with an event loop; at least one.
    pub threads: usize,
    /// Requests in flight per thread; at least one.
    pub tasks: usize,
}

/// Why the pump stopped early.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// Reading the log failed.
    #[error("cannot read the log after line {line}: {source}")]
    Read {
        /// The last line that was read.
        line: u64,
        /// The system's error.
        source: io::Error,
    },
    /// A thread could not be started.
    #[error("cannot start thread {number}: {source}; try fewer --threads")]
    Thread {
        /// The thread's number, from 1.
        number: usize,
        /// The system's error.
        source: io::Error,
    },
}

/// Serves the log and returns a summary. Calls `on_line` with the size of each
/// line in bytes.
///
/// Memory is bounded by the requests in flight, for a log of any size.
pub fn run(
    log: impl BufRead,
    options: &Options,
    on_line: impl FnMut(u64),
) -> Result<Summary, Stopped> {
    let start = Instant::now();
    thread::scope(|scope| {
        // Dropping the inboxes stops the loops, on every path.
        let (inboxes, receivers) = Inboxes::new(options.threads);
        let mut loops = Vec::new();
        for (index, inbox) in receivers.into_iter().enumerate() {
            let event_loop = EventLoop::new(inbox, inboxes.after(index));
            let started = Builder::new()
                .name(format!("loop {index}"))
                .spawn_scoped(scope, || event_loop.run());
            loops.push(started.map_err(|source| Stopped::Thread {
                number: index + 1,
                source,
            })?);
        }
        let mut summary = Dealer::new(inboxes, options).deal(log, on_line)?;
        for event_loop in loops {
            summary.tally.add(
                event_loop
                    .join()
                    .unwrap_or_else(|panic| resume_unwind(panic)),
            );
        }
        summary.threads = options.threads;
        summary.elapsed = start.elapsed();
        Ok(summary)
    })
}
