//! The command line.

use clap::Parser;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

/// Has many threads do at random all that can be done to a few shared contexts, and checks every
/// result.
///
/// Exits with 0 where all was as it must be, with 1 where not.
#[derive(Parser)]
pub struct Arguments {
    /// How long
    #[arg(long, value_name = "N", default_value = "10")]
    seconds: u64,

    /// Threads [default: three a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// What the threads do, each by itself; their order is the machine's
    #[arg(long, value_name = "N", default_value = "0")]
    pub seed: u64,
}

impl Arguments {
    /// More than there are processors, so that threads are interrupted anywhere.
    pub fn threads(&self) -> usize {
        let processors = || thread::available_parallelism().map_or(2, NonZero::get);
        self.threads.map_or_else(|| 3 * processors(), usize::from)
    }

    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
