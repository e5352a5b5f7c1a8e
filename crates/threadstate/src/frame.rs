//! The frames of a thread's stack.
//!
//! A frame has a context, owned or lent for the length of a call, and what is
//! borrowed from it: its state, which is asked for once, when the frame is made.
//! An owned context never moves, and nothing but shared borrows of a context is
//! given out until its frame is dropped. That is all it takes for the borrowed
//! state to stay valid: no host can break it by giving another state the next
//! time it is asked.
//!
//! Why this is sound; the blocks below refer to these numbers:
//!
//! 1. A frame is alive while it is on the stack or a [`Detached`] has it, and
//!    nothing else knows of it.
//! 2. It leaves the stack in `pop` alone, and is changed in `own` alone, which
//!    refuse while anybody looks.
//! 3. All of it is one thread's: [`Frames`] is not `Sync`.
//! 4. A lent context is borrowed for as long as its frame has it: the promise of
//!    whoever calls [`Frames::claim_lent`].
#![allow(unsafe_code)]

use crate::{Claimed, Stack, Stay};
use std::cell::Cell;
use std::mem::{self, ManuallyDrop};
use std::ptr::NonNull;

struct Frame<S: Stack> {
    context: Held<S>,
    /// Invariant: borrowed from `context`. `None` while the frame is made, when
    /// the claim is not taken yet.
    state: Cell<Option<NonNull<S::State>>>,
    below: Cell<Option<NonNull<Frame<S>>>>,
    /// The stay that goes on when this one ends.
    outer: Cell<Stay>,
}

/// A context in a frame.
enum Held<S: Stack> {
    Owned(S::Context),
    /// Invariant: 4.
    Lent(NonNull<S::Context>),
}

impl<S: Stack> Frame<S> {
    #[inline]
    fn context(&self) -> &S::Context {
        match &self.context {
            Held::Owned(context) => context,
            // SAFETY: 4.
            Held::Lent(context) => unsafe { context.as_ref() },
        }
    }

    #[inline]
    fn state(&self) -> Option<&S::State> {
        // SAFETY: by the invariant; the context does not move, and is not changed.
        self.state.get().map(|state| unsafe { state.as_ref() })
    }

    #[inline]
    fn show(&self) -> Option<Current<'_, S>> {
        let (context, state) = (self.context(), self.state()?);
        Some(Current { context, state })
    }
}

/// A thread's stack, the current context on top.
pub(crate) struct Frames<S: Stack> {
    top: Cell<Option<NonNull<Frame<S>>>>,
    len: Cell<usize>,
    /// How many look at frames now.
    lookers: Cell<usize>,
    /// The memory of frames that are gone, for the next ones.
    spare: Cell<Option<NonNull<Spare<S>>>>,
}

/// The memory of a frame.
union Spare<S: Stack> {
    #[expect(dead_code, reason = "says how large it is")]
    frame: ManuallyDrop<Frame<S>>,
    /// While there is no frame in it.
    next: Option<NonNull<Spare<S>>>,
}

// SAFETY: what is reached through it is the contexts, which go along, and their
// states, which are borrowed.
unsafe impl<S: Stack> Send for Frames<S>
where
    S::Context: Send,
    S::State: Sync,
{
}

/// The current context of a thread, as seen for a moment.
pub struct Current<'a, S: Stack> {
    context: &'a S::Context,
    state: &'a S::State,
}

impl<S: Stack> Clone for Current<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Stack> Copy for Current<'_, S> {}

impl<'a, S: Stack> Current<'a, S> {
    /// Gives the context.
    #[inline]
    pub fn context(self) -> &'a S::Context {
        self.context
    }

    /// Gives the context's state, whose claim is the thread's for `'a`.
    #[inline]
    pub fn state(self) -> &'a S::State {
        self.state
    }
}

impl<S: Stack> Frames<S> {
    pub(crate) const fn new() -> Self {
        Frames {
            top: Cell::new(None),
            len: Cell::new(0),
            lookers: Cell::new(0),
            spare: Cell::new(None),
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len.get()
    }

    /// Makes a frame of a context if `take` gets the claim in its state.
    ///
    /// # Errors
    ///
    /// Gives the context back.
    #[inline]
    pub(crate) fn claim(
        &self,
        context: S::Context,
        take: impl FnOnce(&S::State) -> bool,
    ) -> Result<Detached<'_, S>, S::Context> {
        self.make(Held::Owned(context), take)
            .map_err(Detached::into_context)
    }

