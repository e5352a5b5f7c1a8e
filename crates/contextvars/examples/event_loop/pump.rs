//! The pump: an access log in, a checked report of every request out.
//!
//! * The [`dealer`] reads [`lines`], parses each as an [`access_log::Entry`],
//!   works out its [`span::Span`] and deals it to one of the threads.
//! * Each thread runs an [`event_loop`]: it makes the span a [`task::Task`]
//!   and runs every step of it inside the task's own context.
//! * A task binds the [`variables`], spawns its children with a copy of its
//!   context, and checks at each step that it finds what it [`expected`].
//! * It writes its [`report`] through the variables. The [`ticket`] of its
//!   line takes the report back to the dealer, for the [`summary`].

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

/// How wide the pump is.
pub struct Options {
    /// Threads, each with an event loop; at least one.
    pub threads: usize,
    /// Requests in flight per thread; at least one.
    pub tasks: usize,
}

/// Why the pump stopped early.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The log could not be read on.
    #[error("cannot read on after line {line}: {source}")]
    Read {
        /// The last line that was read.
        line: u64,
        /// What the system says.
        source: io::Error,
    },
    /// The system gave no thread.
    #[error("cannot start thread {number}: {source}; try fewer --threads")]
    Thread {
        /// Which thread, from 1.
        number: usize,
        /// What the system says.
        source: io::Error,
    },
}

/// Serves the log and sums up; calls `on_line` with the bytes of each line
/// read.
///
/// Memory is bounded by the requests in flight, whatever the log's size.
pub fn run(
    log: impl BufRead,
    options: &Options,
    on_line: impl FnMut(u64),
) -> Result<Summary, Stopped> {
    let start = Instant::now();
    thread::scope(|scope| {
        // Dropping the inboxes, on whatever path, stops the loops.
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
