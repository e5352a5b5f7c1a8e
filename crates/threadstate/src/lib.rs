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
mod plain;
mod run;
mod stack;
mod suspend;
mod thread;
mod unwind;
mod watch;
mod word;

#[doc(hidden)]
pub mod sync;

pub use claim::{Claim, Claimed, Holder};
#[doc(hidden)]
pub use current::{AtEnd, Local, with_local};
pub use error::{AlreadyEntered, ExitError, ReplaceError, WatcherError};
pub use frames::Current;
pub use id::{Activation, ContextVersion, Counter, ThreadId};
pub use interpreter::Interpreter;
pub use plain::{Plain, PlainStack};
pub use run::RunError;
pub use stack::{Leave, Stack};
pub use suspend::{Mark, ResumeError, SuspendError, Suspended};
pub use thread::Thread;
pub use unwind::OnUnwind;
pub use watch::{Event, MAX_WATCHERS};
pub use word::Word;
