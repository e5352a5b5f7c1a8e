//! The fields of this group: each peer is one of its own.

/// `tokio::task_local!`.
pub const TASK_LOCAL: &str = "tokio";
/// `opentelemetry::Context`.
pub const TELEMETRY: &str = "opentelemetry";
/// Spans of `tracing`.
pub const SPAN: &str = "tracing";
/// `thread_local!`, which follows nothing.
pub const FLOOR: &str = "floor";
