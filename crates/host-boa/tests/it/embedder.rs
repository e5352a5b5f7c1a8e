//! The crate without the machine of scripts.

use boa_engine::job::SimpleJobExecutor;
use boa_engine::{Context, JsValue, Source, context::ContextBuilder};
use std::rc::Rc;

#[test]
fn x() {}
