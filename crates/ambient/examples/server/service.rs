//! The server.

use ambient::{Context, ContextExt, Var};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Barrier;
use tracing::info;

/// Which request this is. Shown on each line of the log.
pub static REQUEST_ID: Var<u64> = Var::new("request_id").shown();
/// Who has sent it. The same.
pub static USER: Var<String> = Var::new("user").displayed();

/// Makes the server. Requests wait until so many are here as `together` says.
pub fn router(together: Arc<Barrier>) -> Router {
    Router::new()
        .route("/greeting", get(greeting))
        .layer(from_fn(in_context))
        .with_state(together)
}

/// Runs all that is done for a request in a context of its own.
async fn in_context(request: Request, next: Next) -> Response {
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    let user = request.headers().get("x-user");
    let user = user.and_then(|user| user.to_str().ok()).unwrap_or("nobody");
    let context = Context::new()
        .with_value(&REQUEST_ID, REQUESTS.fetch_add(1, Ordering::Relaxed))
        .with_value(&USER, user.into());
    next.run(request).in_context(context).await
}

/// Answers with what the variables are at the end of it all. `of` is who it is for, handed on by
/// hand, so that a reader of the log can compare.
async fn greeting(State(together): State<Arc<Barrier>>) -> String {
    let of = user();
    info!(of, "received");
    together.wait().await;
    // A task of its own, which starts another.
    let task = ambient::on_tokio::spawn(look_up(of.clone()));
    // A thread that may block.
    let name = of.clone();
    let blocking = ambient::on_tokio::spawn_blocking(move || info!(of = name, "read a file"));
    let (found, read) = tokio::join!(task, blocking);
    let found = found.is_ok() && read.is_ok();
    info!(of, found, "answered");
    format!("{} {}", REQUEST_ID.get().unwrap_or_default(), user())
}

async fn look_up(of: String) {
    info!(of, "looks up");
    tokio::task::yield_now().await;
    // What is set here is seen here, and by the task that is started.
    USER.scoped_future(format!("{of}-deputy"), async {
        tokio::task::yield_now().await;
        let of = format!("{of}-deputy");
        let deputy = ambient::on_tokio::spawn(async move { info!(of, "found") });
        _ = deputy.await;
    })
    .await;
}

fn user() -> String {
    USER.get().unwrap_or_default()
}
