//! A task: a part of a request's work, done in steps.

use super::bleed::Bleed;
use super::expected::Expected;
use super::report;
use super::span::{Counting, Span};
use super::variables::ATTEMPT;
use contextvars::{Context, Exception, Token, copy_context};

/// A task, which runs only in its own context.
pub struct Task {
    context: Context,
    span: Span,
    inherited: Expected,
    at: Phase,
}

/// The next step of a task.
enum Phase {
    /// Binds its variables.
    Open,
    /// Spawns its children and waits for them.
    Spawn,
    /// Makes an attempt, by its number from 1.
    Attempt(u32),
    /// Ends an attempt whose number is bound until the token resets it.
    Reset(u32, Token),
    /// Ends.
    Close,
}

/// The loop's next action for a task after a step.
pub enum Next {
    /// Queues the task behind the others.
    Yield,
    /// Hands the task over to another thread.
    HandOver,
    /// Runs the children, and the task again when the last child has ended.
    Join(Vec<Task>),
    /// The task has ended.
    Done,
}

/// Why a task ended early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The log says that this part of the work failed.
    #[error("{0} failed")]
    Planned(String),
    /// A check failed.
    #[error(transparent)]
    Bleed(#[from] Bleed),
}

impl From<Exception> for Failure {
    fn from(exception: Exception) -> Failure {
        Failure::Bleed(exception.into())
    }
}

impl Task {
    /// Creates a task that inherits the bindings of the current context. These
    /// should be the values in `inherited`.
    pub fn spawn(span: Span, inherited: Expected) -> Task {
        Task {
            context: copy_context(),
            span,
            inherited,
            at: Phase::Open,
        }
    }

    /// Returns the task's context.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns the task's name.
    pub fn name(&self) -> String {
        self.span.to_string()
    }

    /// Runs the task in its context until its next pause.
    pub fn step(&mut self) -> Result<Next, Failure> {
        let context = self.context.clone();
        context.run(|| self.step_inside())?
    }

    /// Does one step. Every phase begins and ends with a check of the variables.
    fn step_inside(&mut self) -> Result<Next, Failure> {
        match std::mem::replace(&mut self.at, Phase::Close) {
            Phase::Open => {
                self.inherited.check(&self.span)?;
                self.span.expected.bind(&self.inherited);
                self.pause(Phase::Spawn)
            }
            Phase::Spawn => {
                self.check()?;
                let spans = std::mem::take(&mut self.span.children);
                if spans.is_empty() {
                    return self.pause(Phase::Attempt(1));
                }
                self.at = Phase::Attempt(1);
                let inherited = &self.span.expected;
                let spawn = |span| Task::spawn(span, inherited.clone());
                Ok(Next::Join(spans.into_iter().map(spawn).collect()))
            }
            Phase::Attempt(attempt) => {
                self.check()?;
                match self.span.counting {
                    Counting::Scoped => {
                        ATTEMPT.scoped(attempt, || self.attempt(attempt))??;
                        self.pause(self.after(attempt))
                    }
                    Counting::Token => {
                        let token = ATTEMPT.set(attempt);
                        self.at = Phase::Reset(attempt, token);
                        Ok(self.give_way())
                    }
                }
            }
            Phase::Reset(attempt, token) => {
                self.attempt(attempt)?;
                ATTEMPT.reset(&token)?;
                self.pause(self.after(attempt))
            }
            Phase::Close => {
                self.check()?;
                Ok(Next::Done)
            }
        }
    }

    /// Writes the line of an attempt, whose number is bound. Fails if that is
    /// planned.
    fn attempt(&self, attempt: u32) -> Result<(), Failure> {
        let bound = self.span.expected.with(&ATTEMPT, attempt);
        bound.check(&self.span)?;
        report::write(&self.span.text)?;
        if self.span.fails && attempt == self.span.attempts {
            return Err(Failure::Planned(self.name()));
        }
        Ok(())
    }

    /// Checks the variables between attempts.
    fn check(&self) -> Result<(), Bleed> {
        self.span.expected.check(&self.span)
    }

    fn after(&self, attempt: u32) -> Phase {
        if attempt < self.span.attempts {
            Phase::Attempt(attempt + 1)
        } else {
            Phase::Close
        }
    }

    /// Ends a step, between attempts.
    fn pause(&mut self, next: Phase) -> Result<Next, Failure> {
        self.check()?;
        self.at = next;
        Ok(self.give_way())
    }

    /// Returns the action that lets other tasks run.
    fn give_way(&self) -> Next {
        if self.span.travels {
            Next::HandOver
        } else {
            Next::Yield
        }
    }
}
