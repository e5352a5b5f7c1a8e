//! The frames of a thread's stack of contexts.
//!
//! The frames live in the thread's state, on the heap or in a thread-local, and
//! never in a native stack. So the stack stays valid when the native stack of a
//! call is copied away (greenlets), vanishes (fork, a thread that never returns)
//! or is one of many (coroutines). What a frame holds is a [`Held`] handle.
//!
//! Why this is sound; the blocks below refer to these numbers:
//!
//! 1. All of it belongs to one thread: [`Frames`] is not `Sync`. No reference into
//!    `current` or `below` outlives the few lines that make it, and these lines run
//!    no code of a host.
//! 2. A handle is a pointer to a context whose state does not move, and a bitwise
//!    copy of it is as good as the original while the original lives (the contract
//!    of [`Stack`]).
//! 3. A handle on the stack is good until its frame is taken off. A frame that owns
//!    its handle drops it after that. One that does not is taken off before the
//!    borrow of the original ends ([`Held::borrowed`]).
//! 4. No frame is taken off the stack while `lookers` is not 0.
#![allow(unsafe_code)]

use crate::{Activation, Claimed, Stack};
use smallvec::SmallVec;
use std::cell::{Cell, UnsafeCell};
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::ptr;

/// How a context came onto the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// It is the thread's base.
    Base,
    /// By `enter`: it stays until it is left by `exit`.
    Enter,
    /// By `run`: it is taken off when the call ends.
    Run,
}

/// A handle of a context, counted or not.
pub(crate) struct Held<S: Stack> {
    // `MaybeUninit`: a copy of a handle such as `Box` must not claim to be unique.
    context: MaybeUninit<S::Context>,
    is_owned: bool,
}

impl<S: Stack> Held<S> {
    #[inline]
    pub(crate) fn owned(context: S::Context) -> Self {
        Held {
            context: MaybeUninit::new(context),
            is_owned: true,
        }
    }

    /// A copy of a handle that counts nothing.
    ///
    /// # Safety
    ///
    /// The copy must be gone when the borrow of `context` ends.
    #[inline]
    pub(crate) unsafe fn borrowed(context: &S::Context) -> Self {
        Held {
            // SAFETY: read as plain bytes; 2.
            context: unsafe { ptr::from_ref(context).cast::<MaybeUninit<_>>().read() },
            is_owned: false,
        }
    }

    #[inline]
    fn get(&self) -> &S::Context {
        // SAFETY: 2 and 3; initialized by both constructors.
        unsafe { self.context.assume_init_ref() }
    }
}

impl<S: Stack> Drop for Held<S> {
    #[inline]
    fn drop(&mut self) {
        if self.is_owned {
            // SAFETY: initialized and owned; not used again.
            unsafe { self.context.assume_init_drop() }
        }
    }
}

/// An entry of a thread's stack: a context whose claim the thread has.
///
/// Dropping it frees the context for others to enter, and then drops the handle.
pub(crate) struct Frame<S: Stack> {
    held: Held<S>,
    pub(crate) activation: Activation,
    pub(crate) by: By,
}

impl<S: Stack> Frame<S> {
    /// A frame of a context whose claim is taken.
    #[inline]
    pub(crate) fn new(held: Held<S>, activation: Activation, by: By) -> Self {
        Frame {
            held,
            activation,
            by,
        }
    }

    #[inline]
    pub(crate) fn state(&self) -> &S::State {
        S::state(self.held.get())
    }

    /// Frees the context for others to enter, and returns the handle of a frame that
    /// owns one.
    pub(crate) fn into_context(self) -> Option<S::Context> {
        self.state().claim().release();
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is neither used nor dropped after this.
        let held = ManuallyDrop::new(unsafe { ptr::read(&this.held) });
        // SAFETY: initialized and owned; `held` is neither used nor dropped after this.
        (held.is_owned).then(|| unsafe { held.context.assume_init_read() })
    }
}

