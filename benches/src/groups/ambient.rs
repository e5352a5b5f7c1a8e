//! Context variables for Rust programs, beside what such programs use today.
//!
//! Everybody keeps one value for the work at hand, reads it, binds another for the length of a
//! call, and carries it into a future, on one thread. Spans carry no values of their own: theirs is
//! in the extensions of the registry, which is where layers keep such things.

mod contestant;
mod field;
mod floor;
mod kinds;
mod measure;
mod ours;
mod polls;
mod row;
mod span;
mod task_local;
mod telemetry;

use crate::groups::Group;

/// What the group is called.
const NAME: &str = "ambient";

/// The group.
pub const GROUP: Group = Group {
    name: NAME,
    title: "Context variables for Rust programs",
    sizes: "variables",
    libraries: &["tokio", "opentelemetry", "tracing", "tracing-subscriber"],
    measure: measure::measure,
};
