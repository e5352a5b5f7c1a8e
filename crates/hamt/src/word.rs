//! The words that threads share: a node's reference count, and a table's state with its
//! lock bit. Atomic ones, plain ones for maps that stay on one thread, and loom's
//! ([`crate::model`]).

use core::{
    cell::Cell,
    hint,
    sync::atomic::{AtomicU32, Ordering, fence},
};

use crate::header::State;

/// A 32-bit word that holders of one node share.
pub trait Word {
    /// Whether a look at the word costs much less than a change of it, so that it
    /// is worth its while where it may spare one.
    const LOOK_FIRST: bool;

    fn new(value: u32) -> Self;

    fn load_acquire(&self) -> u32;

    /// Stores `value`, and publishes what was written before.
    fn store_release(&self, value: u32);

    /// Wraps on overflow: it is up to the caller to check what it returns.
    fn fetch_add_relaxed(&self, value: u32) -> u32;

    fn fetch_sub_release(&self, value: u32) -> u32;

    /// Sets the bits `held`, waiting until [`State::LOCKED`] is clear, and returns the
    /// word as it was. What was written before that bit was cleared is visible after.
    ///
    /// Where it was set in another generation of processes, changes nothing and returns
    /// the word as it is, with the bit set.
    fn lock_bit(&self, held: u32) -> u32;

    /// Makes what was released to this word visible, after a
    /// [`fetch_sub_release`](Self::fetch_sub_release).
    fn fence_acquire(&self);
}

impl Word for AtomicU32 {
    const LOOK_FIRST: bool = true;

    #[inline(always)]
    fn new(value: u32) -> Self {
        Self::new(value)
    }

    #[inline(always)]
    fn load_acquire(&self) -> u32 {
        self.load(Ordering::Acquire)
    }

    #[inline(always)]
    fn store_release(&self, value: u32) {
        self.store(value, Ordering::Release);
    }

    #[inline(always)]
    fn fetch_add_relaxed(&self, value: u32) -> u32 {
        self.fetch_add(value, Ordering::Relaxed)
    }

    #[inline(always)]
    fn fetch_sub_release(&self, value: u32) -> u32 {
        self.fetch_sub(value, Ordering::Release)
    }

