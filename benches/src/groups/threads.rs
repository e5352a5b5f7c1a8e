//! Context variables on several threads at once: whether each is as fast as one alone.
//!
//! A figure is what an operation takes on each of so many threads, which begin together. Beside it
//! stands the same on one thread: that it costs as much there is that two threads do twice as
//! much. And beside it stand others who have a value for each thread or task, at as many threads.
//!
//! Everybody has as many variables, of which a thread uses one: the same one as the other threads,
//! or one of its own.

mod entrant;
mod library;
mod locked;
mod measure;
mod ours;
mod row;
mod start;
mod task_local;

use crate::groups::Group;

/// What the group is called.
const NAME: &str = "threads";

/// How many variables everybody has.
const VARIABLES: usize = 10;

/// The group.
pub const GROUP: Group = Group {
    name: NAME,
    title: "Threads",
    sizes: "threads",
    libraries: &["tokio"],
    measure: measure::measure,
};
