//! Locks: of one word, which a child of `fork` can take over, and those of `std` without
//! poisoning.

use crate::primitive::{AtomicU64, Ordering, sync, thread};
use crate::{Word, fork};
use std::fmt;
use sync::MutexGuard;

/// A lock of one word. The data that it guards is stored beside it.
///
/// Taking it is one compare-and-swap and releasing it one store, where a mutex that can
/// put its waiters to sleep needs two atomic operations. It is meant for a few dozen
/// instructions that run no user code.
///
/// While it is held, the word says in which generation of processes it was taken, and
/// whether for a change. So a child of `fork` takes over a lock that a thread of its
/// parent held: see `fork`.
///
/// With a `Cell<u64>` it is not atomic: the data stays on one thread, and the lock keeps
/// out code that runs in the middle of a change.
#[derive(Debug, Default)]
// A whole word: beside a byte there would be padding, and a struct with both is copied
// in pieces of other sizes than it was written in.
pub struct WordLock<W = AtomicU64>(W);

/// Holds a [`WordLock`] until it is dropped.
pub struct WordGuard<'a, W: Word>(&'a W);

impl<W: Word> fmt::Debug for WordGuard<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WordGuard").finish_non_exhaustive()
    }
}

const OPEN: u64 = 0;
/// Set while the data may be half changed. The generation is in the bits above.
const CHANGES: u64 = 1;

impl<W: Word> WordLock<W> {
    /// Creates a lock that no thread holds.
    pub fn new() -> Self {
        // The default of a word is 0.
        Self::default()
    }

    /// Waits until no other thread holds the lock, and takes it to read the data. As
    /// [`lock_to_change`](Self::lock_to_change) otherwise.
    #[inline]
    pub fn lock_to_read(&self, renew: impl FnOnce()) -> WordGuard<'_, W> {
        self.lock(fork::generation() << 1, renew)
    }

    /// Waits until no other thread holds the lock, and takes it to change the data.
    ///
    /// Calls `renew` under the lock if a thread that does not exist in this process was
    /// changing the data. The data may be half changed then: `renew` must overwrite it
    /// without reading it.
    ///
    /// # Panics
    ///
    /// If the word is a `Cell<u64>` and the lock is held.
    #[inline]
    pub fn lock_to_change(&self, renew: impl FnOnce()) -> WordGuard<'_, W> {
        self.lock(fork::generation() << 1 | CHANGES, renew)
    }

    /// Takes the lock for reading, unless it is held.
    #[inline]
    pub fn try_lock_to_read(&self) -> Option<WordGuard<'_, W>> {
        self.try_lock(fork::generation() << 1)
    }

    #[inline]
    fn lock(&self, held: u64, renew: impl FnOnce()) -> WordGuard<'_, W> {
        match self.try_lock(held) {
            Some(guard) => guard,
            None => self.wait(held, renew),
        }
    }

    #[inline]
    fn try_lock(&self, held: u64) -> Option<WordGuard<'_, W>> {
        // Acquire pairs with the Release in `drop`: the thread that gets the lock sees
        // all that was done under it before.
        self.0
            .replace(OPEN, held, Ordering::Acquire)
            .then(|| WordGuard(&self.0))
    }

    /// Spins, since the lock is held for a short time, unless the system has put the
    /// holder to sleep. So it yields now and then.
    ///
    /// # Panics
    ///
    /// If no other thread can hold the lock: then the caller does, and would wait for ever.
    #[cold]
    fn wait(&self, held: u64, renew: impl FnOnce()) -> WordGuard<'_, W> {
        assert!(W::IS_SHARED, "code that runs under a lock takes it again");
        loop {
            for _ in 0..SPINS {
                let word = self.0.load(Ordering::Relaxed);
                if word == OPEN {
                    if let Some(guard) = self.try_lock(held) {
                        return guard;
                    }
                } else if word >> 1 != held >> 1 {
                    if let Some(guard) = self.take_over(word, held) {
                        if word & CHANGES != 0 {
                            renew();
                        }
                        return guard;
                    }
                }
                std::hint::spin_loop();
            }
            thread::yield_now();
        }
    }

    /// Takes the lock from a thread of an earlier process. If that thread was changing the
    /// data, `CHANGES` stays set until the data is renewed and the lock released.
    fn take_over(&self, word: u64, held: u64) -> Option<WordGuard<'_, W>> {
        // Relaxed: the holder wrote all that it ever did before the fork.
        self.0
            .replace(word, held | word & CHANGES, Ordering::Relaxed)
            .then(|| WordGuard(&self.0))
    }

    /// Returns `true` if no thread holds the lock.
    #[cfg(not(loom))]
    pub(crate) fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed) == OPEN
    }
}

/// How often a waiter tries before it yields. The model checker should switch to another
/// thread at once.
const SPINS: u32 = if cfg!(loom) { 1 } else { 64 };

impl<W: Word> Drop for WordGuard<'_, W> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(OPEN, Ordering::Release);
    }
}

/// A mutex without poisoning. A child of `fork` waits for ever for one that another
/// thread held at that moment, so it is only for data that a child does not use.
///
/// No user code runs while one is held. So a panic cannot leave the data half
/// changed, and poisoning is not needed.
#[derive(Debug, Default)]
pub struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Mutex(sync::Mutex::new(value))
    }

    /// Waits until no other thread holds the lock, and takes it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes the lock if no thread holds it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }

    /// Returns the value. No lock is needed: no other thread can hold one.
    pub fn into_inner(self) -> T {
        self.0
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A condition variable, for use with a [`Mutex`].
#[derive(Debug, Default)]
pub struct Condvar(sync::Condvar);

impl Condvar {
    /// Releases the lock, waits for a notification, and takes the lock again. Spurious
    /// wake-ups are possible; re-check the condition in a loop.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0
            .wait(guard)
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Notifies all waiting threads.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}
