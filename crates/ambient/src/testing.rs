//! Helpers for tests of code that uses variables.

use crate::{Changes, Context};

/// Calls `test` in a new, empty context, even if another context is current.
///
/// For a test that is a future write `test.in_context(Context::new())`: see
/// [`ContextExt`](crate::ContextExt).
///
/// ```
/// use ambient::{Var, testing};
///
/// static USER: Var<&str> = Var::new("user");
///
/// testing::fresh(|| {
///     USER.set("ada");
///     assert_eq!(USER.get(), Some("ada"));
/// });
/// assert_eq!(USER.get(), None);
/// ```
pub fn fresh<R>(test: impl FnOnce() -> R) -> R {
    Context::new().run(test)
}

/// Calls `body` in a copy of the current context. Returns its result and the variables that
/// it has set or unset; the current context is not changed.
///
/// ```
/// use ambient::{Var, testing};
///
/// static USER: Var<&str> = Var::new("user");
/// static ROLE: Var<&str> = Var::new("role").shown();
///
/// fn log_in() {
///     ROLE.set("admin");
/// }
///
/// USER.scoped("ada", || {
///     let ((), changes) = testing::changes(log_in);
///     assert_eq!(changes.of(&ROLE), Some((None, Some(&"admin"))));
///     assert_eq!(changes.of(&USER), None);
///     assert_eq!(format!("{changes:?}"), r#"{role: &str = (not set) -> "admin"}"#);
///     assert_eq!(ROLE.get(), None);
/// });
/// ```
pub fn changes<R>(body: impl FnOnce() -> R) -> (R, Changes) {
    let before = Context::current();
    let mut after = before.copy();
    let result = after.run(body);
    let changes = before.diff(&after);
    (result, changes)
}
