//! Counts of each kind of operation and outcome.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// A kind of operation, or its outcome.
#[derive(Clone, Copy)]
pub enum Event {
    Run,
    Refused,
    Read,
    Copied,
    Restored,
    NotRestored,
    Panicked,
    Based,
    BaseRefused,
    Private,
    Watched,
    Elsewhere,
}

impl Event {
    const ALL: [(Event, &'static str); 12] = [
        (Event::Run, "runs in a shared context"),
        (Event::Refused, "refused: entered by another thread"),
        (Event::Read, "reads of a shared context from outside"),
        (Event::Copied, "copies that became shared contexts"),
        (Event::Restored, "resets with a shared token"),
        (Event::NotRestored, "refused: used, or another context"),
        (Event::Panicked, "panics in a run"),
        (Event::Based, "threads with a base context"),
        (Event::BaseRefused, "refused: a thread's base"),
        (Event::Private, "checks of a private context"),
        (Event::Watched, "watchers added and cleared"),
        (Event::Elsewhere, "threads of other interpreters"),
    ];
}

#[derive(Default)]
pub struct Tally([AtomicU64; Event::ALL.len()]);

impl Tally {
    pub fn count(&self, event: Event) {
        self.0[event as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub fn steps(&self) -> u64 {
        let counts = self.0.iter();
        counts.map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (event, name) in Event::ALL {
            let count = self.0[event as usize].load(Ordering::Relaxed);
            writeln!(f, "{count:>12}  {name}")?;
        }
        Ok(())
    }
}
