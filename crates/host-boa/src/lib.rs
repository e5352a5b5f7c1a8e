//! JavaScript's `AsyncContext` for the Boa engine, over `contextvars::engine`.
//!
//! [`install`] adds the global `AsyncContext` to a Boa context. Two more parts keep variables
//! through promises, and go to the context's builder: [`Hooks`] and [`Jobs`].
//!
//! ```
//! use boa_engine::{Source, context::ContextBuilder, job::SimpleJobExecutor};
//! use std::rc::Rc;
//!
//! let mut context = ContextBuilder::new()
//!     .host_hooks(Rc::new(host_boa::Hooks))
//!     .job_executor(Rc::new(host_boa::Jobs::new(SimpleJobExecutor::new())))
//!     .build()?;
//! host_boa::install(&mut context)?;
//!
//! let user = r#"
//!     const user = new AsyncContext.Variable({ name: "user", defaultValue: "nobody" });
//!     let seen;
//!     user.run("ada", async () => { await null; seen = user.get(); });
//!     user.get()
//! "#;
//! assert!(context.eval(Source::from_bytes(user))?.strict_equals(&"nobody".into_js()));
//! context.run_jobs()?;
//! assert!(context.eval(Source::from_bytes("seen"))?.strict_equals(&"ada".into_js()));
//! # use boa_engine::{JsString, JsValue};
//! # trait IntoJs { fn into_js(self) -> JsValue; }
//! # impl IntoJs for &str { fn into_js(self) -> JsValue { JsString::from(self).into() } }
//! # Ok::<(), boa_engine::JsError>(())
//! ```
//!
//! Timers and events belong to the embedder: [`capture`] what is bound where one is registered,
//! and call the function in it ([`Captured::run`]). [`script`] shows this for `setTimeout`.

mod agent;
mod class;
mod held;
mod jobs;
mod snapshot;
mod variable;

pub mod script;

pub use agent::{Captured, capture, install};
pub use jobs::{Hooks, Jobs, call_job_callback, make_job_callback};
