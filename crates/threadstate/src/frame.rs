//! The frames of a thread's stack.
//!
//! A frame has a context and what is borrowed from it: its state, which is asked
//! for once, when the frame is made. There are two kinds. One owns its context, and
//! is in memory of its own. The other was lent the context for the length of a
//! call, and lives in the stack frame of that call; should the call end while it is
//! still on the stack, one of the first kind takes its place
//! ([`Frames::own_down_to`]).
//!
//! An owned context never moves, and nothing but shared borrows of a context is
//! given out while a frame has it. That is all it takes for the borrowed state to
//! stay valid: no host can break it by giving another state the next time it is
//! asked.
//!
//! Why this is sound; the blocks below refer to these numbers:
//!
//! 1. A frame is alive while it is on the stack or a [`Detached`] has it, and
//!    nothing else changes it.
//! 2. It leaves the stack in `pop`, `pop_if_top` and `own_down_to` alone. The first two
//!    refuse while anybody looks, the third takes frames away that were pushed after all who
//!    look now began to, so that they have not seen them.
//! 3. All of it is one thread's: [`Frames`] is not `Sync`.
//! 4. A lent frame, and its context, are borrowed for as long as it is on the
//!    stack: the promise of whoever calls [`Frames::push_lent`].
#![allow(unsafe_code)]

use crate::{Claimed, Stack, Stay};
use std::cell::Cell;
use std::mem::{self, MaybeUninit};
use std::ptr::NonNull;

pub(crate) struct Frame<S: Stack> {
    context: Held<S>,
    /// Invariant: borrowed from `context`. `None` where the claim is not taken.
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
    /// A frame of a context whose state is `state`, and whose claim is taken.
    #[inline]
    pub(crate) fn lent(context: &S::Context, state: &S::State) -> Self {
        Frame {
            context: Held::Lent(NonNull::from(context)),
            state: Cell::new(Some(NonNull::from(state))),
            below: Cell::new(None),
            outer: Cell::new(Stay::NONE),
        }
    }

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
    /// The memory of a frame that is gone, for the next.
    spare: Cell<Option<Box<MaybeUninit<Frame<S>>>>>,
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
        let memory = self.spare.take().unwrap_or_else(Box::new_uninit);
        let detached = Detached {
            frames: self,
            frame: NonNull::from(Box::leak(memory)).cast(),
        };
        // SAFETY: memory for a frame, which nobody else knows of.
        unsafe {
            detached.frame.write(Frame {
                context: Held::Owned(context),
                state: Cell::new(None),
                below: Cell::new(None),
                outer: Cell::new(Stay::NONE),
            });
        }
        let frame = detached.frame();
        let state = S::state(frame.context());
        if take(state) {
            frame.state.set(Some(NonNull::from(state)));
            Ok(detached)
        } else {
            Err(detached.into_context())
        }
    }

    /// Puts a frame that was lent its context on the stack, above a stay that goes
    /// on after it.
    ///
    /// # Safety
    ///
    /// When the borrow of the frame or of its context ends, it must be off the stack.
    #[inline]
    pub(crate) unsafe fn push_lent(&self, frame: &Frame<S>, outer: Stay) {
        frame.below.set(self.top.get());
        frame.outer.set(outer);
        self.top.set(Some(NonNull::from(frame)));
        self.len.set(self.len.get() + 1);
    }

    /// Takes a frame off the stack if it is on top, and gives the stay that goes on.
    ///
    /// # Panics
    ///
    /// While anybody looks at frames.
    #[inline]
    pub(crate) fn pop_if_top(&self, frame: &Frame<S>) -> Option<Stay> {
        self.assert_unseen();
        if self.top.get() != Some(NonNull::from(frame)) {
            return None;
        }
        self.top.set(frame.below.get());
        self.len.set(self.len.get() - 1);
        Some(frame.outer.get())
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
        self.assert_unseen();
        let detached = Detached {
            frames: self,
            frame: self.top.get()?,
        };
        self.top.set(detached.frame().below.get());
        self.len.set(self.len.get() - 1);
        let outer = detached.frame().outer.get();
        Some((detached, outer))
    }

    #[inline]
    fn assert_unseen(&self) {
        assert!(
            self.lookers.get() == 0,
            "code that is only to look at a thread's context has left it"
        );
    }

    /// Counts the frames above this one, if it is on the stack.
    #[cold]
    pub(crate) fn above(&self, frame: &Frame<S>) -> Option<usize> {
        let mut above = 0;
        let mut next = self.top.get();
        while let Some(one) = next {
            if one == NonNull::from(frame) {
                return Some(above);
            }
            above += 1;
            // SAFETY: 1: no code but this runs meanwhile.
            next = unsafe { one.as_ref() }.below.get();
        }
        None
    }

    /// Puts frames that own a context in the place of those that were lent theirs,
    /// which `clone` counts one more handle of: from the top down to this one, which
    /// must be on the stack.
    ///
    /// Ends the process where `clone` panics, or makes a handle of another context:
    /// what was lent goes now, and cannot be left behind.
    #[cold]
    pub(crate) fn own_down_to(&self, last: &Frame<S>, clone: impl Fn(&S::Context) -> S::Context) {
        /// Panics while a panic is under way, which ends the process.
        struct Unreturnable;
        impl Drop for Unreturnable {
            fn drop(&mut self) {
                panic!("a lent context could not be kept");
            }
        }
        let bomb = Unreturnable;
        let mut link = &self.top;
        // The host's code must not leave what is just looked at.
        let _looking = Looking::begin(&self.lookers);
        while let Some(place) = link.get() {
            // SAFETY: 1, and by 2 it stays so while `_looking` lives.
            let mut frame = unsafe { place.as_ref() };
            if let Held::Lent(_) = frame.context {
                let is_same = |state: &S::State| frame.state.get() == Some(NonNull::from(state));
                let Ok(owned) = self.claim(clone(frame.context()), is_same) else {
                    panic!("a handle of another context");
                };
                owned.frame().below.set(frame.below.get());
                owned.frame().outer.set(frame.outer.get());
                link.set(Some(owned.frame));
                // SAFETY: now on the stack, so as above.
                frame = unsafe { owned.frame.as_ref() };
                mem::forget(owned);
            }
            if place == NonNull::from(last) {
                break;
            }
            link = &frame.below;
        }
        mem::forget(bomb);
    }

    /// Shows the top.
    #[inline(always)]
    pub(crate) fn look<R>(&self, f: impl FnOnce(Option<Current<'_, S>>) -> R) -> R {
        let _looking = Looking::begin(&self.lookers);
        // SAFETY: 1, and by 2 it stays so while `_looking` lives.
        let top = self.top.get().map(|frame| unsafe { frame.as_ref() });
        f(top.and_then(Frame::show))
    }

    /// Shows every context, from the top down, and whether the frame owns it.
    pub(crate) fn look_down(&self, mut f: impl FnMut(&S::Context, bool)) {
        let _looking = Looking::begin(&self.lookers);
        let mut next = self.top.get();
        while let Some(frame) = next {
            // SAFETY: as in `look`.
            let frame = unsafe { frame.as_ref() };
            f(frame.context(), matches!(frame.context, Held::Owned(_)));
            next = frame.below.get();
        }
    }
}

