//! The names of those who take part, and the fields that they are among.

use crate::report::Entrant;

/// The same on one thread.
pub const ALONE: &str = "alone";
/// Others, on as many threads.
pub const OTHERS: &str = "others";

pub const OURS: Entrant = Entrant {
    name: "contextvars",
    field: OTHERS,
};
pub const ITSELF: Entrant = Entrant {
    name: "itself, on one thread",
    field: ALONE,
};
pub const LOCKED: Entrant = Entrant {
    name: "RwLock<HashMap>",
    field: OTHERS,
};
pub const TASK_LOCAL: Entrant = Entrant {
    name: "tokio::task_local!",
    field: OTHERS,
};