    #[inline(always)]
    fn lock_bit(&self, held: u32) -> u32 {
        let word = self.load(Ordering::Relaxed);
        if word & State::LOCKED == 0
            && self
                .compare_exchange(word, word | held, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
        {
            return word;
        }
        lock_contended(self, held)
    }

    #[inline(always)]
    fn fence_acquire(&self) {
        // ThreadSanitizer does not understand fences.
        if cfg!(tsan) {
            self.load(Ordering::Acquire);
        } else {
            fence(Ordering::Acquire);
        }
    }
}

/// Waits for the lock bit. Its holder runs a few dozen instructions, none of them foreign
/// code. It yields, since the system may have put the holder to sleep.
#[cold]
fn lock_contended(word: &AtomicU32, held: u32) -> u32 {
    let mut round = 0_u32;
    loop {
        let value = word.load(Ordering::Relaxed);
        if value & State::LOCKED == 0 {
            if word
                .compare_exchange_weak(value, value | held, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
            {
                return value;
            }
        } else if State(value).generation() != State(held).generation() {
            return value;
        }
        pause(round);
        round = round.wrapping_add(1);
    }
}

fn pause(_round: u32) {
    #[cfg(feature = "std")]
    if _round % 64 == 63 {
        return std::thread::yield_now();
    }
    hint::spin_loop();
}

impl Word for Cell<u32> {
    const LOOK_FIRST: bool = false;

    #[inline(always)]
    fn new(value: u32) -> Self {
        Self::new(value)
    }

    #[inline(always)]
    fn load_acquire(&self) -> u32 {
        self.get()
    }

    #[inline(always)]
    fn store_release(&self, value: u32) {
        self.set(value);
    }

    #[inline(always)]
    fn fetch_add_relaxed(&self, value: u32) -> u32 {
        self.replace(self.get().wrapping_add(value))
    }

    #[inline(always)]
    fn fetch_sub_release(&self, value: u32) -> u32 {
        self.replace(self.get().wrapping_sub(value))
    }

    /// The bit is never held here: there is one thread, and no foreign code runs meanwhile.
    #[inline(always)]
    fn lock_bit(&self, held: u32) -> u32 {
        self.replace(self.get() | held)
    }

    #[inline(always)]
    fn fence_acquire(&self) {}
}

/// A reference count.
///
/// There are no weak holders. So a holder that reads a count of one knows that it is
/// alone: no other is left to count up.
#[derive(Debug)]
#[repr(transparent)]
pub struct Count<W>(W);

/// Counting up from more than this aborts, as `Arc` does. The count cannot wrap
/// before that: it would take two billion threads between their addition and their abort.
const MAX: u32 = i32::MAX as u32;

impl<W: Word> Count<W> {
    #[inline(always)]
    pub(crate) fn one() -> Self {
        Self(W::new(1))
    }

    /// Returns `true` if the caller's handle is the only one. If so, all that former
    /// holders did is visible: the last of them counted down with release.
    #[inline(always)]
    pub(crate) fn is_one(&self) -> bool {
        self.0.load_acquire() == 1
    }

    /// Relaxed: the caller has a handle already, and a new holder on another
    /// thread gets its own by whatever hands it over.
    #[inline(always)]
    pub(crate) fn up(&self) {
        if self.0.fetch_add_relaxed(1) > MAX {
            abort();
        }
    }

    /// Ends one reference, and returns `true` if it was the last. Then the node is the
    /// caller's alone, with all that former holders did.
    ///
    /// A sole holder need not write: no other is left to read the count.
    #[inline(always)]
    #[must_use]
    pub(crate) fn down(&self) -> bool {
        if W::LOOK_FIRST && self.is_one() {
            return true;
        }
        if self.0.fetch_sub_release(1) != 1 {
            return false;
        }
        self.0.fence_acquire();
        true
    }
}

/// Ends the process: a panic that meets another while unwinding.
#[cold]
fn abort() -> ! {
    struct Again;
    impl Drop for Again {
        fn drop(&mut self) {
            panic!("a map's node has more than 2^31 holders");
        }
    }
    let _again = Again;
    panic!("a map's node has more than 2^31 holders");
}

#[cfg(all(test, not(miri), not(loom)))] // Miri starts no processes.
mod tests {
    use std::{env, process::Command, string::String};

    use super::*;

    const CASE: &str = "HAMT_TEST_COUNTS";
    const WENT_ON: &str = "the process went on";

    fn count_beyond_the_limit<W: Word>() {
        let count = Count(W::new(MAX));
        count.up();
        std::println!("at the limit");
        count.up();
        std::println!("{WENT_ON}");
    }

    /// Runs itself for each word as a child process, which is this program with the environment
    /// variable [`CASE`].
    #[test]
    fn more_holders_than_a_count_takes_end_the_process() {
        match env::var(CASE).as_deref() {
            Ok("atomic") => return count_beyond_the_limit::<AtomicU32>(),
            Ok(_) => return count_beyond_the_limit::<Cell<u32>>(),
            Err(_) => {}
        }
        let test = "word::tests::more_holders_than_a_count_takes_end_the_process";
        for case in ["atomic", "plain"] {
            let output = Command::new(env::current_exe().expect("a path"))
                .args([test, "--exact", "--nocapture"])
                .env(CASE, case)
                .output()
                .expect("the program starts");
            let [stdout, stderr] = [output.stdout, output.stderr]
                .map(|text| String::from_utf8_lossy(&text).into_owned());
            let ended = !output.status.success()
                && stdout.contains("at the limit")
                && !stdout.contains(WENT_ON)
                && stderr.contains("more than 2^31 holders");
            assert!(ended, "{case}: {stdout}{stderr}");
        }
    }
}
