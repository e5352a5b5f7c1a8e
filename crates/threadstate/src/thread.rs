//! One thread's stack of contexts.

use crate::frame::Frame;
use crate::{
    AlreadyEntered, ContextVersion, ExitError, Interpreter, ReplaceError, Stack, ThreadId,
};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::{mem, ptr};

/// The state of one thread: its stack of contexts, the number of its switches,
/// and the interpreter it belongs to.
///
/// At the bottom of the stack may stand the thread's base context, which is
/// not entered and belongs to this thread alone; above it stand the contexts
/// it has entered, the current one on top.
///
/// Dropping a thread's state, at its normal end or while it unwinds, frees
/// every context on its stack for others to enter.
pub struct Thread<S: Stack> {
    id: ThreadId,
    interpreter: Arc<Interpreter<S>>,
    switches: Cell<u64>,
    /// Deep stacks are rare: a task's context over the thread's base.
    ///
    /// Invariant: while this is borrowed, no code runs but this crate's, the
    /// functions of `Stack` that say so, and the closures given to `with_frame`
    /// and `for_each_context`.
    frames: RefCell<SmallVec<[Frame<S>; 2]>>,
    /// One bit for each watcher that is running on this thread now.
    pub(crate) busy_watchers: Cell<u8>,
}

impl<S: Stack> Thread<S> {
    /// Makes the state of a thread that has no context yet.
    pub fn new(interpreter: &Arc<Interpreter<S>>) -> Self {
        Thread {
            id: ThreadId::next(),
            interpreter: Arc::clone(interpreter),
            switches: Cell::new(0),
            frames: RefCell::new(SmallVec::new()),
            busy_watchers: Cell::new(0),
        }
    }

    /// Gives this thread's number.
    pub fn id(&self) -> ThreadId {
        self.id
    }

    /// Gives the interpreter this thread belongs to.
    pub fn interpreter(&self) -> &Arc<Interpreter<S>> {
        &self.interpreter
    }

    /// Gives a number that goes up by one at each switch of this thread and
    /// lies in a range that no other thread uses.
    pub fn context_version(&self) -> ContextVersion {
        ContextVersion::new(self.id, self.switches.get())
    }

    /// Gives the number of contexts that this thread has entered and not left.
    pub fn depth(&self) -> usize {
        let frames = self.frames.borrow();
        let base = frames
            .first()
            .is_some_and(|frame| !frame.claimed().is_entered());
        frames.len() - usize::from(base)
    }

    /// Gives the current context, or `None` where this thread has none.
    pub fn context(&self, vm: S::Vm<'_>) -> Option<S::Context> {
        self.with_frame(|frame| frame.map(|(context, _)| S::clone_context(vm, context)))
    }

    /// Runs `f` with the current context and what is kept beside it, for a
    /// quick look.
    ///
    /// # Panics
    ///
    /// When `f` switches contexts on this thread. It is not the place to run
    /// code that one does not know.
    pub fn with_frame<R>(&self, f: impl FnOnce(Option<(&S::Context, &S::Local)>) -> R) -> R {
        let frames = self.frames.borrow();
        f(frames.last().map(|frame| (&frame.context, &frame.local)))
    }

    /// Calls `visit` with each context on this thread's stack, from the bottom
    /// up: for a collector. Each is a reference that this thread owns.
    ///
    /// # Panics
    ///
    /// When `visit` switches contexts on this thread.
    pub fn for_each_context(&self, mut visit: impl FnMut(&S::Context)) {
        for frame in self.frames.borrow().iter() {
            visit(&frame.context);
        }
    }

    /// Makes `context` current until it is left, counts a switch, and tells
    /// the watchers: CPython 3.14's `_PyContext_Enter`.
    ///
    /// # Errors
    ///
    /// [`AlreadyEntered`], with nothing changed, where any thread, this one
    /// included, has entered the context or has it as its base.
    ///
    /// # Panics
    ///
    /// When a watcher panics. The context has been left again then.
    pub fn enter(
        &self,
        vm: S::Vm<'_>,
        context: S::Context,
    ) -> Result<(), AlreadyEntered<S::Context>> {
        let frame = Frame::claim(context, S::Local::default(), |claim| {
            claim.try_enter(self.id)
        })
        .map_err(AlreadyEntered)?;
        let undo = {
            let mut frames = self.frames.borrow_mut();
            frames.push(frame);
            LeaveOnUnwind {
                thread: self,
                below: frames.len() - 1,
            }
        };
        self.count_switch();
        self.interpreter.watchers.notify(vm, self);
        mem::forget(undo);
        Ok(())
    }