impl<S: Stack> Drop for Frame<S> {
    #[inline]
    fn drop(&mut self) {
        self.state().claim().release();
    }
}

/// The current context of a thread, as seen for a moment.
pub struct Current<'a, S: Stack>(&'a S::Context);

impl<S: Stack> Clone for Current<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Stack> Copy for Current<'_, S> {}

impl<'a, S: Stack> Current<'a, S> {
    /// Returns the context.
    #[inline]
    pub fn context(self) -> &'a S::Context {
        self.0
    }

    /// Returns the context's state, whose claim is the thread's for `'a`.
    #[inline]
    pub fn state(self) -> &'a S::State {
        S::state(self.0)
    }
}

/// How many frames below the current one need no allocation.
const INLINE: usize = 7;

/// A thread's stack. The current frame is kept apart from those below it: most
/// operations ask for it alone.
pub(crate) struct Frames<S: Stack> {
    current: UnsafeCell<Option<Frame<S>>>,
    below: UnsafeCell<SmallVec<[Frame<S>; INLINE]>>,
    /// [`Activation::NONE`] where there is no current frame.
    activation: Cell<Activation>,
    /// How many look at contexts of this stack now.
    lookers: Cell<usize>,
}

// SAFETY: what is reached through it is the contexts, which go along, and their
// states, which are borrowed.
unsafe impl<S: Stack> Send for Frames<S>
where
    S::Context: Send,
    S::State: Sync,
{
}

impl<S: Stack> Frames<S> {
    pub(crate) fn new() -> Self {
        Frames {
            current: UnsafeCell::new(None),
            below: UnsafeCell::new(SmallVec::new()),
            activation: Cell::new(Activation::NONE),
            lookers: Cell::new(0),
        }
    }

    /// Returns the activation of the current frame.
    #[inline]
    pub(crate) fn activation(&self) -> Activation {
        self.activation.get()
    }

    /// Returns how the current context came onto the stack.
    #[inline]
    pub(crate) fn current_by(&self) -> Option<By> {
        // SAFETY: 1.
        unsafe { &*self.current.get() }
            .as_ref()
            .map(|frame| frame.by)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.activation.get() == Activation::NONE
    }

    pub(crate) fn len(&self) -> usize {
        // SAFETY: 1.
        unsafe { &*self.below.get() }.len() + usize::from(!self.is_empty())
    }

    /// Returns `true` if the lowest frame is the thread's base.
    pub(crate) fn has_base(&self) -> bool {
        self.from_bottom().next() == Some(By::Base)
    }

    /// Returns how many frames are above the one of an activation, and whether one of
    /// these came by `enter`; `None` if it is not on the stack.
    #[cold]
    pub(crate) fn above(&self, activation: Activation) -> Option<(usize, bool)> {
        // SAFETY: 1.
        let (current, below) = unsafe { (&*self.current.get(), &*self.below.get()) };
        let mut entered = false;
        for (above, frame) in current.iter().chain(below.iter().rev()).enumerate() {
            if frame.activation == activation {
                return Some((above, entered));
            }
            entered |= frame.by == By::Enter;
        }
        None
    }

    /// Yields how each context came onto the stack, from the bottom up.
    fn from_bottom(&self) -> impl Iterator<Item = By> {
        // SAFETY: 1.
        let (current, below) = unsafe { (&*self.current.get(), &*self.below.get()) };
        below.iter().chain(current).map(|frame| frame.by)
    }

    #[inline]
    pub(crate) fn push(&self, frame: Frame<S>) {
        self.activation.set(frame.activation);
        // SAFETY: 1.
        unsafe {
            if let Some(last) = (*self.current.get()).replace(frame) {
                (*self.below.get()).push(last);
            }
        }
    }

    /// Returns `true` if this is the current activation, and its frame can be taken off.
    #[inline]
    pub(crate) fn can_pop(&self, activation: Activation) -> bool {
        self.activation.get() == activation && self.lookers.get() == 0
    }

