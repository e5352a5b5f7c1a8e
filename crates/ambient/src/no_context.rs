//! The error of setting a variable where no context is current.

use std::error::Error;
use std::fmt;

/// The error of setting a variable where no context is current.
///
/// A thread has no context of its own, so that a task never sees values that an earlier task
/// on the thread has set.
///
/// ```
/// use ambient::Var;
///
/// static USER: Var<&str> = Var::new("user");
///
/// let error = USER.try_set("ada").unwrap_err();
/// assert_eq!(error.var_name(), "user");
/// println!("{error}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoContextError {
    var: &'static str,
}

impl NoContextError {
    pub(crate) const fn new(var: &'static str) -> Self {
        NoContextError { var }
    }

    /// Returns the name of the variable.
    pub fn var_name(&self) -> &'static str {
        self.var
    }
}

impl fmt::Display for NoContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` cannot be set here: no context is current. Code that was spawned inherits a \
             context by `.inherit()` or `ambient::inherit`; other code enters one by `scoped`, \
             `scoped_future`, `Context::run` or `in_context`",
            self.var
        )
    }
}

impl Error for NoContextError {}
