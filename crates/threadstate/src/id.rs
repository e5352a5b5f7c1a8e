//! Numbers that are never given twice, and what is numbered with them.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of numbers, starting at 1, that are never handed out twice.
///
/// A counter that hands out a billion numbers a second lasts 584 years.
///
/// It stays a plain atomic under the model checker: each number is one
/// indivisible step, and no code branches on which number it got.
#[derive(Debug)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Makes a counter whose first number is 1.
    pub const fn new() -> Self {
        Counter(AtomicU64::new(1))
    }

    /// Hands out the next number.
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

/// The number of a [`Thread`](crate::Thread); no two threads of a process ever
/// have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(NonZeroU64);

impl ThreadId {
    pub(crate) fn next() -> Self {
        static THREADS: Counter = Counter::new();
        ThreadId(THREADS.next())
    }

    /// Returns the number, 1 or more.
    pub fn get(self) -> u64 {
        self.0.get()
    }

    pub(crate) fn from_number(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(ThreadId)
    }
}

/// Which context was current, as a number that changes with every switch:
/// CPython 3.14's `PyThreadState.context_ver`.
///
/// Equal versions mean the same thread and no switch in between. The upper 64
/// bits are the thread's number, the lower count its switches, so each thread
/// has a range of its own and a version never comes back.
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

/// One entry of a context by a thread, as a number: from the entry, or from when the
/// context became the thread's base, until it is left. It goes on while other contexts
/// are entered above. No two activations of a thread have the same number; later ones
/// have higher numbers.
// The number also says how the activation began: a frame of the stack is two words then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Activation(u64);

/// How an activation began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The context became the thread's base.
    Base,
    /// By `enter`: it stays until it is left by `exit`.
    Enter,
    /// By `run`: it is taken off the stack when the call ends.
    Run,
}

impl Activation {
    /// The number while a thread has no context; lower than all others.
    pub const NONE: Self = Activation(0);

    /// Returns the activation that begins after so many switches.
    #[inline]
    pub(crate) fn after(switches: u64, by: By) -> Self {
        Activation((switches + 1) << 2 | by as u64)
    }

    /// Returns the activation that takes the place of this one where its frame is to stay
    /// until `exit`.
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
