//! One thread's stack of contexts: `enter`, `exit`, the base context, and the end of
//! the thread. `run` has a file of its own.

use crate::frames::{Current, Frames, Handle, Taken};
use crate::id::By;
use crate::{
    Activation, AlreadyEntered, Claimed, ContextVersion, ExitError, Interpreter, Leave,
    ReplaceError, Stack, ThreadId,
};
use std::cell::Cell;
use std::sync::Arc;
use std::thread::LocalKey;
use std::{fmt, mem, ptr};

/// How often a thread that is ending leaves its base context: each time, a value that is
/// dropped may create another.
const ROUNDS: usize = 100;

/// The state of one thread: its stack of contexts, the count of its switches, and the
/// interpreter it belongs to.
///
/// At the bottom of the stack may be the thread's base context, which is not entered
/// and belongs to this thread alone. Above it are the contexts that the thread has
/// entered, the current one on top.
///
/// Dropping a thread's state, at its normal end or while it unwinds, frees every
/// context on its stack for others to enter.
pub struct Thread<S: Stack> {
    id: ThreadId,
    interpreter: Arc<Interpreter<S>>,
    switches: Cell<u64>,
    pub(crate) frames: Frames<S>,
    local: S::Local,
    /// One bit for each watcher that is running on this thread now.
    busy_watchers: Cell<u8>,
    /// Activations up to this one were left because the native thread was ending.
    ended: Cell<Activation>,
    /// The thread-local that leaves a base context which the thread gets while it is ending.
    at_end: Cell<Option<&'static AtEndKey>>,
}

impl<S: Stack> Thread<S> {
    /// Creates the state of a thread that has no context yet.
    pub fn new(interpreter: &Arc<Interpreter<S>>) -> Self {
        Thread {
            id: ThreadId::next(),
            interpreter: Arc::clone(interpreter),
            switches: Cell::new(0),
            frames: Frames::new(),
            local: S::Local::default(),
            busy_watchers: Cell::new(0),
            ended: Cell::new(Activation::NONE),
            at_end: Cell::new(None),
        }
    }

    /// Returns this thread's id.
    pub fn id(&self) -> ThreadId {
        self.id
    }

    /// Returns the interpreter this thread belongs to.
    pub fn interpreter(&self) -> &Arc<Interpreter<S>> {
        &self.interpreter
    }

    /// Returns a number that each switch of this thread increments. Its range is used by
    /// no other thread.
    pub fn context_version(&self) -> ContextVersion {
        ContextVersion::new(self.id, self.switches.get())
    }

    /// Returns the activation of the current context.
    #[inline]
    pub fn activation(&self) -> Activation {
        self.frames.activation()
    }

    /// Returns the data of this thread.
    #[inline]
    pub fn local(&self) -> &S::Local {
        &self.local
    }

    /// Returns the number of contexts that this thread has entered and not left.
    pub fn depth(&self) -> usize {
        self.frames.len() - usize::from(self.frames.has_base())
    }

    /// Returns `true` if this thread has a context.
    #[inline]
    pub fn has_context(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Returns the current context, or `None` where this thread has none.
    pub fn context(&self, vm: S::Vm<'_>) -> Option<S::Context> {
        self.with_current(|current| current.map(|current| S::clone_context(vm, current.context())))
    }

    /// Calls `f` with the current context. `f` must not leave a context on this thread,
    /// so it should not run unknown code.
    ///
    /// # Panics
    ///
    /// If `f` leaves a context on this thread.
    // Always: out of line, the result of `f` would be returned through memory.
    #[inline(always)]
    pub fn with_current<R>(&self, f: impl FnOnce(Option<Current<'_, S>>) -> R) -> R {
        self.frames.look(f)
    }

    /// Calls `visit` with each context on this thread's stack, from the top down.
    ///
    /// # Panics
    ///
    /// If `visit` leaves a context on this thread.
    pub fn for_each_context(&self, mut visit: impl FnMut(&S::Context)) {
        self.frames.look_down(|context, _| visit(context));
    }

    /// Calls `visit` with each context that this thread's stack owns a handle of, from the
    /// top down: for a cycle collector. A context of a [`run`](Self::run) without
    /// [`Stack::RUN_COUNTS`] is owned by the caller of `run`.
    ///
    /// # Panics
    ///
    /// If `visit` leaves a context on this thread.
    pub fn for_each_owned_context(&self, mut visit: impl FnMut(&S::Context)) {
        self.frames.look_down(|context, is_owned| {
            if is_owned {
                visit(context);
            }
        });
    }

    /// Makes `context` current until it is left, counts a switch, and notifies the
    /// watchers: CPython 3.14's `_PyContext_Enter`.
    ///
    /// # Errors
    ///
    /// [`AlreadyEntered`], with nothing changed, where any thread, this one
    /// included, has entered the context or has it as its base.
    ///
    /// # Panics
    ///
    /// If a watcher panics. The context is left again then, unless the watcher itself left
    /// it and entered it again.
    #[inline]
    pub fn enter(
        &self,
        vm: S::Vm<'_>,
        context: S::Context,
    ) -> Result<(), AlreadyEntered<S::Context>> {
        /// Pops the context again if a watcher panics: the caller does
        /// not get to know that the context was entered.
        struct LeaveOnUnwind<'a, S: Stack>(&'a Thread<S>, Activation);
        impl<S: Stack> Drop for LeaveOnUnwind<'_, S> {
            #[inline(always)]
            fn drop(&mut self) {
                // By value: then the guard is not stored on a path without a panic.
                self.0.undo_enter(self.1);
            }
        }
        if !S::state(&context).claim().try_enter(self.id) {
            return Err(AlreadyEntered(context));
        }
        let activation = self.switch_to(Handle::owned(context), By::Enter);
        let undo = LeaveOnUnwind(self, activation);
        self.notify(vm);
        mem::forget(undo);
        Ok(())
    }