    /// Takes the current frame off the stack.
    ///
    /// # Panics
    ///
    /// While anything looks at contexts of this stack.
    #[inline]
    pub(crate) fn pop(&self) -> Option<Frame<S>> {
        self.assert_unseen();
        // SAFETY: 1, 4.
        let (popped, activation) = unsafe {
            let next = (*self.below.get()).pop();
            let activation = next
                .as_ref()
                .map_or(Activation::NONE, |next| next.activation);
            (mem::replace(&mut *self.current.get(), next), activation)
        };
        self.activation.set(activation);
        popped
    }

    /// Takes the frame of an activation off the stack, wherever it is.
    ///
    /// # Panics
    ///
    /// While anything looks at contexts of this stack.
    #[cold]
    pub(crate) fn remove(&self, activation: Activation) -> Option<Frame<S>> {
        if self.activation.get() == activation {
            return self.pop();
        }
        self.assert_unseen();
        // SAFETY: 1, 4.
        let below = unsafe { &mut *self.below.get() };
        let index = below
            .iter()
            .position(|frame| frame.activation == activation)?;
        Some(below.remove(index))
    }

    /// Lets the frame of an activation, if it is on the stack, own `context`, which is
    /// a handle of the same context; then it stays until `exit`.
    #[cold]
    pub(crate) fn own(&self, activation: Activation, context: Option<S::Context>) {
        // SAFETY: 1.
        let (current, below) = unsafe { (&mut *self.current.get(), &mut *self.below.get()) };
        let mut frames = current.iter_mut().chain(below.iter_mut());
        let Some(frame) = frames.find(|frame| frame.activation == activation) else {
            return;
        };
        frame.by = By::Enter;
        if let (Some(context), false) = (context, frame.held.is_owned) {
            // What is replaced owns nothing, so that nothing is dropped here. Those who
            // look have a copy of the same pointer.
            frame.held = Held::owned(context);
        }
    }

    #[inline]
    pub(crate) fn has_lookers(&self) -> bool {
        self.lookers.get() != 0
    }

    #[inline]
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
        // SAFETY: 1; the copy is good while `_looking` lives: 3, 4.
        let current = unsafe { &*self.current.get() };
        let current = current.as_ref().map(|frame| unsafe { copy(frame) });
        // SAFETY: initialized.
        f(current
            .as_ref()
            .map(|context| Current(unsafe { context.assume_init_ref() })))
    }

    /// Calls `f` with every context, from the top down, and whether its frame owns it.
    pub(crate) fn look_down(&self, mut f: impl FnMut(&S::Context, bool)) {
        let _looking = Looking::begin(&self.lookers);
        // Frames may be pushed meanwhile, so each is looked up anew.
        for index in (0..self.len()).rev() {
            // SAFETY: 1; the copy is good while `_looking` lives: 3, 4.
            let (current, below) = unsafe { (&*self.current.get(), &*self.below.get()) };
            let Some(frame) = below.get(index).or(current.as_ref()) else {
                return;
            };
            // SAFETY: as above.
            let (context, is_owned) = (unsafe { copy(frame) }, frame.held.is_owned);
            // SAFETY: initialized.
            f(unsafe { context.assume_init_ref() }, is_owned);
        }
    }

    /// Frees the memory of an empty stack.
    pub(crate) fn shrink(&self) {
        // SAFETY: 1.
        unsafe { &mut *self.below.get() }.shrink_to_fit();
    }
}

/// Copies the handle in a frame.
///
/// # Safety
///
/// The copy is good for as long as the frame is on the stack.
#[inline(always)]
unsafe fn copy<S: Stack>(frame: &Frame<S>) -> MaybeUninit<S::Context> {
    // SAFETY: read as plain bytes; 2.
    unsafe { ptr::read(&frame.held.context) }
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
