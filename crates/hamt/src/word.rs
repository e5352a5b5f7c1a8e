//! The words that threads share: a node's reference count, and a table's state with its
//! lock bit. They are atomic, plain for maps that stay on one thread, or loom's
//! ([`crate::model`]).

use core::{
    cell::Cell,
    hint,
    sync::atomic::{AtomicU32, Ordering, fence},
};

use crate::state::State;

/// A 32-bit word that holders of one node share.
pub trait Word {
    /// Whether reading the word costs much less than changing it, so that a read is
    /// worthwhile if it may avoid a change.
    const LOOK_FIRST: bool;

    fn new(value: u32) -> Self;

    fn load_acquire(&self) -> u32;

    /// Stores `value`, and publishes what was written before.
    fn store_release(&self, value: u32);

    /// Wraps on overflow: the caller must check the result.
    fn fetch_add_relaxed(&self, value: u32) -> u32;

    fn fetch_sub_release(&self, value: u32) -> u32;

    /// Waits until [`State::LOCKED`] is clear, sets the bits `held`, and returns the old
    /// word. Acquires what was written before the bit was cleared.
    ///
    /// If the bit was set in another generation of processes, changes nothing and returns
    /// the word, with the bit set.
    fn lock_bit(&self, held: u32) -> u32;

    /// Acquires what was released to this word, after a
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
/// code. The waiter yields, since the system may have put the holder to sleep.
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

    /// The bit is never set here: there is one thread, and no foreign code runs under the lock.
    #[inline(always)]
    fn lock_bit(&self, held: u32) -> u32 {
        self.replace(self.get() | held)
    }

    #[inline(always)]
    fn fence_acquire(&self) {}
}

/// A reference count.
///
/// There are no weak references. So a holder that reads one is the only holder. No other thread can
/// increment the count, unless a table on the way to the node is borrowed from: then a borrower counts
/// a child that its owner holds ([`crate::share`]). So the count is read only below tables without
/// borrowers.
#[derive(Debug)]
#[repr(transparent)]
pub struct Count<W>(W);

/// Incrementing a count beyond this aborts, as for `Arc`. The count cannot wrap before that: two
/// billion threads would have to be between their increment and their abort.
const MAX: u32 = i32::MAX as u32;

impl<W: Word> Count<W> {
    #[inline(always)]
    pub(crate) fn one() -> Self {
        Self(W::new(1))
    }

    /// Returns `true` if the caller's handle is the only one. Then all that former holders
    /// did is visible: they decremented with release.
    #[inline(always)]
    pub(crate) fn is_one(&self) -> bool {
        self.0.load_acquire() == 1
    }

    /// Relaxed: the caller has or borrows a handle already, and whatever moves the new one to
    /// another thread orders it.
    #[inline(always)]
    pub(crate) fn up(&self) {
        // The new count, not the old one: its sign is a result of the increment itself.
        if self.0.fetch_add_relaxed(1).wrapping_add(1) > MAX {
            abort();
        }
    }

    /// Decrements the count, and returns `true` if this was the last reference. Then the
    /// caller is the node's only user, and all that former holders did is visible.
    ///
    /// The only holder need not write, since no other reads the count.
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

/// Aborts the process: panics while another panic unwinds.
#[cold]
fn abort() -> ! {
    struct Again;
    impl Drop for Again {
        fn drop(&mut self) {
            panic!("a map's node has 2^31 holders");
        }
    }
    let _again = Again;
    panic!("a map's node has 2^31 holders");
}

#[cfg(all(test, not(miri), not(loom)))] // Miri starts no processes.
mod tests {
    use std::{env, process::Command, string::String};

    use super::*;

    const CASE: &str = "HAMT_TEST_COUNTS";
    const WENT_ON: &str = "the process went on";

    fn count_beyond_the_limit<W: Word>() {
        let count = Count(W::new(MAX - 1));
        count.up();
        std::println!("at the limit");
        count.up();
        std::println!("{WENT_ON}");
    }

    /// Runs itself as a child process for each word, with the environment variable [`CASE`].
    #[test]
    fn too_many_holders_abort_the_process() {
        match env::var(CASE).as_deref() {
            Ok("atomic") => return count_beyond_the_limit::<AtomicU32>(),
            Ok(_) => return count_beyond_the_limit::<Cell<u32>>(),
            Err(_) => {}
        }
        let test = "word::tests::too_many_holders_abort_the_process";
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
                && stderr.contains("2^31 holders");
            assert!(ended, "{case}: {stdout}{stderr}");
        }
    }
}
