//! State that is where it does not belong.

use contextvars::Exception;

/// What must not happen.
#[derive(Debug, thiserror::Error)]
pub enum Bleed {
    /// A task found another value than it left.
    #[error("{task}: `{variable}` should be {expected} and is {found}")]
    Value {
        /// Which task.
        task: String,
        /// Which variable.
        variable: String,
        /// The value that follows from the task's line.
        expected: String,
        /// The value that the variable has.
        found: String,
    },
    /// A variable is bound in the loop's own context, between steps.
    #[error("after a step of {task}, the loop's own context binds {binding}")]
    Loop {
        /// The task that ran last.
        task: String,
        /// The variable and its value.
        binding: String,
    },
    /// A step has ended and its context has not been left.
    #[error("after a step of {task}, its context is still entered")]
    Entered {
        /// Which task.
        task: String,
    },
    /// Something failed that never should.
    #[error("a context or a variable refused: {0}")]
    Refused(#[from] Exception),
}
