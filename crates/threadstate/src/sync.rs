//! The one place where the workspace chooses between the real primitives and
//! loom's, so that models check the code that ships.

#[cfg(loom)]
use loom::sync as imp;
#[cfg(not(loom))]
use std::sync as imp;

pub use imp::MutexGuard;
pub use imp::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
#[cfg(loom)]
pub use loom::thread;
#[cfg(not(loom))]
pub use std::thread;

#[cfg(loom)]
pub use loom::cell::UnsafeCell;

/// Memory whose users see to it that nobody reads what another writes.
#[cfg(not(loom))]
#[derive(Debug, Default)]
pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    /// Gives the address to read from.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    /// Gives the address to write to.
    #[inline(always)]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// A lock of one word around nothing: what it guards is beside it.
///
/// Taking it is one compare-and-swap, letting go one store, where a mutex that can
/// put its waiters to sleep needs two atomic steps. It is for a few dozen
/// instructions, none of them a user's.
#[derive(Debug)]
// A whole word: beside a byte there would be padding, and what is made of both is
// copied in pieces that do not match how it was written.
pub struct WordLock(AtomicU64);

/// A [`WordLock`] that is held, until this is dropped.
pub struct WordGuard<'a>(&'a AtomicU64);

const OPEN: u64 = 0;
const HELD: u64 = 1;

impl WordLock {
    /// Makes a lock that nobody holds.
    pub fn new() -> Self {
        WordLock(AtomicU64::new(OPEN))
    }

    /// Waits until nobody else holds the lock, and takes it.
    #[inline]
    pub fn lock(&self) -> WordGuard<'_> {
        match self.try_lock() {
            Some(guard) => guard,
            None => self.wait(),
        }
    }

    /// Takes the lock if nobody holds it.
    #[inline]
    pub fn try_lock(&self) -> Option<WordGuard<'_>> {
        // Acquire pairs with the Release in `drop`: who holds the lock sees all
        // that was done under it before.
        self.0
            .compare_exchange(OPEN, HELD, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
            .then(|| WordGuard(&self.0))
    }

    /// Whoever holds the lock will not for long, unless the system has put it to
    /// sleep: hence the yield.
    #[cold]
    fn wait(&self) -> WordGuard<'_> {
        loop {
            for _ in 0..SPINS {
                if self.0.load(Ordering::Relaxed) == OPEN
                    && let Some(guard) = self.try_lock()
                {
                    return guard;
                }
                std::hint::spin_loop();
            }
            thread::yield_now();
        }
    }
}

/// How often a waiter looks before it yields. The model checker is to go on with
/// another thread at once.
const SPINS: u32 = if cfg!(loom) { 1 } else { 64 };

impl Default for WordLock {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for WordGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(OPEN, Ordering::Release);
    }
}

/// A mutex without poisoning.
///
/// Nothing of a user's runs while one is held, so a panic cannot leave the
/// data half changed, and there is nothing that poison could warn of.
#[derive(Debug, Default)]
pub struct Mutex<T>(imp::Mutex<T>);

impl<T> Mutex<T> {
    /// Wraps `value`.
    #[cfg(not(loom))]
    pub const fn new(value: T) -> Self {
        Mutex(imp::Mutex::new(value))
    }

    /// Wraps `value`. Not `const`: the model checker counts its mutexes.
    #[cfg(loom)]
    pub fn new(value: T) -> Self {
        Mutex(imp::Mutex::new(value))
    }

    /// Waits until nobody else holds the lock, and takes it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes the lock if nobody holds it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }

    /// Takes the value out; no lock is needed, as nobody else can hold one.
    pub fn into_inner(self) -> T {
        self.0
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Where threads wait for what another thread does under a [`Mutex`].
#[derive(Debug, Default)]
pub struct Condvar(imp::Condvar);

impl Condvar {
    /// Lets the lock go, waits to be told, and takes the lock again. May also
    /// return untold: the caller looks whether what it waits for has happened.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0
            .wait(guard)
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Tells all that wait.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}