    /// Leaves `context`, which must be current, counts a switch, and tells the
    /// watchers: CPython 3.14's `_PyContext_Exit`.
    ///
    /// # Errors
    ///
    /// [`ExitError::NotEntered`] where nobody has entered it, else
    /// [`ExitError::NotCurrent`] where another context is current on this
    /// thread, both with nothing changed.
    ///
    /// # Panics
    ///
    /// When a watcher, or the drop of what was kept beside the context, panics.
    /// The context has been left by then.
    pub fn exit(&self, vm: S::Vm<'_>, context: &S::Context) -> Result<(), ExitError> {
        let claim = S::claim(context);
        if !claim.is_entered() {
            return Err(ExitError::NotEntered);
        }
        let left = {
            let mut frames = self.frames.borrow_mut();
            if !frames
                .last()
                .is_some_and(|frame| ptr::eq(frame.claimed(), claim))
            {
                return Err(ExitError::NotCurrent);
            }
            frames.pop()
        };
        self.leave(left);
        self.interpreter.watchers.notify(vm, self);
        Ok(())
    }

    /// Makes `context` this thread's base, if it has no context at all.
    ///
    /// This is how a thread gets its first context when one is needed, and is
    /// no switch: nothing is counted and nobody is told, as in CPython 3.14's
    /// `context_get`.
    ///
    /// # Errors
    ///
    /// Gives `context` back, with nothing changed, where this thread has a
    /// context, or where this one is held.
    pub fn install_base(&self, context: S::Context) -> Result<(), S::Context> {
        let local = S::Local::default();
        if !self.frames.borrow().is_empty() {
            return Err(context);
        }
        let frame = Frame::claim(context, local, |claim| claim.try_base(self.id))?;
        self.frames.borrow_mut().push(frame);
        Ok(())
    }

    /// Puts another base context under this thread, or none, and gives the old
    /// one back. Counts a switch and tells the watchers.
    ///
    /// # Errors
    ///
    /// [`ReplaceError::Entered`] while a context is entered on this thread,
    /// [`ReplaceError::Held`] where the new one is entered or is a thread's
    /// base (this thread's own included), both with nothing changed.
    ///
    /// # Panics
    ///
    /// When a watcher, or the drop of what was kept beside the old base,
    /// panics. The base has been replaced by then.
    pub fn replace_context(
        &self,
        vm: S::Vm<'_>,
        context: Option<S::Context>,
    ) -> Result<Option<S::Context>, ReplaceError<S::Context>> {
        let local = S::Local::default();
        if self.depth() > 0 {
            return Err(ReplaceError::Entered(context));
        }
        let new = match context {
            Some(context) => Some(
                Frame::claim(context, local, |claim| claim.try_base(self.id))
                    .map_err(ReplaceError::Held)?,
            ),
            None => None,
        };
        let old = self.frames.borrow_mut().pop();
        let context = old
            .as_ref()
            .map(|frame| S::clone_context(vm, &frame.context));
        self.frames.borrow_mut().extend(new);
        self.leave(old);
        self.interpreter.watchers.notify(vm, self);
        Ok(context)
    }

    /// Counts a switch away from a frame that is off the stack, then drops it:
    /// whoever looks at the thread from the frame's drop sees the switch done.
    fn leave(&self, frame: Option<Frame<S>>) {
        self.count_switch();
        drop(frame);
    }

    fn count_switch(&self) {
        self.switches.set(self.switches.get() + 1);
    }
}

impl<S: Stack> Drop for Thread<S> {
    fn drop(&mut self) {
        // From the top down, one at a time, as they would have been left.
        while let Some(frame) = self.frames.get_mut().pop() {
            drop(frame);
        }
    }
}

/// Takes a context off the stack again when a watcher panics in `enter`, whose
/// caller then never learns that it would have to leave.
struct LeaveOnUnwind<'a, S: Stack> {
    thread: &'a Thread<S>,
    /// How many frames were on the stack before.
    below: usize,
}

impl<S: Stack> LeaveOnUnwind<'_, S> {
    fn pop(&self) -> Option<Frame<S>> {
        let mut frames = self.thread.frames.borrow_mut();
        if frames.len() > self.below {
            frames.pop()
        } else {
            None
        }
    }
}

impl<S: Stack> Drop for LeaveOnUnwind<'_, S> {
    fn drop(&mut self) {
        // The watcher may have left, or entered more, by itself.
        while let Some(frame) = self.pop() {
            self.thread.leave(Some(frame));
        }
    }
}
