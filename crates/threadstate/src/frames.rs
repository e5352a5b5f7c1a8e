//! The frames of a thread's stack of contexts.
//!
//! The frames are in the thread's state, and never in a native stack. So they stay valid
//! when the native stack of a call is copied away (greenlets), vanishes (fork, a thread
//! that never returns) or is one of many (coroutines).
//!
//! Why this is sound; the `unsafe` blocks below refer to these numbers:
//!
//! 1. All of it belongs to one thread: [`Frames`] is not `Sync`. No reference into
//!    `current` or `below` outlives the few lines that make it, and these lines run
//!    no code of a host.
//! 2. A handle is a pointer to a context whose state does not move, and a bitwise
//!    copy of it can be used in its place while the original lives (the contract
//!    of [`Stack`]).
//! 3. The handle in a frame is valid until the frame is taken off. If the frame owns it,
//!    it is dropped after that. If it is borrowed, the frame is taken off before the
//!    borrow ends, or gets a handle of its own: the promise of the callers of
//!    [`Handle::borrowed`].
//! 4. No frame is taken off the stack while `lookers` is not 0.
#![allow(unsafe_code)]

mod below;

use self::below::Below;
use crate::id::By;
use crate::{Activation, Claimed, Stack, SuspendError};
use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

/// A handle for a new frame.
// `MaybeUninit`: a copy of a handle such as `Box` must not claim to be unique.
pub(crate) struct Handle<S: Stack>(MaybeUninit<S::Context>);

impl<S: Stack> Handle<S> {
    /// Creates a handle that the frame owns.
    #[inline]
    pub(crate) fn owned(context: S::Context) -> Self {
        Handle(MaybeUninit::new(context))
    }

    /// Creates an uncounted copy of a handle, for a frame that does not own it.
    ///
    /// # Safety
    ///
    /// Before the borrow of `context` ends, the frame must be taken off the stack, or
    /// [own](Frames::own) another handle.
    #[inline]
    pub(crate) unsafe fn borrowed(context: &S::Context) -> Self {
        // SAFETY: read as plain bytes; 2.
        Handle(unsafe { ptr::from_ref(context).cast::<MaybeUninit<_>>().read() })
    }
}

/// An entry of a thread's stack: a context whose claim the thread has.
struct Frame<S: Stack> {
    /// Uninitialized where `activation` is [`Activation::NONE`].
    context: MaybeUninit<S::Context>,
    activation: Activation,
}

impl<S: Stack> Frame<S> {
    const VACANT: Self = Frame {
        context: MaybeUninit::uninit(),
        activation: Activation::NONE,
    };

    #[inline]
    fn is_owned(&self) -> bool {
        S::RUN_COUNTS || self.activation.by() != By::Run
    }

    /// Copies the frame, and with it the handle.
    #[inline(always)]
    fn copy(&self) -> Self {
        // SAFETY: read as plain bytes; a frame has no drop.
        unsafe { ptr::read(self) }
    }
}

/// A frame that is off the stack. Dropping it frees the context, which can then be
/// entered again, and drops the handle if the frame owns one.
pub(crate) struct Taken<S: Stack>(Frame<S>, PhantomData<*const S::State>);

// SAFETY: as for `Frames`: the handle moves along (`Context: Send`), and the state is
// reached by shared reference (`State: Sync`).
unsafe impl<S: Stack> Send for Taken<S>
where
    S::Context: Send,
    S::State: Sync,
{
}

impl<S: Stack> Taken<S> {
    #[inline(always)]
    fn of(frame: Frame<S>) -> Self {
        Taken(frame, PhantomData)
    }
}

impl<S: Stack> Taken<S> {
    #[inline]
    pub(crate) fn activation(&self) -> Activation {
        self.0.activation
    }

    pub(crate) fn context(&self) -> &S::Context {
        // SAFETY: initialized, since it was on the stack; 3.
        unsafe { self.0.context.assume_init_ref() }
    }

    #[inline]
    pub(crate) fn state(&self) -> &S::State {
        S::state(self.context())
    }

    /// Does what its drop does, but inlined: for the common path.
    #[inline(always)]
    pub(crate) fn release(self) {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again.
        unsafe { release(this.0.copy()) }
    }

    /// Frees the context, and returns the handle if the frame owns one.
    pub(crate) fn into_context(self) -> Option<S::Context> {
        self.state().claim().release();
        let this = ManuallyDrop::new(self);
        // SAFETY: initialized and owned; `this` is not used again.
        (this.0.is_owned()).then(|| unsafe { this.0.context.assume_init_read() })
    }
}

impl<S: Stack> Drop for Taken<S> {
    #[inline(always)]
    fn drop(&mut self) {
        #[cold]
        #[inline(never)]
        fn out_of_line<S: Stack>(frame: Frame<S>) {
            // SAFETY: the caller does not use the frame again.
            unsafe { release(frame) }
        }
        // By value: then the frame is not stored on a path without a panic.
        out_of_line(self.0.copy());
    }
}

