//! A request id on every line of the log, in spawned tasks too.
//!
//! `cargo run -p contextvars-ambient --example request_id`. In a package of your own: `cargo add
//! contextvars-ambient --features tokio,tracing`, `cargo add tracing tracing-subscriber` and
//! `cargo add tokio --features macros,rt-multi-thread`.

use ambient::{Context, ContextExt, Fields, Var, on_tokio};
use tracing::info;
use tracing_subscriber::prelude::*;

static REQUEST_ID: Var<u64> = Var::new("request_id").shown();

async fn handle(path: &'static str) {
    info!("received {path}");
    // … INFO request_id: received /cart request_id=2
    let query = on_tokio::spawn(async { info!("queried the database") });
    query.await.expect("the task does not panic");
}

#[tokio::main]
async fn main() {
    let lines = Fields::new(&[&REQUEST_ID]).on(tracing_subscriber::fmt::layer());
    tracing_subscriber::registry().with(lines).init();
    // A web framework makes one context for each request: see `ContextLayer`.
    let request = |id, path| handle(path).in_context(Context::new().with_value(&REQUEST_ID, id));
    tokio::join!(request(1, "/"), request(2, "/cart"));
}
