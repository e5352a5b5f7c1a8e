//! The failures that the example checks for: values that leak between contexts.

use contextvars::Exception;

/// A failed check.
#[derive(Debug, thiserror::Error)]
pub enum Bleed {
    /// A task found a wrong value in a variable.
    #[error("{task}: `{variable}` should be {expected} and is {found}")]
    Value {
        /// The task.
        task: String,
        /// The variable.
        variable: String,
        /// The value that follows from the task's line.
        expected: String,
        /// The value that the variable has.
        found: String,
    },
    /// A variable is bound in the loop's own context between steps.
    #[error("after a step of {task}, the loop's own context binds {binding}")]
    Loop {
        /// The task that ran last.
        task: String,
        /// The variable and its value.
        binding: String,
    },
    /// A step has ended, but its context has not been left.
    #[error("after a step of {task}, its context is still entered")]
    Entered {
        /// The task.
        task: String,
    },
    /// An operation failed that must never fail here.
    #[error("a context or a variable refused: {0}")]
    Refused(#[from] Exception),
}
