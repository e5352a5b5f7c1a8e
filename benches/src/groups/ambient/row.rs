//! The rows of the table, and what is asked of the subject in each.

use super::field;
use crate::bound::Bound;

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Read the value.
    Get,
    /// Bind another value for the length of a call, which reads it.
    Scoped,
    /// Take what a task is to have with it, and let it go.
    Capture,
    /// Poll a future that has it with it, and that does nothing.
    Poll,
    /// Poll a future that has it with it, and that reads the value.
    PollGet,
    /// Poll a future that has two more with it, and that does nothing.
    PollThree,
}

impl Row {
    /// Every row, in the order of the table.
    pub const ALL: [Row; 6] = [
        Row::Get,
        Row::Scoped,
        Row::Capture,
        Row::Poll,
        Row::PollGet,
        Row::PollThree,
    ];

    /// What the report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Row::Get => "get",
            Row::Scoped => "set for a call, and get",
            Row::Capture => "capture + drop",
            Row::Poll => "poll, untouched",
            Row::PollGet => "poll, and get",
            Row::PollThree => "poll, with three variables",
        }
    }

    /// What the subject may need, against each peer.
    pub fn bounds(self) -> Vec<(&'static str, Bound)> {
        let (all, floor) = match self {
            Row::Get => (Some(1.0), Some(2.0)),
            _ => (None, None),
        };
        let of_telemetry = if self == Row::Scoped { Some(1.0) } else { all };
        let of_task_local = if self == Row::Poll { Some(1.0) } else { all };
        let shares = [
            (field::TASK_LOCAL, of_task_local),
            (field::TELEMETRY, of_telemetry),
            (field::SPAN, all),
            (field::FLOOR, floor),
        ];
        Bound::of_fields(shares, true)
    }

    /// What progress calls it.
    pub fn title(self, values: &str) -> String {
        format!("{values}: {}", self.name())
    }
}
