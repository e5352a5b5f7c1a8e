//! JavaScript's `AsyncContext` for the Boa engine, over `contextvars::engine`.
//!
//! [`install`] adds the global `AsyncContext` to a Boa context. [`Hooks`] and [`Jobs`], which are
//! passed to the context's builder, preserve variables through promises.
//!
//! ```
//! use boa_engine::{Source, context::ContextBuilder, job::SimpleJobExecutor};
//! use std::rc::Rc;
//!
//! let mut context = ContextBuilder::new()
//!     .host_hooks(Rc::new(host_boa::Hooks))
//!     .job_executor(Rc::new(host_boa::Jobs::<SimpleJobExecutor>::new(Rc::default())))
//!     .build()?;
//! host_boa::install(&mut context)?;
//!
//! let code = r#"
//!     const user = new AsyncContext.Variable({ name: "user", defaultValue: "nobody" });
//!     const seen = [user.get()];
//!     user.run("ada", async () => { await null; seen.push(user.get()); });
//! "#;
//! context.eval(Source::from_bytes(code))?;
//! context.run_jobs()?;
//! let seen = context.eval(Source::from_bytes("seen.join()"))?;
//! assert_eq!(seen.to_string(&mut context)?, "nobody,ada");
//! # Ok::<(), boa_engine::JsError>(())
//! ```
//!
//! Timers and events are the embedder's: [`capture`] the mapping where one is registered, and call
//! its function by [`Captured::run`]. [`script`] shows this for `setTimeout`.

#![deny(unsafe_code)]

mod agent;
mod class;
mod held;
mod jobs;
mod snapshot;
mod variable;

pub mod script;

pub use agent::{Captured, capture, install};
pub use jobs::{Hooks, Jobs, call_job_callback, make_job_callback};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
