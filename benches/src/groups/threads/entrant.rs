//! The names of those who take part, and the fields that they are among.

use crate::report::Entrant;

/// The same on one thread.
pub const ALONE: &str = "alone";
/// A map behind a lock, on as many threads.
const LOCK: &str = "lock";
/// Values of tasks, on as many threads.
const TASKS: &str = "tasks";

pub const OURS: Entrant = Entrant {
    name: "contextvars",
    field: LOCK,
};
pub const ITSELF: Entrant = Entrant {
    name: "itself, on one thread",
    field: ALONE,
};
pub const LOCKED: Entrant = Entrant {
    name: "RwLock<HashMap>",
    field: LOCK,
};
pub const TASK_LOCAL: Entrant = Entrant {
    name: "tokio::task_local!",
    field: TASKS,
};
