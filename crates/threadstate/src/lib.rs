#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! * [`Stack`] names the types of contexts and watchers: this crate is generic over them.
//! * [`Claim`] is the word in each context that says which thread is in it.
//! * [`Thread`] owns one thread's stack, and [`current_thread!`] declares a host's accessor
//!   for the current thread.
//! * [`Interpreter`] is what threads share: up to eight watchers.
//! * [`Suspended`] is a part of a stack that was taken off, to be put back later.
//! * [`PlainStack`] stacks values of any type, without watchers.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

mod claim;
mod current;
mod error;
mod fork;
mod frames;
#[cfg(not(loom))]
mod guarded;
mod id;
mod interpreter;
mod lock;
mod plain;
mod primitive;
mod run;
mod stack;
mod suspend;
mod thread;
mod unwind;
mod watch;
mod word;

#[doc(hidden)]
pub mod internals;

pub use claim::{Claim, Claimed, Holder};
pub use error::{AlreadyEntered, ExitError, ReplaceError, SuspendError, WatcherError};
pub use frames::Current;
pub use id::{Activation, ContextVersion, ThreadId, WatcherId};
pub use interpreter::Interpreter;
pub use plain::{Plain, PlainStack};
pub use run::RunError;
pub use stack::{Event, Leave, Stack};
pub use suspend::{Mark, ResumeError, Suspended};
pub use thread::Thread;
pub use watch::MAX_WATCHERS;
pub use word::Word;
