//! The context variables of a request.

use contextvars::ContextVar;
use std::sync::LazyLock;

/// A variable that is created when it is first used.
pub type Variable = LazyLock<ContextVar>;

/// The name of the request.
pub static REQUEST: Variable = LazyLock::new(|| ContextVar::new("request"));

/// The client that sent it.
pub static CLIENT: Variable = LazyLock::new(|| ContextVar::new("client"));

/// Its method.
pub static METHOD: Variable = LazyLock::new(|| ContextVar::new("method"));

/// Its path.
pub static PATH: Variable = LazyLock::new(|| ContextVar::new("path"));

/// The user for whom it is served.
pub static USER: Variable = LazyLock::new(|| ContextVar::new("user"));

/// The deadline of the work, in seconds since 1970.
pub static DEADLINE: Variable = LazyLock::new(|| ContextVar::new("deadline"));

/// The part of the work that the task does.
pub static SPAN: Variable = LazyLock::new(|| ContextVar::with_default("span", "idle"));

/// The number of the attempt, from 1.
pub static ATTEMPT: Variable = LazyLock::new(|| ContextVar::with_default("attempt", 0));

/// The result of the cache; bound only in the cache task.
pub static CACHE: Variable = LazyLock::new(|| ContextVar::new("cache"));

/// The [`Report`](super::report::Report) of the request, which all its tasks
/// share.
pub static REPORT: Variable = LazyLock::new(|| ContextVar::new("report"));

/// All variables of a request.
pub static ALL: [&Variable; 10] = [
    &REQUEST, &CLIENT, &METHOD, &PATH, &USER, &DEADLINE, &SPAN, &ATTEMPT, &CACHE, &REPORT,
];
