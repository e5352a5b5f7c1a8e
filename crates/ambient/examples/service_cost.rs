//! The CPU time of a request with each library. Each carries a request id and a user through a
//! handler that reads both several times, a task that it spawns, and a streamed body.
//!
//! `cargo run --release -p contextvars-ambient --all-features --example service_cost`
//!
//! All run in one process and on one thread, in turns, without a network. The figures are the
//! lowest and the median of the rounds, and the median's share of `task_local!`'s.

use ambient::{Context, ContextExt, ContextLayer, Var};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use futures::{StreamExt, stream};
use http_body_util::BodyExt;
use opentelemetry::context::FutureExt as _;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// The carried values.
type Id = u64;
type User = Arc<str>;

/// The operations of one library.
trait Library: Copy + Send + Sync + 'static {
    fn read(self) -> (Id, User);

    /// Wraps a future that a handler spawns.
    fn inherit<F: Future<Output: Send> + Send + 'static>(
        self,
        future: F,
    ) -> impl Future<Output = F::Output> + Send + 'static;

    /// Wraps the stream of a body.
    fn stream(self, lines: impl Lines) -> Body;

    /// Adds a layer that sets the id and user of each request.
    fn layer(self, router: Router) -> Router;
}

trait Lines: futures::Stream<Item = Result<Bytes, Infallible>> + Send + 'static {}
impl<S: futures::Stream<Item = Result<Bytes, Infallible>> + Send + 'static> Lines for S {}

fn id_and_user(request: &Request) -> (Id, User) {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let id = header("x-request-id").and_then(|id| id.parse().ok());
    (id.unwrap_or(0), header("x-user").unwrap_or("nobody").into())
}

#[derive(Clone, Copy)]
struct Ours;
static ID: Var<Id> = Var::new("request_id");
static USER: Var<User> = Var::new("user");

impl Library for Ours {
    fn read(self) -> (Id, User) {
        (ID.get().expect("set"), USER.get().expect("set"))
    }

    fn inherit<F: Future<Output: Send> + Send + 'static>(
        self,
        future: F,
    ) -> impl Future<Output = F::Output> + Send + 'static {
        ContextExt::inherit(future)
    }

    fn stream(self, lines: impl Lines) -> Body {
        // The layer covers the body.
        Body::from_stream(lines)
    }

    fn layer(self, router: Router) -> Router {
        router.layer(ContextLayer::new(|request: &Request| {
            let (id, user) = id_and_user(request);
            Context::new().with_value(&ID, id).with_value(&USER, user)
        }))
    }
}

#[derive(Clone, Copy)]
struct TaskLocal;
tokio::task_local! {
    static LOCAL_ID: Id;
    static LOCAL_USER: User;
}

impl Library for TaskLocal {
    fn read(self) -> (Id, User) {
        (LOCAL_ID.get(), LOCAL_USER.get())
    }

    fn inherit<F: Future<Output: Send> + Send + 'static>(
        self,
        future: F,
    ) -> impl Future<Output = F::Output> + Send + 'static {
        let (id, user) = self.read();
        LOCAL_ID.scope(id, LOCAL_USER.scope(user, future))
    }

    fn stream(self, lines: impl Lines) -> Body {
        // It has no wrapper for streams, so each poll is wrapped by hand.
        let (id, user) = self.read();
        let mut lines = Box::pin(lines);
        Body::from_stream(stream::poll_fn(move |waker| {
            let poll = || LOCAL_USER.sync_scope(user.clone(), || lines.as_mut().poll_next(waker));
            LOCAL_ID.sync_scope(id, poll)
        }))
    }

    fn layer(self, router: Router) -> Router {
        router.layer(from_fn(|request: Request, next: Next| {
            let (id, user) = id_and_user(&request);
            LOCAL_ID.scope(id, LOCAL_USER.scope(user, next.run(request)))
        }))
    }
}

#[derive(Clone, Copy)]
struct OpenTelemetry;
#[derive(Clone)]
struct OtelId(Id);
#[derive(Clone)]
struct OtelUser(User);

impl Library for OpenTelemetry {
    fn read(self) -> (Id, User) {
        opentelemetry::Context::map_current(|context| {
            let (id, user) = (context.get::<OtelId>(), context.get::<OtelUser>());
            (id.expect("set").0, user.expect("set").0.clone())
        })
    }

    fn inherit<F: Future<Output: Send> + Send + 'static>(
        self,
        future: F,
    ) -> impl Future<Output = F::Output> + Send + 'static {
        future.with_current_context()
    }

    fn stream(self, lines: impl Lines) -> Body {
        Body::from_stream(lines.with_current_context())
    }

    fn layer(self, router: Router) -> Router {
        router.layer(from_fn(|request: Request, next: Next| {
            let (id, user) = id_and_user(&request);
            let context = opentelemetry::Context::new()
                .with_value(OtelId(id))
                .with_value(OtelUser(user));
            next.run(request).with_context(context)
        }))
    }
}

/// Returns the service, the same for each library.
fn service<L: Library>(library: L) -> Router {
    let handler = move || async move {
        let (id, user) = library.read();
        tokio::task::yield_now().await;
        let task = tokio::spawn(library.inherit(async move {
            tokio::task::yield_now().await;
            library.read()
        }));
        assert_eq!(task.await.expect("it does not panic"), (id, user));
        let lines = stream::iter(0..4).map(move |_| {
            let (id, user) = library.read();
            Ok(Bytes::from(format!("{id} {user}\n")))
        });
        Ok::<Response, Infallible>(Response::new(library.stream(lines)))
    };
    library.layer(Router::new().route("/", get(handler)))
}

/// Returns the CPU time of this process so far.
fn cpu_time() -> Duration {
    cpu_time::ProcessTime::try_now()
        .expect("a clock")
        .as_duration()
}

const REQUESTS: u32 = 5_000;
const ROUNDS: usize = 21;

/// Sends requests. Returns the CPU time for each.
async fn round(router: &Router) -> Duration {
    let before = cpu_time();
    for number in 0..REQUESTS {
        let request = Request::get("/")
            .header("x-request-id", number)
            .header("x-user", "ada")
            .body(Body::empty());
        let request = request.expect("it is well-formed");
        let Ok(answer) = router.clone().oneshot(request).await;
        let body = answer.into_body().collect().await.expect("no error");
        assert_eq!(body.to_bytes(), format!("{number} ada\n").repeat(4));
    }
    (cpu_time() - before) / REQUESTS
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let libraries = [
        ("tokio::task_local!", service(TaskLocal)),
        ("ambient", service(Ours)),
        ("opentelemetry", service(OpenTelemetry)),
    ];
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for ((_, router), times) in libraries.iter().zip(&mut times) {
            times.push(round(router).await.as_nanos() as f64 / 1e3);
        }
    }
    println!(
        "{:20} {:>10} {:>10} {:>8}",
        "µs of CPU a request", "lowest", "median", "share"
    );
    let mut base = None;
    for ((name, _), times) in libraries.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let (lowest, median) = (times[0], times[ROUNDS / 2]);
        let share = median / *base.get_or_insert(median);
        println!("{name:20} {lowest:>10.2} {median:>10.2} {share:>8.2}");
    }
}
