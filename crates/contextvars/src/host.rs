//! The semantics of PEP 567 for any host: CPython 3.14's `Python/context.c`.
//!
//! An interpreter embeds three cells in its own objects ([`VarCell`],
//! [`ContextCell`], [`TokenCell`]) and implements [`ContextHost`].
//! Its `ContextVar.get` then calls [`VarCell::get`], and so
//! on. Operations on the current context take the host's token (`vm`) and the state of the
//! calling thread. Those on one cell do not take the state.
//!
//! Failures are returned as an [`Error`], which holds the objects it is about.
//! [`Error::raise`] creates the host's exception from it, with CPython's text.

// `ContextHost` and the cells are one object model, so their files refer to each other in circles: a
// host names handles of objects with the cells inside, and the cells hold such handles.

mod collect;
mod context;
mod context_host;
mod error;
mod iter;
mod mapping;
mod run;
mod scope;
mod token;
mod var;

pub use collect::{NodeHead, Reference, Visitor, drop_node, visit_node};
pub use context::ContextCell;
pub use context_host::{ContextHost, HostDomain, Interpreter, Leaf, Thread};
pub use error::Error;
pub use iter::{IterCell, IterKind};
pub use threadstate::{Event, WatcherError, WatcherId, current_thread};
pub use token::TokenCell;
pub use var::VarCell;
