//! The command line.

use crate::pump::Options;
use clap::Parser;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

/// Serves a web server's access log on several event loops, and checks that
/// no task sees another's context variables.
///
/// Exits with 0 if every line was served and no value leaked between tasks,
/// with 1 if not, and with 2 if the log cannot be read.
#[derive(Parser)]
pub struct Arguments {
    /// The log, in the Common or Combined Log Format; `-` is standard input
    /// [default: a sample of 3000 lines]
    pub log: Option<PathBuf>,

    /// Threads, each with an event loop [default: one a processor, at least 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Requests in flight per thread, each a task with up to four child tasks
    #[arg(long, value_name = "N", default_value = "256", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    tasks: u32,
}

impl Arguments {
    /// Returns the options of the pump.
    pub fn options(&self) -> Options {
        let processors = || thread::available_parallelism().map_or(2, NonZero::get);
        Options {
            threads: self
                .threads
                .map_or_else(|| processors().max(2), usize::from),
            tasks: self.tasks as usize,
        }
    }
}
