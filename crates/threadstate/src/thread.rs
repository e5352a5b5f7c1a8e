//! One thread's stack of contexts.

use crate::frame::{Current, Detached, Frames};
use crate::{
    AlreadyEntered, Claim, Claimed, ContextVersion, ExitError, Interpreter, Leave, ReplaceError,
    Stack, Stay, ThreadId,
};
use std::cell::Cell;
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
    pub(crate) interpreter: Arc<Interpreter<S>>,
    switches: Cell<u64>,
    /// The stay in the current context.
    stay: Cell<Stay>,
    pub(crate) frames: Frames<S>,
    /// Whether the lowest frame is the base.
    has_base: Cell<bool>,
    local: S::Local,
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
            stay: Cell::new(Stay::NONE),
            frames: Frames::new(),
            has_base: Cell::new(false),
            local: S::Local::default(),
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

    /// Gives the number of the stay in the current context.
    #[inline]
    pub fn stay(&self) -> Stay {
        self.stay.get()
    }

    /// Gives what this thread keeps for itself.
    #[inline]
    pub fn local(&self) -> &S::Local {
        &self.local
    }

    /// Gives the number of contexts that this thread has entered and not left.
    pub fn depth(&self) -> usize {
        self.frames.len() - usize::from(self.has_base.get())
    }

    /// Tells whether this thread has a context.
    #[inline]
    pub fn has_context(&self) -> bool {
        self.frames.len() > 0
    }

    /// Gives the current context, or `None` where this thread has none.
    pub fn context(&self, vm: S::Vm<'_>) -> Option<S::Context> {
        self.with_current(|current| current.map(|current| S::clone_context(vm, current.context())))
    }

    /// Runs `f` with the current context, for a quick look.
    ///
    /// # Panics
    ///
    /// When `f` leaves a context on this thread. It is not the place to run code
    /// that one does not know.
    // Always: out of line, what `f` gives would go through memory.
    #[inline(always)]
    pub fn with_current<R>(&self, f: impl FnOnce(Option<Current<'_, S>>) -> R) -> R {
        self.frames.look(f)
    }

    /// Calls `visit` with each context on this thread's stack, from the top
    /// down.
    ///
    /// # Panics
    ///
    /// When `visit` leaves a context on this thread.
    pub fn for_each_context(&self, mut visit: impl FnMut(&S::Context)) {
        self.frames.look_down(|context, _| visit(context));
    }

    /// As [`for_each_context`](Self::for_each_context), for a collector: only with
    /// those that this thread itself has a handle of. Those that it
    /// [runs](Self::run) in are held by whoever runs.
    ///
    /// # Panics
    ///
    /// When `visit` leaves a context on this thread.
    pub fn for_each_owned_context(&self, mut visit: impl FnMut(&S::Context)) {
        self.frames.look_down(|context, is_owned| {
            if is_owned {
                visit(context);
            }
        });
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
    #[inline]
    pub fn enter(
        &self,
        vm: S::Vm<'_>,
        context: S::Context,
    ) -> Result<(), AlreadyEntered<S::Context>> {
        let frame = self
            .frames
            .claim(context, |state| state.claim().try_enter(self.id))
            .map_err(AlreadyEntered)?;
        self.switch_to(vm, |outer| self.frames.push(frame, outer));
        Ok(())
    }

    /// Begins a stay in the context of the frame that `push` puts on the stack.
    #[inline]
    pub(crate) fn switch_to(&self, vm: S::Vm<'_>, push: impl FnOnce(Stay)) {
        let undo = LeaveOnUnwind {
            thread: self,
            below: self.frames.len(),
        };
        self.count_switch();
        self.begin(push);
        self.interpreter.watchers.notify(vm, self);
        mem::forget(undo);
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
    /// When a watcher panics, or the drop of the context. It has been left by
    /// then.
    #[inline]
    pub fn exit(&self, vm: S::Vm<'_>, context: &S::Context) -> Result<(), ExitError> {
        let claim = S::state(context).claim();
        if !claim.is_entered() {
            return Err(ExitError::NotEntered);
        }
        let is_current = self.with_current(|current| {
            current.is_some_and(|current| ptr::eq(current.state().claim(), claim))
        });
        if !is_current {
            return Err(ExitError::NotCurrent);
        }
        self.leave_top(vm);
        Ok(())
    }

    /// Leaves the current context.
    #[inline]
    pub(crate) fn leave_top(&self, vm: S::Vm<'_>) {
        self.leave(self.end());
        self.interpreter.watchers.notify(vm, self);
    }

    /// Leaves the context of this state, whose frame is off the stack; `outer` goes on.
    #[inline]
    pub(crate) fn leave_popped(&self, vm: S::Vm<'_>, state: &S::State, outer: Stay) {
        /// Gives up the claim on every path.
        struct Claimed<'a>(&'a Claim);
        impl Drop for Claimed<'_> {
            #[inline]
            fn drop(&mut self) {
                self.0.release();
            }
        }
        let claimed = Claimed(state.claim());
        let stay = self.stay.replace(outer);
        self.count_switch();
        self.local.leave(stay, state);
        drop(claimed);
        self.interpreter.watchers.notify(vm, self);
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
        if self.frames.len() > 0 {
            return Err(context);
        }
        let frame = self
            .frames
            .claim(context, |state| state.claim().try_base(self.id))?;
        if self.frames.len() > 0 {
            // The host's code for a state has given the thread one.
            return Err(frame.into_context());
        }
        self.begin(|outer| self.frames.push(frame, outer));
        self.has_base.set(true);
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
    /// When a watcher panics. The base has been replaced by then.
    pub fn replace_context(
        &self,
        vm: S::Vm<'_>,
        context: Option<S::Context>,
    ) -> Result<Option<S::Context>, ReplaceError<S::Context>> {
        if self.depth() > 0 {
            return Err(ReplaceError::Entered(context));
        }
        let new = match context {
            Some(context) => Some(
                self.frames
                    .claim(context, |state| state.claim().try_base(self.id))
                    .map_err(ReplaceError::Held)?,
            ),
            None => None,
        };
        if self.depth() > 0 {
            // The host's code for a state has entered one.
            return Err(ReplaceError::Entered(new.map(Detached::into_context)));
        }
        let old = self.end();
        self.count_switch();
        self.has_base.set(new.is_some());
        if let Some(new) = new {
            self.begin(|outer| self.frames.push(new, outer));
        }
        let context = old.map(|old| self.let_go(old).into_context());
        self.interpreter.watchers.notify(vm, self);
        Ok(context)
    }

    /// Begins a stay in the context of the frame that `push` puts on the stack.
    #[inline]
    fn begin(&self, push: impl FnOnce(Stay)) {
        let stay = Stay::after(self.switches.get());
        push(self.stay.replace(stay));
    }

    /// Ends the stay in the current context.
    #[inline]
    fn end(&self) -> Option<Ended<'_, S>> {
        let (frame, outer) = self.frames.pop()?;
        let stay = self.stay.replace(outer);
        Some(Ended { frame, stay })
    }

    /// Counts a switch away from a context, then lets it go: whoever looks at
    /// the thread from its drop sees the switch done.
    #[inline]
    fn leave(&self, ended: Option<Ended<'_, S>>) {
        self.count_switch();
        drop(ended.map(|ended| self.let_go(ended)));
    }

    /// Tells the host that a stay has ended.
    #[inline]
    fn let_go<'a>(&self, ended: Ended<'a, S>) -> Detached<'a, S> {
        if let Some(state) = ended.frame.state() {
            self.local.leave(ended.stay, state);
        }
        ended.frame
    }

    #[inline]
    fn count_switch(&self) {
        self.switches.set(self.switches.get() + 1);
    }
}

/// A stay that has ended; its context is off the stack, still claimed.
struct Ended<'a, S: Stack> {
    frame: Detached<'a, S>,
    stay: Stay,
}

/// Takes a context off the stack again when a watcher panics in `enter`, whose
/// caller then never learns that it would have to leave.
struct LeaveOnUnwind<'a, S: Stack> {
    thread: &'a Thread<S>,
    /// How many frames were on the stack before.
    below: usize,
}

impl<S: Stack> Drop for LeaveOnUnwind<'_, S> {
    #[inline(always)]
    fn drop(&mut self) {
        leave_down_to(self.thread, self.below);
    }
}

/// Leaves all but so many. By value, as what is for unwinding only should be
/// (`unwind`).
#[cold]
#[inline(never)]
fn leave_down_to<S: Stack>(thread: &Thread<S>, below: usize) {
    // The watcher may have left, or entered more, by itself.
    while thread.frames.len() > below {
        thread.leave(thread.end());
    }
}
