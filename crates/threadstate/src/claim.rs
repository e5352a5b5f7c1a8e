//! The word in each context that says which thread is in it.

use crate::primitive::{AtomicU64, Ordering};
use crate::{ThreadId, Word};

/// The thread that holds a context, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holder {
    /// No thread: the context can be entered.
    Free,
    /// This thread, which has entered the context.
    EnteredBy(ThreadId),
    /// This thread, whose base context it is: current there whenever nothing
    /// is entered, and never entered itself.
    BaseOf(ThreadId),
}

/// A context's claim: free, entered by one thread, or the base of one thread.
///
/// It is one word, atomic unless contexts stay on one thread. If two threads enter one
/// context, exactly one succeeds. [`Thread`](crate::Thread) takes and releases it.
///
/// The word is `0` when free, else the thread's id shifted left by one,
/// with the lowest bit set for a base.
#[derive(Debug, Default)]
pub struct Claim<W = AtomicU64>(W);

/// The state of a context, with the context's claim in it.
pub trait Claimed {
    /// The word of the claim: `AtomicU64`, or `Cell<u64>` for contexts that stay on one thread.
    type Word: Word;

    /// Returns the claim, at the same address each time.
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
    /// Creates the claim of a context that no thread holds. For another word than
    /// `AtomicU64`, use `default`.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<W: Word> Claim<W> {
    /// Returns which thread holds the context at this moment.
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

    /// Returns `true` if any thread has entered the context. A thread's base context
    /// is not entered.
    #[inline]
    pub fn is_entered(&self) -> bool {
        matches!(self.holder(), Holder::EnteredBy(_))
    }

    /// Calls `f` if no thread holds the context, and returns `None` otherwise. No thread
    /// can enter the context during the call, since the claim is taken.
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
        // Relaxed, both: whatever moves the context from one thread to another orders
        // them.
        if self.0.load(Ordering::Relaxed) != FREE {
            return false;
        }
        self.0.store(thread.get() << 1, Ordering::Relaxed);
        true
    }

    #[inline]
    fn try_take(&self, word: u64) -> bool {
        // Acquire pairs with the Release in `release`: the new owner sees all
        // that the last one did. A failed attempt reads nothing of the
        // context, so Relaxed suffices there.
        self.0.replace(FREE, word, Ordering::Acquire)
    }

    /// Makes `thread` the holder. It has received the frame that took the claim.
    pub(crate) fn hand_over(&self, thread: ThreadId) {
        // Relaxed, both: whatever moved the frame to this thread orders them, and the word
        // publishes nothing while it is taken.
        let base = self.0.load(Ordering::Relaxed) & BASE;
        self.0.store(thread.get() << 1 | base, Ordering::Relaxed);
    }

    /// Frees the context. Only the owner of the claim calls this, so a plain store
    /// cannot overwrite the claim of another thread.
    #[inline]
    pub(crate) fn release(&self) {
        self.0.store(FREE, Ordering::Release);
    }
}
