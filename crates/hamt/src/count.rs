use crate::kind::{Contents, PointerKind, Word, sealed::Kind};

/// How many hold a node or an entry.
///
/// There are no weak holders. So whoever reads a count of one, and holds that
/// one, knows that it is alone: nobody else is left to count up.
pub(crate) struct Count<P: PointerKind>(<P as Kind>::Word, <P as Kind>::Contents);

/// Counting up from more than this aborts, as `Arc` does. The count cannot wrap
/// before that: it would take two billion threads between their addition and their abort.
const MAX: u32 = i32::MAX as u32;

impl<P: PointerKind> Count<P> {
    #[inline(always)]
    pub fn one() -> Self {
        Self(Word::new(1), Contents::new())
    }

    /// Tells whether the caller's hold is the only one. If so, all that former
    /// holders did is visible: the last of them counted down with release.
    #[inline(always)]
    pub fn is_one(&self) -> bool {
        self.0.load_acquire() == 1
    }

    /// Relaxed: the caller holds the node already, and a new holder on another
    /// thread gets it by whatever hands it over.
    #[inline(always)]
    pub fn up(&self) {
        if self.0.fetch_add_relaxed(1) > MAX {
            abort();
        }
    }

    /// Ends one hold and tells whether it was the last. Then the node is the
    /// caller's alone, with all that former holders did.
    ///
    /// A sole holder need not write: nobody is left to read the count.
    #[inline(always)]
    #[must_use]
    pub fn down(&self) -> bool {
        if <P as Kind>::Word::LOOK_FIRST && self.is_one() {
            return true;
        }
        if self.0.fetch_sub_release(1) != 1 {
            return false;
        }
        self.0.fence_acquire();
        true
    }

    /// Notes a read of what is counted, for a model checker.
    #[inline(always)]
    pub fn note_read(&self) {
        self.1.read();
    }

    /// Notes that what is counted changes or goes, for a model checker.
    #[inline(always)]
    pub fn note_write(&self) {
        self.1.write();
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
    use crate::kind::{ArcKind, RcKind};

    const CASE: &str = "HAMT_TEST_COUNTS";
    const WENT_ON: &str = "the process went on";

    /// Counts up from just below the limit to beyond it, in a child process, which is
    /// this program with the environment variable [`CASE`].
    fn assert_aborts<P: PointerKind>(test: &str) {
        if env::var_os(CASE).is_some() {
            let count = Count::<P>(Word::new(MAX), Contents::new());
            count.up();
            std::println!("at the limit");
            count.up();
            std::println!("{WENT_ON}");
            return;
        }
        let output = Command::new(env::current_exe().expect("a path"))
            .args([test, "--exact", "--nocapture"])
            .env(CASE, "")
            .output()
            .expect("the program starts");
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(!output.status.success(), "{stdout}{stderr}");
        assert!(stdout.contains("at the limit"), "{stdout}{stderr}");
        assert!(!stdout.contains(WENT_ON), "{stdout}{stderr}");
        assert!(
            stderr.contains("more than 2^31 holders"),
            "{stdout}{stderr}"
        );
    }

    #[test]
    fn more_holders_than_an_atomic_count_takes_end_the_process() {
        assert_aborts::<ArcKind>(
            "count::tests::more_holders_than_an_atomic_count_takes_end_the_process",
        );
    }

    #[test]
    fn more_holders_than_a_plain_count_takes_end_the_process() {
        assert_aborts::<RcKind>(
            "count::tests::more_holders_than_a_plain_count_takes_end_the_process",
        );
    }
}
