//! The guarantees of `threadstate`, one module for each concept.
#![cfg(not(loom))]

mod base;
mod current;
mod drops;
mod enter;
mod exit;
mod ids;
mod named;
mod plain;
mod race;
mod rc_host;
mod run;
mod suspend;
mod sync;
mod thread_end;
mod watcher_ids;
mod watchers;
