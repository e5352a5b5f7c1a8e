//! The word in each context that says which thread is in it.

use crate::sync::{AtomicU64, Ordering};
use crate::{ThreadId, Word};

/// Who holds a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// No thread: the context can be entered.
    Free,
    /// It has been entered by this thread.
    EnteredBy(ThreadId),
    /// It is the base context of this thread: current there whenever nothing
    /// is entered, and never entered itself.
    BaseOf(ThreadId),
}

/// A context's claim: free, entered by one thread, or the base of one thread.
///
/// One word, atomic unless contexts stay on one thread: of two threads that enter one
/// context exactly one wins. It is taken and given back by [`Thread`](crate::Thread) alone.
///
/// The word is `0` when free, else the thread's number shifted left by one,
/// with the lowest bit set for a base.
#[derive(Debug, Default)]
pub struct Claim<W = AtomicU64>(W);

/// What has a claim: the state of a context, of which the claim is a part.
pub trait Claimed {
    /// The word of the claim: `AtomicU64`, or `Cell<u64>` for contexts that stay on one thread.
    type Word: Word;

    /// Returns the claim, the same one each time.
    fn claim(&self) -> &Claim<Self::Word>;

    /// Returns the same claim, borrowed exclusively.
    fn claim_mut(&mut self) -> &mut Claim<Self::Word>;
}

impl<W: Word> Claimed for Claim<W> {
    type Word = W;

    fn claim(&self) -> &Self {
        self
    }

    fn claim_mut(&mut self) -> &mut Self {
        self
    }
}

/// The default of a word.
const FREE: u64 = 0;
const BASE: u64 = 1;

impl Claim {
    /// Creates the claim of a context that no thread is in. One with another word than
    /// `AtomicU64` is created by `default`.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<W: Word> Claim<W> {
    /// Returns who holds the context at this moment.
    #[inline]
    pub fn holder(&self) -> Holder {
        // Acquire: a thread that sees a context free also sees all that its last owner
        // did in it.
        let word = self.0.load(Ordering::Acquire);
        match ThreadId::from_number(word >> 1) {
            None => Holder::Free,
            Some(thread) if word & BASE == 0 => Holder::EnteredBy(thread),
            Some(thread) => Holder::BaseOf(thread),
        }
    }

    /// Returns `true` if the context has been entered, by whichever thread. The
    /// base context of a thread has not.
    #[inline]
    pub fn is_entered(&self) -> bool {
        matches!(self.holder(), Holder::EnteredBy(_))
    }

    /// Calls `f` while no thread is in the context or can enter it, if none is: the claim
    /// is taken for the time of the call.
    pub fn while_free<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        /// Frees it on every path.
        struct Taken<'a, W: Word>(&'a Claim<W>);
        impl<W: Word> Drop for Taken<'_, W> {
            fn drop(&mut self) {
                self.0.release();
            }
        }
        if !self.try_enter(ThreadId::next()) {
            return None;
        }
        let _taken = Taken(self);
        Some(f())
    }

    #[inline]
    pub(crate) fn try_enter(&self, thread: ThreadId) -> bool {
        self.try_take(thread.get() << 1)
    }

    pub(crate) fn try_base(&self, thread: ThreadId) -> bool {
        self.try_take(thread.get() << 1 | BASE)
    }

    /// As [`try_enter`](Self::try_enter), where no other code can reach the context: no
    /// thread can take the claim meanwhile, so plain loads and stores suffice.
    #[inline]
    pub(crate) fn try_enter_alone(&mut self, thread: ThreadId) -> bool {
        // Relaxed, both: what hands the context on to another thread, or has
        // handed it on to this one, orders them.
        if self.0.load(Ordering::Relaxed) != FREE {
            return false;
        }
        self.0.store(thread.get() << 1, Ordering::Relaxed);
        true
    }

    #[inline]
    fn try_take(&self, word: u64) -> bool {
        // Acquire pairs with the Release in `release`: the new runner sees all
        // that the last one did. A failed attempt reads nothing of the
        // context, so Relaxed will do there.
        self.0.replace(FREE, word, Ordering::Acquire)
    }

    /// Makes another thread the holder, which has been handed the frame that took the claim.
    pub(crate) fn hand_over(&self, thread: ThreadId) {
        // Relaxed, both: whatever handed the frame to this thread orders them, and the word
        // publishes nothing while it is taken.
        let base = self.0.load(Ordering::Relaxed) & BASE;
        self.0.store(thread.get() << 1 | base, Ordering::Relaxed);
    }

    /// Frees the context. Only the frame that took the claim calls this, so a
    /// plain store cannot overwrite somebody else's.
    #[inline]
    pub(crate) fn release(&self) {
        self.0.store(FREE, Ordering::Release);
    }
}
