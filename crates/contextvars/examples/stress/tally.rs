//! How often what was done.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is done.
#[derive(Clone, Copy)]
pub enum Deed {
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

impl Deed {
    const ALL: [(Deed, &'static str); 12] = [
        (Deed::Run, "runs in a shared context"),
        (Deed::Refused, "refused, since somebody was in it"),
        (Deed::Read, "reads of a shared context from outside"),
        (Deed::Copied, "copies that others took over"),
        (Deed::Restored, "resets with a shared token"),
        (Deed::NotRestored, "refused, since it was used or elsewhere"),
        (Deed::Panicked, "panics in a run"),
        (Deed::Based, "threads with a base context"),
        (Deed::BaseRefused, "refused, since it was a base"),
        (Deed::Private, "changes of a thread's own"),
        (Deed::Watched, "watchers added and cleared"),
        (Deed::Elsewhere, "threads of other interpreters"),
    ];
}

#[derive(Default)]
pub struct Tally([AtomicU64; Deed::ALL.len()]);

impl Tally {
    pub fn count(&self, deed: Deed) {
        self.0[deed as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub fn steps(&self) -> u64 {
        let counts = self.0.iter();
        counts.map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (deed, name) in Deed::ALL {
            let count = self.0[deed as usize].load(Ordering::Relaxed);
            writeln!(f, "{count:>12}  {name}")?;
        }
        Ok(())
    }
}
