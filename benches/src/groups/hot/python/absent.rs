//! No Python code: this was built without the feature `cpython`.

use std::time::Duration;

use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::Record;

/// The time of nothing.
pub fn estimate(_: &Plan<'_>) -> Duration {
    Duration::ZERO
}

/// Measures nothing.
pub fn measure(_: &Plan<'_>, _: &mut Progress) -> Vec<Record> {
    Vec::new()
}
