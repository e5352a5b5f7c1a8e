//! Numbers that are never reused: ids of threads, context versions and activations. And the ids
//! of watchers, which are reused.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter that starts at 1 and never returns a number twice.
///
/// At a billion numbers a second it lasts 584 years.
///
/// It stays a plain atomic under the model checker: taking a number is one
/// atomic operation, and no code branches on the number.
#[derive(Debug)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Creates a counter whose first number is 1.
    pub const fn new() -> Self {
        Counter(AtomicU64::new(1))
    }

    /// Returns the next number.
    pub fn next(&self) -> NonZeroU64 {
        // Relaxed: only the number itself matters, it publishes nothing.
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        NonZeroU64::new(number).unwrap_or(NonZeroU64::MAX)
    }
}

impl Default for Counter {
    fn default() -> Self {
        Self::new()
    }
}

/// The id of a [`Thread`](crate::Thread). No two threads of a process have the
/// same, and none is reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(NonZeroU64);

impl ThreadId {
    pub(crate) fn next() -> Self {
        static THREADS: Counter = Counter::new();
        ThreadId(THREADS.next())
    }

    /// Returns the id as a number, 1 or more.
    pub fn get(self) -> u64 {
        self.0.get()
    }

    pub(crate) fn from_number(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(ThreadId)
    }
}

/// A number that changes with every switch of a thread: CPython 3.14's
/// `PyThreadState.context_ver`.
///
/// Equal versions mean the same thread and no switch in between. The upper 64
/// bits are the thread's id, the lower count its switches. So the ranges of
/// threads are disjoint, and no version is reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextVersion(u128);

impl ContextVersion {
    pub(crate) fn new(thread: ThreadId, switches: u64) -> Self {
        ContextVersion(u128::from(thread.get()) << 64 | u128::from(switches))
    }

    /// Returns the version as a number.
    pub fn get(self) -> u128 {
        self.0
    }
}

/// The number of one entry of a context by a thread: an activation.
///
/// It lasts from the entry, or from when the context became the thread's base, until the
/// context is left. It continues while other contexts are entered above. A thread never
/// reuses a number, and later activations have higher numbers.
// The number also says how the activation began, so that a frame takes two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Activation(u64);

/// How an activation began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The context became the thread's base.
    Base,
    /// By `enter`: it lasts until `exit`.
    Enter,
    /// By `run`: it lasts until the call ends.
    Run,
}

impl Activation {
    /// The number while a thread has no context. It is lower than all others.
    pub const NONE: Self = Activation(0);

    /// Returns the activation that begins after this number of switches.
    #[inline]
    pub(crate) fn after(switches: u64, by: By) -> Self {
        Activation((switches + 1) << 2 | by as u64)
    }

    /// Returns the activation that replaces this one if its frame has to stay until
    /// `exit`.
    pub(crate) fn until_exit(self) -> Self {
        Activation(self.0 & !3 | By::Enter as u64)
    }

    #[inline]
    pub(crate) fn by(self) -> By {
        match self.0 & 3 {
            0 => By::Base,
            1 => By::Enter,
            _ => By::Run,
        }
    }
}

/// The id of a watcher: 0 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatcherId(pub(crate) u8);

impl From<WatcherId> for i32 {
    fn from(id: WatcherId) -> i32 {
        id.0.into()
    }
}

impl fmt::Display for WatcherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