    /// Removes the frame of an activation from the stack, and those above it that `enter`
    /// pushed. Notifies no watcher.
    #[cold]
    #[inline(never)]
    fn undo_enter(&self, activation: Activation) {
        let above = self.frames.above(activation).map_or(0, |(above, _)| above);
        for _ in 0..above {
            if self.activation().by() == By::Enter {
                self.take_off(self.activation());
            }
        }
        self.take_off(activation);
    }

    /// Pushes a context, whose claim is taken, and counts a switch.
    #[inline(always)]
    pub(crate) fn switch_to(&self, handle: Handle<S>, by: By) -> Activation {
        self.count_switch();
        self.begin(handle, by)
    }

    /// Returns the activation that begins after the switches so far.
    #[inline(always)]
    pub(crate) fn next_activation(&self, by: By) -> Activation {
        Activation::after(self.switches.get(), by)
    }

    /// Begins an activation.
    #[inline(always)]
    fn begin(&self, handle: Handle<S>, by: By) -> Activation {
        let activation = self.next_activation(by);
        self.frames.push(handle, activation);
        activation
    }

    /// Leaves `context`, which must be current, counts a switch, and notifies the
    /// watchers: CPython 3.14's `_PyContext_Exit`.
    ///
    /// # Errors
    ///
    /// [`ExitError::NotEntered`] where no thread has entered it, else
    /// [`ExitError::NotCurrent`] where another context is current on this
    /// thread, both with nothing changed.
    ///
    /// # Panics
    ///
    /// If a watcher or the drop of the context panics. The context has been left
    /// by then. Also if this is called inside [`with_current`](Self::with_current).
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
        self.exit_current(vm);
        Ok(())
    }

    /// Leaves the current context.
    #[inline(always)]
    pub(crate) fn exit_current(&self, vm: S::Vm<'_>) {
        if let Some(frame) = self.frames.pop() {
            self.leave(frame);
        }
        self.notify(vm);
    }

    /// Counts a switch away from the context of a frame that was on top, and releases
    /// the frame: a drop sees the switch done.
    #[inline(always)]
    fn leave(&self, frame: Taken<S>) {
        self.count_switch();
        self.end(frame);
    }

    /// Releases the context of a frame that was removed from the stack.
    #[inline(always)]
    fn end(&self, frame: Taken<S>) {
        self.local.leave(frame.activation(), frame.state());
        frame.release();
    }

    /// Removes the frame of an activation from the stack, wherever it is, and leaves the
    /// others as they are. No watcher is notified.
    #[cold]
    #[inline(never)]
    pub(crate) fn take_off(&self, activation: Activation) {
        let is_current = self.activation() == activation;
        if let Some(frame) = self.frames.remove(activation) {
            if is_current {
                self.count_switch();
            }
            self.end(frame);
        }
    }

    /// Keeps the context of a `run`, which is under way in this activation, on the stack
    /// until `exit`: its frame gets an owned handle and another activation.
    #[cold]
    pub(crate) fn keep(&self, vm: S::Vm<'_>, activation: Activation, context: &S::Context) {
        let handle = S::clone_context(vm, context);
        self.local.leave(activation, S::state(context));
        drop(self.frames.own(activation, activation.until_exit(), handle));
    }

    /// Makes `context` this thread's base, if it has no context at all.
    ///
    /// This is how a thread gets its first context when one is needed. It is not a
    /// switch: nothing is counted and no watcher is notified, as in CPython 3.14's
    /// `context_get`.
    ///
    /// # Errors
    ///
    /// Returns `context`, with nothing changed, where this thread has a context, or
    /// where any thread has entered this one or has it as its base.
    pub fn install_base(&self, context: S::Context) -> Result<(), S::Context> {
        if self.has_context() || !S::state(&context).claim().try_base(self.id) {
            return Err(context);
        }
        self.begin(Handle::owned(context), By::Base);
        if let Some(key) = self.at_end.get() {
            // If that thread-local is gone too, the base is leaked.
            let _ = key.try_with(|_| ());
        }
        Ok(())
    }

    /// Replaces the base context of this thread, or removes it, and returns the old
    /// one. Counts a switch and notifies the watchers.
    ///
    /// # Errors
    ///
    /// [`ReplaceError::Entered`] while a context is entered on this thread,
    /// [`ReplaceError::Held`] where the new one is entered or is a thread's
    /// base (this thread's own included), both with nothing changed.
    ///
    /// # Panics
    ///
    /// If a watcher panics. The base has been replaced by then.
    pub fn replace_context(
        &self,
        vm: S::Vm<'_>,
        context: Option<S::Context>,
    ) -> Result<Option<S::Context>, ReplaceError<S::Context>> {
        if self.depth() > 0 {
            return Err(ReplaceError::Entered(context));
        }
        let new = match context {
            Some(new) if !S::state(&new).claim().try_base(self.id) => {
                return Err(ReplaceError::Held(new));
            }
            context => context.map(Handle::owned),
        };
        let old = self.frames.pop();
        self.count_switch();
        if let Some(new) = new {
            self.begin(new, By::Base);
        }
        let old = old.and_then(|frame| {
            self.local.leave(frame.activation(), frame.state());
            frame.into_context()
        });
        self.notify(vm);
        Ok(old)
    }

    /// Leaves all contexts, since the native thread is ending. `again` leaves a base
    /// context that it gets after that.
    pub(crate) fn end_activations(&self, again: Option<&'static AtEndKey>) {
        self.at_end.set(again);
        // A value that is dropped may set a variable, which creates another base.
        for _ in 0..ROUNDS {
            self.ended
                .set(Activation::after(self.switches.get(), By::Run));
            self.leave_all();
            self.local.end();
            if !self.has_context() {
                break;
            }
        }
    }

    /// Returns `true` if the thread has left this activation because it was ending.
    pub(crate) fn has_ended(&self, activation: Activation) -> bool {
        activation <= self.ended.get()
    }

    /// Leaves every context that is on the stack, from the top down, and notifies no
    /// watcher. Drops that run meanwhile find the stack empty.
    fn leave_all(&self) {
        /// Leaves the other contexts if the drop of one panics.
        struct Each<'a, S: Stack>(&'a Thread<S>, Frames<S>);
        impl<S: Stack> Each<'_, S> {
            fn leave(&self) {
                while let Some(frame) = self.1.pop() {
                    self.0.leave(frame);
                }
            }
        }
        impl<S: Stack> Drop for Each<'_, S> {
            fn drop(&mut self) {
                self.leave();
            }
        }
        // Contexts that code looks at are leaked.
        if !self.frames.has_lookers() {
            Each(self, self.frames.take()).leave();
        }
    }

    #[inline]
    pub(crate) fn count_switch(&self) {
        self.switches.set(self.switches.get() + 1);
    }

    /// Notifies the watchers that the context of this thread has changed.
    #[inline]
    pub(crate) fn notify(&self, vm: S::Vm<'_>) {
        let current = || self.context(vm);
        let watchers = &self.interpreter.watchers;
        watchers.notify(vm, &self.busy_watchers, current);
    }
}

impl<S: Stack> fmt::Debug for Thread<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("id", &self.id)
            .field("depth", &self.depth())
            .finish_non_exhaustive()
    }
}

impl<S: Stack> Drop for Thread<S> {
    fn drop(&mut self) {
        self.leave_all();
    }
}

/// The key of an [`AtEnd`].
pub type AtEndKey = LocalKey<AtEnd>;

/// A thread-local that calls a function when the thread ends, if it was used before. For
/// [`current_thread!`](crate::current_thread).
#[derive(Debug)]
pub struct AtEnd(pub fn());

impl Drop for AtEnd {
    fn drop(&mut self) {
        (self.0)();
    }
}
