//! The context variables of a request.

use contextvars::ContextVar;
use std::sync::LazyLock;

/// A variable that is made when it is first used.
pub type Variable = LazyLock<ContextVar>;

/// Which request is served.
pub static REQUEST: Variable = LazyLock::new(|| ContextVar::new("request"));

/// Where it came from.
pub static CLIENT: Variable = LazyLock::new(|| ContextVar::new("client"));

/// How it was asked for.
pub static METHOD: Variable = LazyLock::new(|| ContextVar::new("method"));

/// What was asked for.
pub static PATH: Variable = LazyLock::new(|| ContextVar::new("path"));

/// On whose behalf.
pub static USER: Variable = LazyLock::new(|| ContextVar::new("user"));

/// When the work must be done, in seconds since 1970.
pub static DEADLINE: Variable = LazyLock::new(|| ContextVar::new("deadline"));

/// What part of the work is being done.
pub static SPAN: Variable = LazyLock::new(|| ContextVar::with_default("span", "idle"));

/// How often that has been tried, this time included.
pub static ATTEMPT: Variable = LazyLock::new(|| ContextVar::with_default("attempt", 0));

/// What the cache said; only the task that asks it binds this.
pub static CACHE: Variable = LazyLock::new(|| ContextVar::new("cache"));

/// The [`Report`](super::report::Report) of the request, which all its tasks
/// share.
pub static REPORT: Variable = LazyLock::new(|| ContextVar::new("report"));

/// All of them: more than one stay in a context remembers lookups of, so that
/// they compete for the places.
pub static ALL: [&Variable; 10] = [
    &REQUEST, &CLIENT, &METHOD, &PATH, &USER, &DEADLINE, &SPAN, &ATTEMPT, &CACHE, &REPORT,
];
