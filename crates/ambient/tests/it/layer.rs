//! The layer of tower and the executor for hyper.

use ambient::{Context, ContextExt, ContextLayer, InheritExecutor, Var};
use futures::FutureExt as _;
use futures::executor::block_on;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame};
use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tower::{Layer, Service, ServiceExt, service_fn};

static VAR: Var<u64> = Var::new("var");

/// Sends the variable's value when it is dropped.
struct OnDrop(&'static str, Sender<(&'static str, Option<u64>)>);

impl OnDrop {
    fn note(&self, name: &'static str) {
        self.1.send((name, VAR.get())).unwrap();
    }
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.note(self.0);
    }
}

fn context(request: &u64) -> Context {
    Context::new().with_value(&VAR, *request)
}

#[test]
fn the_context_covers_call_future_and_body() {
    let (send, receive) = channel();
    let service = service_fn(move |request: u64| {
        let in_call = OnDrop("call", send.clone());
        let (in_future, in_body) = (OnDrop("future", send.clone()), OnDrop("body", send.clone()));
        drop(in_call);
        async move {
            in_future.note("poll");
            // The body sees this value, too.
            VAR.set(request + 1);
            let frames = stream::poll_fn(move |_| {
                in_body.note("frame");
                Poll::Ready(None::<Result<Frame<Bytes>, Infallible>>)
            });
            Ok::<_, Infallible>(http::Response::new(StreamBody::new(frames)))
        }
    });
    let mut service = ContextLayer::new(context).layer(service);
    let response = block_on(service.ready()).unwrap().call(7);
    let response = VAR.scoped(100, || block_on(response)).unwrap();
    assert_eq!(VAR.get(), None);
    let mut body = response.into_body();
    VAR.scoped(100, || assert!(block_on(body.frame()).is_none()));
    assert_eq!(body.context().get(&VAR), Some(8));
    drop(body);
    // A future that is cancelled before its first poll.
    drop(service.call(9));
    drop(service);
    let expected = [
        ("call", Some(7)),
        ("poll", Some(7)),
        ("future", Some(8)),
        ("frame", Some(8)),
        ("body", Some(8)),
        ("call", Some(9)),
        ("future", Some(9)),
        ("body", Some(9)),
    ];
    assert_eq!(receive.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn any_service_has_a_context_for_each_request() {
    let service = service_fn(|_| async { Ok::<_, Infallible>(VAR.get()) });
    let service = ContextLayer::any(context).layer(service);
    let answers = [7, 8].map(|request| block_on(service.clone().oneshot(request)).unwrap());
    assert_eq!(answers, [Some(7), Some(8)]);
}

#[test]
fn poll_ready_runs_outside_of_any_request() {
    #[derive(Clone)]
    struct Probe(Arc<Mutex<Vec<Option<u64>>>>);
    impl Service<u64> for Probe {
        type Response = http::Response<String>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Infallible>> {
            self.0.lock().unwrap().push(VAR.get());
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: u64) -> Self::Future {
            std::future::ready(Ok(http::Response::default()))
        }
    }
    let probe = Probe(Arc::default());
    let any = ContextLayer::any(context).layer(probe.clone());
    let http = ContextLayer::new(context).layer(probe.clone());
    drop(block_on(any.oneshot(7)));
    drop(block_on(http.oneshot(7)));
    assert_eq!(*probe.0.lock().unwrap(), [None, None]);
}

#[test]
fn tasks_of_an_executor_inherit() {
    use hyper::rt::Executor;

    #[derive(Clone)]
    struct Now;
    impl<F: Future> Executor<F> for Now {
        fn execute(&self, future: F) {
            VAR.scoped(100, || _ = future.now_or_never());
        }
    }
    let seen = Mutex::new(None);
    let task = poll_fn(|_| {
        *seen.lock().unwrap() = VAR.get();
        Poll::Ready(())
    });
    let start = async { InheritExecutor(Now).execute(task) };
    block_on(start.in_context(context(&7)));
    assert_eq!(*seen.lock().unwrap(), Some(7));
}
