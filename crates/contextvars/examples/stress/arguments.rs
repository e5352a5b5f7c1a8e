//! The command line.

use clap::Parser;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

/// Performs random operations on a few shared contexts from many threads, and checks every
/// result.
///
/// Exits with 0 if every check passed, with 1 if not.
#[derive(Parser)]
pub struct Arguments {
    /// The duration in seconds
    #[arg(long, value_name = "N", default_value = "10")]
    seconds: u64,

    /// Threads [default: three per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// The seed of each thread's operations; their interleaving depends on the machine
    #[arg(long, value_name = "N", default_value = "0")]
    pub seed: u64,
}

impl Arguments {
    /// Returns the number of threads. By default there are more threads than processors, so that
    /// threads are preempted anywhere.
    pub fn threads(&self) -> usize {
        let processors = || thread::available_parallelism().map_or(2, NonZero::get);
        self.threads.map_or_else(|| 3 * processors(), usize::from)
    }

    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