/// Frees the context of a frame that is off the stack, and drops the handle if the frame
/// owns it.
///
/// # Safety
///
/// No copy of the frame may be used again.
#[inline(always)]
unsafe fn release<S: Stack>(mut frame: Frame<S>) {
    // SAFETY: initialized, since it was on the stack; 3.
    S::state(unsafe { frame.context.assume_init_ref() })
        .claim()
        .release();
    if frame.is_owned() {
        // SAFETY: initialized and owned; not used again, as the caller promises.
        unsafe { frame.context.assume_init_drop() }
    }
}

/// A borrow of the current context of a thread.
pub struct Current<'a, S: Stack>(&'a S::Context);

impl<S: Stack> Clone for Current<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Stack> Copy for Current<'_, S> {}

impl<S: Stack> fmt::Debug for Current<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current").finish_non_exhaustive()
    }
}

impl<'a, S: Stack> Current<'a, S> {
    /// Returns the context.
    #[inline]
    pub fn context(self) -> &'a S::Context {
        self.0
    }

    /// Returns the context's state. The thread holds its claim for `'a`.
    #[inline]
    pub fn state(self) -> &'a S::State {
        S::state(self.0)
    }
}

/// A thread's stack. The current frame is stored separately, since most operations need
/// no other.
pub(crate) struct Frames<S: Stack> {
    current: UnsafeCell<Frame<S>>,
    /// The frames below the current one. The lowest is vacant.
    below: UnsafeCell<Below<S>>,
    /// The number of calls that are looking at contexts of this stack.
    lookers: Cell<usize>,
}

// SAFETY: it reaches the contexts, whose handles move along (`Context: Send`), and their
// states, by shared reference (`State: Sync`).
unsafe impl<S: Stack> Send for Frames<S>
where
    S::Context: Send,
    S::State: Sync,
{
}

impl<S: Stack> Frames<S> {
    pub(crate) fn new() -> Self {
        Frames {
            current: UnsafeCell::new(Frame::VACANT),
            below: UnsafeCell::new(Below::new()),
            lookers: Cell::new(0),
        }
    }

    /// Returns the activation of the current frame.
    #[inline]
    pub(crate) fn activation(&self) -> Activation {
        // SAFETY: 1.
        unsafe { (*self.current.get()).activation }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.activation() == Activation::NONE
    }

    pub(crate) fn len(&self) -> usize {
        // SAFETY: 1.
        unsafe { &*self.below.get() }.len()
    }

    /// Returns `true` if the lowest frame is the thread's base.
    pub(crate) fn has_base(&self) -> bool {
        !self.is_empty() && self.frame(0).activation.by() == By::Base
    }

    /// Returns how many frames are above the one of an activation, and whether `enter`
    /// pushed one of them. Returns `None` if the activation is not on the stack.
    #[cold]
    pub(crate) fn above(&self, activation: Activation) -> Option<(usize, bool)> {
        let mut entered = false;
        for (above, index) in (0..self.len()).rev().enumerate() {
            let found = self.frame(index).activation;
            if found == activation {
                return Some((above, entered));
            }
            entered |= found.by() == By::Enter;
        }
        None
    }

    /// Returns a copy of the frame at `index`, counted from the bottom.
    fn frame(&self, index: usize) -> Frame<S> {
        // SAFETY: 1.
        let (current, below) = unsafe { (&*self.current.get(), &*self.below.get()) };
        below.get(index + 1).unwrap_or(current).copy()
    }

    /// Pushes a context, whose claim is taken.
    #[inline(always)]
    pub(crate) fn push(&self, handle: Handle<S>, activation: Activation) {
        let frame = Frame {
            context: handle.0,
            activation,
        };
        // SAFETY: 1.
        unsafe {
            (*self.below.get()).push((*self.current.get()).copy());
            self.current.get().write(frame);
        }
    }

    /// Returns `true` if this is the current activation, and its frame can be taken off.
    #[inline(always)]
    pub(crate) fn can_pop(&self, activation: Activation) -> bool {
        self.activation() == activation && !self.has_lookers()
    }

    /// Pops the current frame.
    ///
    /// # Panics
    ///
    /// While code looks at contexts of this stack.
    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<Taken<S>> {
        self.assert_unseen();
        if self.is_empty() {
            return None;
        }
        // SAFETY: 1, 4.
        Some(Taken::of(unsafe {
            let next = (*self.below.get()).pop();
            self.current.get().replace(next)
        }))
    }

