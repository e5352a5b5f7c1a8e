//! Taking contexts off a thread's stack together, and putting them back later.
//!
//! For greenlets, stackful coroutines and fibers: each has its own stack of contexts, and is
//! suspended with it. The contexts stay entered meanwhile, so no other code enters or changes
//! them.
//!
//! A [`Mark`] that is taken before a coroutine runs says where its contexts begin.

use crate::frames::Taken;
use crate::id::By;
use crate::{Activation, Claimed, Leave, Stack, Thread, ThreadId};
use std::error::Error;
use std::fmt;

/// Contexts that were taken off a thread's stack: see [`Thread::suspend`].
///
/// Dropping it leaves them, from the top down.
#[must_use = "dropping it leaves the contexts"]
pub struct Suspended<S: Stack> {
    /// From the top down.
    frames: Vec<Taken<S>>,
    /// The thread that they were entered on.
    thread: ThreadId,
}

impl<S: Stack> Suspended<S> {
    /// Returns the number of contexts.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Returns `true` if there is no context.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Calls `visit` with each context, from the top down: for a cycle collector.
    pub fn for_each_context(&self, visit: impl FnMut(&S::Context)) {
        self.frames.iter().map(Taken::context).for_each(visit);
    }

    fn has(&self, by: By) -> bool {
        self.frames
            .iter()
            .any(|frame| frame.activation().by() == by)
    }
}

impl<S: Stack> fmt::Debug for Suspended<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suspended")
            .field("len", &self.len())
            .field("thread", &self.thread)
            .finish()
    }
}

/// A place in a thread's stack of contexts: above the one that was current when the mark was
/// [taken](Thread::mark).
///
/// It is valid on that thread only, while that context is on its stack. If another thread resumes
/// the context, the mark is not valid there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    thread: ThreadId,
    activation: Activation,
}

impl<S: Stack> Thread<S> {
    /// Returns a mark for the place above the current context.
    pub fn mark(&self) -> Mark {
        Mark {
            thread: self.id(),
            activation: self.activation(),
        }
    }

    /// Takes the contexts above a mark off this thread's stack; without a mark all of them, the
    /// base context included. They stay entered. Counts a switch and notifies the watchers if
    /// there are any such contexts. O(n) for n contexts on the stack.
    ///
    /// If the mark was taken while the thread had no context, all contexts that were entered
    /// since are taken off. A base context that the thread got meanwhile stays.
    ///
    /// [`resume`](Self::resume) puts them back.
    ///
    /// # Errors
    ///
    /// A [`SuspendError`], with nothing changed.
    ///
    /// # Panics
    ///
    /// If a watcher panics. The contexts are left then.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use threadstate::{Interpreter, Plain, PlainStack, Thread};
    ///
    /// let thread = Thread::<PlainStack<&str>>::new(&Arc::new(Interpreter::new()));
    /// let mark = thread.mark();
    /// thread.enter((), Plain::new("a coroutine's")).unwrap();
    /// let suspended = thread.suspend((), Some(mark))?;
    /// assert!(!thread.has_context());
    ///
    /// thread.resume((), suspended)?;
    /// assert_eq!(*thread.context(()).unwrap().value(), "a coroutine's");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn suspend(
        &self,
        vm: S::Vm<'_>,
        above: Option<Mark>,
    ) -> Result<Suspended<S>, SuspendError> {
        if above.is_some_and(|mark| mark.thread != self.id()) {
            return Err(SuspendError::NotFound);
        }
        let frames = self.frames.take_above(above.map(|mark| mark.activation))?;
        let suspended = Suspended {
            frames,
            thread: self.id(),
        };
        for frame in &suspended.frames {
            self.local().leave(frame.activation(), frame.state());
        }
        if !suspended.is_empty() {
            self.count_switch();
            self.interpreter.watchers.notify(vm, self);
        }
        Ok(suspended)
    }

    /// Puts contexts that were [suspended](Self::suspend) on top of this thread's stack. Counts
    /// a switch for each and notifies the watchers. O(n).
    ///
    /// If they were entered on another thread, this thread takes over their claims.
    ///
    /// # Errors
    ///
    /// A [`ResumeError`] with the contexts in it, and nothing changed.
    ///
    /// # Panics
    ///
    /// If a watcher panics. The contexts have been put back by then.
    pub fn resume(&self, vm: S::Vm<'_>, mut suspended: Suspended<S>) -> Result<(), ResumeError<S>> {
        if self.has_context() && suspended.has(By::Base) {
            return Err(ResumeError::Base(suspended));
        }
        let is_other = suspended.thread != self.id();
        if is_other && suspended.has(By::Run) {
            return Err(ResumeError::Run(suspended));
        }
        if suspended.is_empty() {
            return Ok(());
        }
        while let Some(frame) = suspended.frames.pop() {
            self.count_switch();
            let mut activation = frame.activation();
            if is_other {
                frame.state().claim().hand_over(self.id());
                activation = self.next_activation(activation.by());
            }
            self.frames.put_back(frame, activation);
        }
        self.interpreter.watchers.notify(vm, self);
        Ok(())
    }
}

/// Why contexts could not be suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SuspendError {
    /// The mark is another thread's, or its context is not on the stack any more.
    NotFound,
    /// A call of [`Thread::run`] has borrowed its caller's handle for the stack, without counting
    /// it. Families with [`Stack::RUN_COUNTS`] count it.
    Borrowed,
    /// The call is inside [`Thread::with_current`] or
    /// [`for_each_context`](Thread::for_each_context).
    InUse,
}

/// Why suspended contexts could not be put on a thread's stack.
#[non_exhaustive]
pub enum ResumeError<S: Stack> {
    /// One of them is a thread's base context, and this thread has a context already.
    Base(Suspended<S>),
    /// One of them belongs to a call of [`Thread::run`] on another thread, which leaves it.
    Run(Suspended<S>),
}

impl<S: Stack> ResumeError<S> {
    /// Returns the contexts.
    pub fn into_suspended(self) -> Suspended<S> {
        match self {
            ResumeError::Base(suspended) | ResumeError::Run(suspended) => suspended,
        }
    }
}

impl Error for SuspendError {}
impl<S: Stack> Error for ResumeError<S> {}

impl fmt::Display for SuspendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SuspendError::NotFound => "the mark is not on this thread's stack",
            SuspendError::Borrowed => {
                "a call of `run` borrows its context from its caller, and cannot be suspended"
            }
            SuspendError::InUse => "code that may only look at the current context is under way",
        })
    }
}

impl<S: Stack> fmt::Display for ResumeError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ResumeError::Base(_) => {
                "the suspended contexts begin with a base context, and this thread has one"
            }
            ResumeError::Run(_) => {
                "one of the suspended contexts belongs to a call of `run` on another thread"
            }
        })
    }
}

impl<S: Stack> fmt::Debug for ResumeError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, suspended) = match self {
            ResumeError::Base(suspended) => ("Base", suspended),
            ResumeError::Run(suspended) => ("Run", suspended),
        };
        f.debug_tuple(name).field(suspended).finish()
    }
}
