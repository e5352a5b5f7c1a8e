//! The service. Each line of its log names the request twice, so that `load.rs` can compare.

use ambient::{Context, ContextLayer, Propagator, Var};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::routing::{get, post};
use futures::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::LazyLock;
use tokio::task::yield_now;
use tracing::info;

/// The id of the request. Shown on each line of the log.
pub static REQUEST_ID: Var<u64> = Var::new("request_id").shown().travels("x-request-id");
/// The user that sent the request. Shown on each line of the log.
pub static USER: Var<String> = Var::new("user").displayed().travels("x-user");

/// Reads both from the headers of a request.
static HEADERS: LazyLock<Propagator> = LazyLock::new(|| Propagator::new(&[&REQUEST_ID, &USER]));

/// Creates the service.
pub fn router() -> Router {
    let layer = ContextLayer::new(|request: &Request| {
        let mut context = Context::new();
        for skipped in HEADERS.extract_headers(request.headers(), &mut context) {
            tracing::warn!("{skipped}");
        }
        context
    });
    Router::new()
        .route("/greeting", get(greeting))
        .route("/stream", get(streamed))
        .route("/echo", post(echo))
        .route("/panic", get(panics))
        .route("/forgotten", get(forgotten))
        .layer(layer)
        // Without the layer.
        .route("/bare", get(bare))
}

/// Returns the request and the user, as the variables have them.
fn who() -> String {
    let user = USER.get().unwrap_or_default();
    format!("{} {user}", REQUEST_ID.get().unwrap_or_default())
}

/// Answers with the values of the variables at the end. `of` has the same values, passed on by
/// hand, so that the checker of the log can compare.
async fn greeting() -> String {
    let of = who();
    info!(of, "received");
    // A task, which starts another.
    let task = ambient::on_tokio::spawn(look_up(of.clone()));
    // A thread that may block.
    let name = of.clone();
    let blocking = ambient::on_tokio::spawn_blocking(move || info!(of = name, "read a file"));
    let (found, read) = tokio::join!(task, blocking);
    let found = found.is_ok() && read.is_ok();
    info!(of, found, "answered");
    who()
}

async fn look_up(of: String) {
    info!(of, "looks up");
    yield_now().await;
    // A value that is set here is seen here and in the task that is started.
    let deputy = format!("{}-deputy", USER.get().unwrap_or_default());
    USER.scoped_future(deputy, async move {
        yield_now().await;
        let of = format!("{of}-deputy");
        let deputy = ambient::on_tokio::spawn(async move { info!(of, "found") });
        _ = deputy.await;
    })
    .await;
}

/// Answers line by line, after the handler has returned. A variable counts the lines.
async fn streamed() -> Body {
    static LINES: Var<u64> = Var::new("lines");
    let of = who();
    let lines = stream::iter(0..10_u64).then(move |number| {
        let of = of.clone();
        async move {
            yield_now().await;
            let before = LINES.get().unwrap_or(0);
            LINES.set(before + 1);
            info!(of, "streams");
            let line = if before == number {
                who()
            } else {
                "the wrong line".into()
            };
            Ok::<_, Infallible>(Bytes::from(line + "\n"))
        }
    });
    Body::from_stream(lines)
}

/// Answers each part of the request's body with the request and the user.
async fn echo(body: Body) -> Body {
    let answers = body
        .into_data_stream()
        .map(|part| part.map(|part| Bytes::from([who().as_bytes(), b" ", &part, b"\n"].concat())));
    Body::from_stream(answers)
}

async fn panics() -> String {
    let _token = USER.set(format!("{}-panics", USER.get().unwrap_or_default()));
    yield_now().await;
    // A panic without a message.
    std::panic::resume_unwind(Box::new("on purpose"))
}

/// Returns the values that unwrapped work sees. Also tries to set one.
fn unwrapped() -> String {
    let found = who();
    info!("unwrapped");
    let set = USER.try_set("a thief".into()).is_ok();
    format!("{found}{}", if set { "a thief" } else { "" })
}

/// Answers with the values that unwrapped work saw. There must be none.
async fn forgotten() -> String {
    let task = tokio::spawn(async { unwrapped() });
    let blocking = tokio::task::spawn_blocking(unwrapped);
    let (send, job) = tokio::sync::oneshot::channel();
    rayon::spawn(|| _ = send.send(unwrapped()));
    let panics = tokio::spawn(async { drop(USER.set("a thief".into())) });
    let panicked = panics.await.is_err();
    let found = [
        task.await,
        blocking.await,
        Ok(job.await.unwrap_or_default()),
    ];
    let found = found.map(|found| found.unwrap_or_else(|error| error.to_string()));
    format!(
        "{} {panicked} {}",
        who(),
        found.map(|found| found.replace("0 ", "-")).join("")
    )
}

async fn bare() -> String {
    unwrapped()
}
