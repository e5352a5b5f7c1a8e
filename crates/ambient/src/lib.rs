//! Typed context variables for Rust programs: values that follow the work, across
//! closures, threads, and futures on any executor.
//!
//! A thread-local belongs to a thread, on which many tasks run. A task-local of a runtime is
//! lost in the tasks that a task spawns. A context variable has a value in each [`Context`].
//! A new task gets a copy of the context, which is O(1). Values that are set in the copy
//! stay in it.
//!
//! ```
//! use ambient::{Context, ContextExt, DefaultVar, Var};
//!
//! static REQUEST_ID: Var<u64> = Var::new("request_id").shown();
//! static LOCALE: DefaultVar<&str> = DefaultVar::new("locale", "en");
//!
//! async fn handle() -> String {
//!     format!("{:?} in {}", REQUEST_ID.get(), LOCALE.get())
//! }
//!
//! let mut request = Context::new().with_value(&REQUEST_ID, 7);
//! let (task, work) = request.run(|| {
//!     // A future with its own context, for any executor.
//!     let task = handle().inherit();
//!     // A closure with one, for any thread.
//!     let work = ambient::inherit(|| LOCALE.scoped("de", || REQUEST_ID.get()));
//!     (task, work)
//! });
//! assert_eq!(futures::executor::block_on(task), "Some(7) in en");
//! assert_eq!(std::thread::spawn(work).join().unwrap(), Some(7));
//! ```
//!
//! | to | there is |
//! | --- | --- |
//! | declare a variable | [`Var`], [`DefaultVar`], both in statics |
//! | read | [`get`](Var::get), and [`with`](Var::with), which borrows |
//! | set | [`scoped`](Var::scoped) for a closure, [`scoped_future`](Var::scoped_future) for a future, [`set`](Var::set), whose [`Token`] restores the old value |
//! | start work | [`ContextExt`] for futures, streams and the like, [`inherit`](inherit()) for closures, [`thread`], and behind features `on_tokio`, `on_rayon`, `InheritExecutor` |
//! | configure inheritance | [`Inherit`], [`Var::on_inherit`] |
//! | keep a context and run in it | [`Context`] |
//! | serve requests | `ContextLayer` for tower, behind a feature |
//! | send values to other processes | [`Var::travels`], and `Propagator` behind the feature `propagate` |
//! | compare contexts, apply changes | [`Context::changed`], [`Context::diff`], [`Changes::apply`] |
//! | print values | `{:#?}` of a [`Context`] or of [`StackSnapshot::here`]; behind the feature `tracing`, `Fields` on each event |
//! | test | [`testing`] |
//! | learn more | the module `guide` |
//!
//! # Guarantees
//!
//! - A context is current for a closure or a poll, and is left on every path: a return,
//!   a panic, a cancelled future. There is no guard that could be held over an `.await`
//!   or dropped out of order.
//! - A thread has no context of its own. Outside of a context no variable can be set:
//!   [`Var::set`] panics, [`Var::try_set`] returns an error. A forgotten wrapper loses a
//!   value; it never leaks one.
//! - A `Context` is owned. No other thread runs in it, so running in it cannot fail.
//! - A wrapped future, stream or body is polled and dropped in its context, on any thread.
//! - User code (clone, drop, formatting, hooks) never runs under a lock.
//! - Reading allocates nothing, takes no lock, and writes nothing that another thread
//!   reads. A poll allocates nothing.
//!
//! When a thread ends, all its contexts are left. Code that runs later, in the drop of
//! another thread-local, sees no variable set, and can run in contexts.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

// `Var` and `Context` are one object model, so their files refer to each other in circles: a variable
// reads and sets in a context, and its scopes run in one.

mod any_var;
mod binding;
mod changes;
mod context;
mod default_var;
mod domain;
#[cfg(feature = "tracing")]
mod fields;
#[cfg(feature = "hyper")]
mod hyper;
mod in_context;
mod inherit;
mod meta;
mod no_context;
mod on_inherit;
#[cfg(feature = "rayon")]
pub mod on_rayon;
#[cfg(feature = "tokio")]
pub mod on_tokio;
pub mod prelude;
mod stack;
pub mod testing;
pub mod thread;
mod token;
#[cfg(feature = "tower")]
mod tower;
mod travel;
mod typed;
mod value;
mod var;

pub use any_var::{AnyVar, Variable};
pub use binding::Binding;
pub use changes::Changes;
pub use context::{Context, without_context};
pub use default_var::DefaultVar;
#[cfg(feature = "tracing")]
pub use fields::{Fields, WithFields};
#[cfg(feature = "hyper")]
pub use hyper::InheritExecutor;
pub use in_context::{ContextExt, InContext, Returning};
pub use inherit::{in_context, inherit, inherit_fn, inherit_mut, inherit_once};
pub use meta::Inherit;
pub use no_context::NoContextError;
pub use stack::{Level, StackSnapshot};
pub use token::{ContextId, ResetError, Token};
#[cfg(feature = "tower")]
pub use tower::{AnyResponse, ContextLayer, ContextService, HttpResponse, ResponseFuture};
#[cfg(feature = "serde")]
pub use travel::Json;
pub use travel::{Codec, CodecError, Text};
#[cfg(feature = "propagate")]
pub use travel::{Propagator, Skipped, Why};
pub use var::Var;

#[cfg(all(
    doc,
    feature = "http",
    feature = "rayon",
    feature = "tokio",
    feature = "tower",
    feature = "tracing"
))]
#[doc = include_str!("../docs/guide.md")]
pub mod guide {
    /// Runs the examples of the README.
    #[cfg(doctest)]
    #[doc = include_str!("../README.md")]
    struct Readme;
}
