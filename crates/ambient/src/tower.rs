//! A layer of tower that runs each request in its own context.

use crate::{Context, InContext, Returning};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Waker, Poll, ready};
use tower_layer::Layer;
use tower_service::Service;

/// A layer that runs each request in its own context, which a closure makes from the request.
///
/// The context is current while the service's `call` runs, while its future is polled or
/// dropped, and while the body of the response is polled or dropped. It is not current in
/// `poll_ready`, which belongs to no request. The layer itself allocates nothing; the
/// context that the closure makes is one allocation.
///
/// ```
/// use ambient::{Context, ContextLayer, Var};
/// use axum::{Router, extract::Request, routing::get};
///
/// static USER: Var<String> = Var::new("user");
///
/// let layer = ContextLayer::new(|request: &Request| {
///     let user = request.headers().get("x-user").and_then(|user| user.to_str().ok());
///     Context::new().with_value(&USER, user.unwrap_or("nobody").into())
/// });
/// let app: Router = Router::new()
///     .route("/", get(|| async { USER.get().unwrap_or_default() }))
///     .layer(layer);
/// # drop(app);
/// ```
///
/// A panic in the closure comes out of `call`.
pub struct ContextLayer<F, R = HttpResponse> {
    make: F,
    response: PhantomData<fn() -> R>,
}

/// Parameter of a [`ContextLayer`]: responses are of HTTP; the body keeps the context.
#[derive(Debug)]
pub enum HttpResponse {}

/// Parameter of a [`ContextLayer`]: responses are of any type and are returned unchanged.
#[derive(Debug)]
pub enum AnyResponse {}

impl<F> ContextLayer<F> {
    /// Creates a layer for services of HTTP, which return an [`http::Response`].
    pub const fn new(make: F) -> Self {
        ContextLayer {
            make,
            response: PhantomData,
        }
    }
}

impl<F> ContextLayer<F, AnyResponse> {
    /// Creates a layer for any service. The response has no context: wrap a stream inside it
    /// with [`in_current`](crate::ContextExt::in_current).
    pub const fn any(make: F) -> Self {
        ContextLayer {
            make,
            response: PhantomData,
        }
    }
}

impl<F: Clone, R> Clone for ContextLayer<F, R> {
    fn clone(&self) -> Self {
        ContextLayer {
            make: self.make.clone(),
            response: PhantomData,
        }
    }
}

impl<F, R> fmt::Debug for ContextLayer<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContextLayer(..)")
    }
}

impl<S, F: Clone, R> Layer<S> for ContextLayer<F, R> {
    type Service = ContextService<S, F, R>;

    fn layer(&self, service: S) -> Self::Service {
        ContextService {
            service,
            layer: self.clone(),
        }
    }
}

/// A service whose requests have contexts. Created by [`ContextLayer`].
pub struct ContextService<S, F, R = HttpResponse> {
    service: S,
    layer: ContextLayer<F, R>,
}

impl<S: Clone, F: Clone, R> Clone for ContextService<S, F, R> {
    fn clone(&self) -> Self {
        ContextService {
            service: self.service.clone(),
            layer: self.layer.clone(),
        }
    }
}

impl<S: fmt::Debug, F, R> fmt::Debug for ContextService<S, F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextService")
            .field(&self.service)
            .finish()
    }
}

impl<S, F, R> ContextService<S, F, R> {
    fn begin<Request>(&mut self, request: Request) -> InContext<S::Future>
    where
        S: Service<Request>,
        F: FnMut(&Request) -> Context,
    {
        let mut context = (self.layer.make)(&request);
        let future = context.run(|| self.service.call(request));
        InContext::new(context, future)
    }
}

impl<S, F, Request> Service<Request> for ContextService<S, F, AnyResponse>
where
    S: Service<Request>,
    F: FnMut(&Request) -> Context,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = InContext<S::Future>;

    fn poll_ready(&mut self, waker: &mut Waker<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(waker)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.begin(request)
    }
}

impl<S, F, Request, B> Service<Request> for ContextService<S, F, HttpResponse>
where
    S: Service<Request, Response = http::Response<B>>,
    F: FnMut(&Request) -> Context,
{
    type Response = http::Response<InContext<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, waker: &mut Waker<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(waker)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        ResponseFuture {
            future: self.begin(request).returning(),
        }
    }
}

pin_project_lite::pin_project! {
    /// The future of a response whose body keeps the context. Returned by
    /// [`ContextService`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        future: Returning<F>,
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<http::Response<B>, E>>,
{
    type Output = Result<http::Response<InContext<B>>, E>;

    fn poll(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Self::Output> {
        let (result, context) = ready!(self.project().future.poll(waker));
        Poll::Ready(result.map(|response| response.map(|body| InContext::new(context, body))))
    }
}
