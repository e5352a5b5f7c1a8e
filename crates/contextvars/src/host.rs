//! The semantics of PEP 567 for any host: CPython 3.14's `Python/context.c`.
//!
//! An interpreter embeds three cells in objects of its own ([`VarCell`],
//! [`ContextCell`], [`TokenCell`]) and says so by implementing
//! [`ContextHost`]. Its `ContextVar.get` then calls [`VarCell::get`], and so
//! on. What the functions here need besides their arguments is the host's
//! token (`vm`) and the state of the calling thread.
//!
//! Failures come back as [`Error`], which holds the objects it is about;
//! [`Error::raise`] makes the host's exception of it, with CPython's text.

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
pub use token::TokenCell;
pub use var::VarCell;