    /// Removes the frame of an activation from the stack, wherever it is.
    ///
    /// # Panics
    ///
    /// While code looks at contexts of this stack.
    #[cold]
    pub(crate) fn remove(&self, activation: Activation) -> Option<Taken<S>> {
        if self.is_empty() || activation == Activation::NONE {
            return None;
        }
        if self.activation() == activation {
            return self.pop();
        }
        self.assert_unseen();
        // SAFETY: 1, 4.
        let below = unsafe { &mut *self.below.get() };
        let index = below
            .iter()
            .position(|frame| frame.activation == activation)?;
        Some(Taken::of(below.remove(index)))
    }

    /// Replaces `activation` by `next` in its frame, and gives the frame the owned handle
    /// `context`. Returns the handle if the frame owns one already, or if `activation` is
    /// not on the stack.
    #[cold]
    pub(crate) fn own(
        &self,
        activation: Activation,
        next: Activation,
        context: S::Context,
    ) -> Option<S::Context> {
        // SAFETY: 1.
        let (current, below) = unsafe { (&mut *self.current.get(), &mut *self.below.get()) };
        let mut frames = std::iter::once(current).chain(below.iter_mut());
        let Some(frame) = frames.find(|frame| frame.activation == activation) else {
            return Some(context);
        };
        let was_owned = frame.is_owned();
        frame.activation = next;
        if was_owned {
            return Some(context);
        }
        // The old handle is a borrowed one. Code that looks at the context has a copy of
        // the same pointer.
        frame.context = MaybeUninit::new(context);
        None
    }

    #[inline(always)]
    pub(crate) fn has_lookers(&self) -> bool {
        self.lookers.get() != 0
    }

    #[inline(always)]
    fn assert_unseen(&self) {
        assert!(
            !self.has_lookers(),
            "code that may only look at a thread's context has left it"
        );
    }

    /// Calls `f` with the current context.
    #[inline(always)]
    pub(crate) fn look<R>(&self, f: impl FnOnce(Option<Current<'_, S>>) -> R) -> R {
        let _looking = Looking::begin(&self.lookers);
        // A copy: `f` may push, which moves the frames.
        // SAFETY: 1; the copy is valid while `_looking` lives: 3, 4.
        let frame = unsafe { (*self.current.get()).copy() };
        let has_context = frame.activation != Activation::NONE;
        // SAFETY: initialized where there is a context.
        f(has_context.then(|| Current(unsafe { frame.context.assume_init_ref() })))
    }

    /// Calls `f` with every context, from the top down, and whether its frame owns it.
    pub(crate) fn look_down(&self, mut f: impl FnMut(&S::Context, bool)) {
        let _looking = Looking::begin(&self.lookers);
        for index in (0..self.len()).rev() {
            // `f` may push frames, so each is looked up just before its call. The copy is
            // valid while `_looking` lives: 3, 4.
            let frame = self.frame(index);
            // SAFETY: initialized.
            f(unsafe { frame.context.assume_init_ref() }, frame.is_owned());
        }
    }

    /// Takes the frames above the one of an activation off the stack, from the top down: those
    /// above the base for [`Activation::NONE`], and all, the base included, for `None`.
    ///
    /// # Errors
    ///
    /// The reason why a frame cannot be taken off; then all stay.
    #[cold]
    pub(crate) fn take_above(
        &self,
        activation: Option<Activation>,
    ) -> Result<Vec<Taken<S>>, SuspendError> {
        let above = match activation {
            None => self.len(),
            Some(Activation::NONE) => self.len() - usize::from(self.has_base()),
            Some(activation) => match self.above(activation) {
                Some((above, _)) => above,
                None => return Err(SuspendError::NotFound),
            },
        };
        if self.has_lookers() && above > 0 {
            return Err(SuspendError::InUse);
        }
        let indices = self.len() - above..self.len();
        if indices.clone().any(|index| !self.frame(index).is_owned()) {
            return Err(SuspendError::Borrowed);
        }
        Ok(indices.filter_map(|_| self.pop()).collect())
    }

    /// Pushes a frame that was taken off, with this activation. The frame owns its handle.
    #[cold]
    pub(crate) fn put_back(&self, frame: Taken<S>, activation: Activation) {
        let frame = ManuallyDrop::new(frame);
        self.push(Handle(frame.0.copy().context), activation);
    }

    /// Removes all frames from the stack.
    ///
    /// # Panics
    ///
    /// While code looks at contexts of this stack.
    pub(crate) fn take(&self) -> Self {
        self.assert_unseen();
        // SAFETY: 1, 4.
        let (current, below) = unsafe {
            let current = self.current.get().replace(Frame::VACANT);
            (current, self.below.get().replace(Below::new()))
        };
        Frames {
            current: UnsafeCell::new(current),
            below: UnsafeCell::new(below),
            lookers: Cell::new(0),
        }
    }
}

/// A look at frames, which is counted until this is dropped.
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
