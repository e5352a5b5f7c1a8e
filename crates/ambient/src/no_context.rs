//! Running where no context is current, and the error of setting a variable there.

use crate::domain::{Bindings, Handle, State, current, with_thread};
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

/// Calls `body` with no context current: no variable is set in `body`, and none can be set.
/// Restores the current context on every path, a panic included. One allocation.
///
/// Use it around code that runs unrelated, unwrapped work while it waits: a runtime that is
/// driven inside a context, or a pool whose waiting workers run other jobs. That work then
/// neither sees nor changes the values of this context.
///
/// ```
/// use ambient::Var;
///
/// static USER: Var<&str> = Var::new("user");
///
/// USER.scoped("ada", || {
///     ambient::without_context(|| {
///         assert_eq!(USER.get(), None);
///         assert!(USER.try_set("grace").is_err());
///     });
///     assert_eq!(USER.get(), Some("ada"));
/// });
/// ```
pub fn without_context<R>(body: impl FnOnce() -> R) -> R {
    with_thread(|thread| {
        if current(thread).is_none() {
            return body();
        }
        // It has no id, by which `current` recognises it.
        let mut none = Handle::new(State::new(Bindings::new()));
        let result = thread.run_mut((), &mut none, body);
        // Cannot fail: this is the context's only handle.
        result.unwrap_or_else(|refused| unreachable!("{refused}"))
    })
}
