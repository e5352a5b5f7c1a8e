//! The `with` statement.

use super::{Result, Std, Value};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs `body` as the block of a `with` statement: `with manager as value`.
///
/// Returns the result of `body`, or `None` if it raised an exception that the
/// manager's `__exit__` suppressed.
///
/// A panic in `body` also calls `__exit__`, as after a normal end, since there
/// is no exception to pass; then the panic continues. An exception that
/// `__exit__` raises in that case is reported as unraisable.
///
/// # Errors
///
/// Whatever `__enter__`, `body` or `__exit__` raises; `TypeError` if `manager`
/// is not a context manager.
pub fn run_with<R>(manager: &Value, body: impl FnOnce(Value) -> Result<R>) -> Result<Option<R>> {
    let method = |name| match manager.special_method(name) {
        Some(method) => method,
        None => Err(manager.class().refuses(&format!(
            "does not support the context manager protocol (missed {name} method)"
        ))),
    };
    // CPython 3.14 looks up both before it calls either, `__exit__` first.
    let exit = method("__exit__")?;
    let value = method("__enter__")?.call(())?;
    match catch_unwind(AssertUnwindSafe(|| body(value))) {
        Ok(Ok(result)) => {
            exit.call(no_exception())?;
            Ok(Some(result))
        }
        Ok(Err(error)) => {
            let shown = [error.class().into(), error.clone().into(), Value::None];
            match exit.call(shown).and_then(|result| result.truth()) {
                Ok(true) => Ok(None),
                Ok(false) => Err(error),
                Err(newer) => Err(newer.while_handling(&error)),
            }
        }
        Err(panic) => {
            if let Err(error) = exit.call(no_exception()) {
                Std::report("Exception ignored in __exit__ during a panic", &error);
            }
            resume_unwind(panic)
        }
    }
}

fn no_exception() -> [Value; 3] {
    [Value::None, Value::None, Value::None]
}