impl<S: Stack> Drop for Frames<S> {
    fn drop(&mut self) {
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
/// enter, if it has the claim, and then drops the context, if it owns it.
pub(crate) struct Detached<'a, S: Stack> {
    frames: &'a Frames<S>,
    /// Invariant: nobody else changes it.
    frame: NonNull<Frame<S>>,
}

impl<S: Stack> Detached<'_, S> {
    #[inline]
    fn frame(&self) -> &Frame<S> {
        // SAFETY: 1, and 4.
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
        let frame = self.frame;
        let memory = Memory(self.frames, frame);
        mem::forget(self);
        // SAFETY: the frame is gone, and its context moves out.
        match unsafe { frame.read() }.context {
            Held::Owned(context) => {
                drop(memory);
                context
            }
            Held::Lent(_) => {
                mem::forget(memory);
                unreachable!("a lent context is taken out")
            }
        }
    }

    /// Gives up the claim. Nothing looks at the state any more: others may
    /// change it from here on.
    #[inline]
    fn release(&self) {
        if let Some(state) = self.frame().state.take() {
            // SAFETY: the frame still has the context.
            unsafe { state.as_ref() }.claim().release();
        }
    }
}

impl<S: Stack> Drop for Detached<'_, S> {
    #[inline]
    fn drop(&mut self) {
        self.release();
        if let Held::Owned(_) = self.frame().context {
            let _memory = Memory(self.frames, self.frame);
            // SAFETY: nobody else knows of the frame, and it is not used again.
            unsafe { self.frame.drop_in_place() }
        }
    }
}

/// The memory of a frame that owned its context and is gone: kept for the next when
/// this is dropped.
struct Memory<'a, S: Stack>(&'a Frames<S>, NonNull<Frame<S>>);

impl<S: Stack> Drop for Memory<'_, S> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: from a box, and what was in it is gone.
        let memory = unsafe { Box::from_raw(self.1.cast().as_ptr()) };
        self.0.spare.set(Some(memory));
    }
}
