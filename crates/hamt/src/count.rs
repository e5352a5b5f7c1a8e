use crate::kind::{Contents, PointerKind, Word, sealed::Kind};

/// How many hold a node or an entry.
///
/// There are no weak holders. So whoever reads a count of one, and holds that
/// one, knows that it is alone: nobody else is left to count up.
pub(crate) struct Count<P: PointerKind>(<P as Kind>::Word, <P as Kind>::Contents);

/// Counting up from more than this aborts, as `Arc` does. The count cannot wrap
/// before that: a step adds at most [`u8::MAX`], so it would take eight million
/// threads between their addition and their abort.
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
        self.up_by(1);
    }

    /// Adds `holds` holds in one step. A small type, so that the count reaches
    /// [`MAX`] before it wraps.
    #[inline(always)]
    pub fn up_by(&self, holds: u8) {
        if self.0.fetch_add_relaxed(u32::from(holds)) > MAX {
            abort();
        }
    }

    /// As [`down`](Self::down), of so many holds.
    #[inline(always)]
    #[must_use]
    pub fn down_by(&self, holds: u8) -> bool {
        let holds = u32::from(holds);
        if self.0.fetch_sub_release(holds) != holds {
            return false;
        }
        self.0.fence_acquire();
        true
    }

    /// Ends one hold and tells whether it was the last. Then the node is the
    /// caller's alone, with all that former holders did.
    ///
    /// A sole holder need not write: nobody is left to read the count.
    #[inline(always)]
    #[must_use]
    pub fn down(&self) -> bool {
        <P as Kind>::Word::LOOK_FIRST && self.is_one() || self.down_by(1)
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