    /// As [`claim`](Self::claim), of a context that is lent.
    ///
    /// # Safety
    ///
    /// When the borrow ends, the frame must have been dropped, or have got a
    /// context of its own from [`own`](Self::own).
    #[inline]
    pub(crate) unsafe fn claim_lent(
        &self,
        context: &S::Context,
        take: impl FnOnce(&S::State) -> bool,
    ) -> Option<Detached<'_, S>> {
        self.make(Held::Lent(NonNull::from(context)), take).ok()
    }

    /// Gives the frame as the error if `take` does not get the claim.
    #[inline]
    fn make(
        &self,
        context: Held<S>,
        take: impl FnOnce(&S::State) -> bool,
    ) -> Result<Detached<'_, S>, Detached<'_, S>> {
        let detached = Detached {
            frames: self,
            frame: self.memory(),
        };
        // SAFETY: memory for a frame, which nobody else knows of.
        unsafe {
            detached.frame.write(Frame {
                context,
                state: Cell::new(None),
                below: Cell::new(None),
                outer: Cell::new(Stay::NONE),
            });
        }
        let frame = detached.frame();
        let state = S::state(frame.context());
        if !take(state) {
            return Err(detached);
        }
        frame.state.set(Some(NonNull::from(state)));
        Ok(detached)
    }

    /// Memory for a frame.
    #[inline]
    fn memory(&self) -> NonNull<Frame<S>> {
        let Some(spare) = self.spare.get() else {
            return NonNull::from(Box::leak(Box::new(Spare::<S> { next: None }))).cast();
        };
        // SAFETY: a spare one has the next in it, and is nobody's.
        self.spare.set(unsafe { spare.as_ref().next });
        spare.cast()
    }

    /// Puts a frame on the stack, above a stay that goes on after it.
    #[inline]
    pub(crate) fn push(&self, detached: Detached<'_, S>, outer: Stay) {
        detached.frame().below.set(self.top.get());
        detached.frame().outer.set(outer);
        self.top.set(Some(detached.frame));
        self.len.set(self.len.get() + 1);
        mem::forget(detached);
    }

    /// Takes the top off the stack, and gives the stay that goes on.
    ///
    /// # Panics
    ///
    /// While anybody looks at frames.
    #[inline]
    pub(crate) fn pop(&self) -> Option<(Detached<'_, S>, Stay)> {
        assert!(
            self.lookers.get() == 0,
            "code that is only to look at a thread's context has left it"
        );
        let detached = Detached {
            frames: self,
            frame: self.top.get()?,
        };
        self.top.set(detached.frame().below.get());
        self.len.set(self.len.get() - 1);
        let outer = detached.frame().outer.get();
        Some((detached, outer))
    }

    /// Gives frames a context of their own that `clone` makes of the one that they
    /// were lent: all but the lowest `kept`.
    ///
    /// Ends the process where `clone` panics, or makes a handle to another context:
    /// what was lent goes now, and cannot be left behind.
    #[cold]
    pub(crate) fn own(&self, kept: usize, clone: impl Fn(&S::Context) -> S::Context) {
        /// Panics while a panic is under way, which ends the process.
        struct Unreturnable;
        impl Drop for Unreturnable {
            fn drop(&mut self) {
                panic!("a lent context could not be kept");
            }
        }
        let bomb = Unreturnable;
        let mut next = self.top.get();
        for _ in kept..self.len.get() {
            let Some(frame) = next else { break };
            // SAFETY: 1, and by 2 it stays so while `_looking` lives.
            let shown = unsafe { frame.as_ref() };
            let _looking = Looking::begin(&self.lookers);
            if let Held::Lent(_) = shown.context {
                let own = Held::Owned(clone(shown.context()));
                // SAFETY: 1, and who looks began to before the frame was there.
                unsafe { (*frame.as_ptr()).context = own };
                // SAFETY: as for `shown`.
                let owning = unsafe { frame.as_ref() };
                let state = NonNull::from(S::state(owning.context()));
                assert_eq!(owning.state.get(), Some(state), "a handle to another context");
            }
            // SAFETY: as for `shown`.
            next = unsafe { frame.as_ref() }.below.get();
        }
        mem::forget(bomb);
    }

    /// Shows the top.
    #[inline]
    pub(crate) fn look<R>(&self, f: impl FnOnce(Option<Current<'_, S>>) -> R) -> R {
        let _looking = Looking::begin(&self.lookers);
        // SAFETY: 1, and by 2 it stays so while `_looking` lives.
        let top = self.top.get().map(|frame| unsafe { frame.as_ref() });
        f(top.and_then(Frame::show))
    }

    /// Shows every context, from the top down.
    pub(crate) fn look_down(&self, mut f: impl FnMut(&S::Context)) {
        let _looking = Looking::begin(&self.lookers);
        let mut next = self.top.get();
        while let Some(frame) = next {
            // SAFETY: as in `look`.
            let frame = unsafe { frame.as_ref() };
            f(frame.context());
            next = frame.below.get();
        }
    }
}

impl<S: Stack> Drop for Frames<S> {
    fn drop(&mut self) {
        /// Gives the memory back, when all else is done.
        struct Memory<'a, S: Stack>(&'a Frames<S>);
        impl<S: Stack> Drop for Memory<'_, S> {
            fn drop(&mut self) {
                while let Some(spare) = self.0.spare.take() {
                    // SAFETY: from a box, and there is the next one in it.
                    let spare = unsafe { Box::from_raw(spare.as_ptr()) };
                    // SAFETY: as above.
                    self.0.spare.set(unsafe { spare.next });
                }
            }
        }
        /// Goes on with the others where the drop of one panics.
        struct Rest<'a, S: Stack>(&'a Frames<S>);
        impl<S: Stack> Drop for Rest<'_, S> {
            fn drop(&mut self) {
                while let Some(frame) = self.0.pop() {
                    let rest = Rest(self.0);
                    drop(frame);
                    mem::forget(rest);
                }
            }
        }
        let _memory = Memory(self);
        drop(Rest(self));
    }
}

/// Counts as a look at frames until dropped.
struct Looking<'a>(&'a Cell<usize>);

impl<'a> Looking<'a> {
    #[inline]
    fn begin(lookers: &'a Cell<usize>) -> Self {
        lookers.set(lookers.get() + 1);
        Looking(lookers)
    }
}

impl Drop for Looking<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A frame that is not on the stack. Dropping it frees its context for others to
/// enter, if it has the claim, and then drops the context.
pub(crate) struct Detached<'a, S: Stack> {
    frames: &'a Frames<S>,
    /// Invariant: nobody else knows of it.
    frame: NonNull<Frame<S>>,
}

impl<S: Stack> Detached<'_, S> {
    #[inline]
    fn frame(&self) -> &Frame<S> {
        // SAFETY: 1.
        unsafe { self.frame.as_ref() }
    }

    /// The state in its context, whose claim is taken.
    #[inline]
    pub(crate) fn state(&self) -> Option<&S::State> {
        self.frame().state()
    }

    /// Frees the context for others to enter, and gives it.
    ///
    /// # Panics
    ///
    /// If it is lent.
    #[inline]
    pub(crate) fn into_context(self) -> S::Context {
        self.release();
        let memory = Memory::of(&self);
        mem::forget(self);
        // SAFETY: the frame is gone, and its context moves out.
        match unsafe { memory.frame.read() }.context {
            Held::Owned(context) => context,
            Held::Lent(_) => unreachable!("a lent context is taken out"),
        }
    }

    /// Gives up the claim. Nothing looks at the state any more: others may
    /// change it from here on.
    #[inline]
    fn release(&self) {
        if let Some(state) = self.state() {
            state.claim().release();
        }
        self.frame().state.set(None);
    }
}

impl<S: Stack> Drop for Detached<'_, S> {
    #[inline]
    fn drop(&mut self) {
        self.release();
        let memory = Memory::of(self);
        // SAFETY: nobody else knows of the frame, and it is not used again.
        unsafe { memory.frame.drop_in_place() }
    }
}

/// The memory of a frame that is gone: kept for the next when this is dropped.
struct Memory<'a, S: Stack> {
    frames: &'a Frames<S>,
    frame: NonNull<Frame<S>>,
}

impl<'a, S: Stack> Memory<'a, S> {
    #[inline]
    fn of(detached: &Detached<'a, S>) -> Self {
        Memory {
            frames: detached.frames,
            frame: detached.frame,
        }
    }
}

impl<S: Stack> Drop for Memory<'_, S> {
    #[inline]
    fn drop(&mut self) {
        let spare: NonNull<Spare<S>> = self.frame.cast();
        let next = self.frames.spare.replace(Some(spare));
        // SAFETY: what was in it is gone.
        unsafe { spare.write(Spare { next }) };
    }
}
