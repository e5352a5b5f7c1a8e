//! An executor for hyper whose tasks inherit the current context.

use crate::{ContextExt, InContext};
use hyper::rt::Executor;

/// Wraps an executor for hyper: the tasks it spawns inherit the context that is current where
/// hyper spawns them.
///
/// A variable that is set for a connection, such as the peer's address, is so also set for
/// each request on it, with HTTP/2 too:
///
/// ```
/// use ambient::{Context, ContextExt, InheritExecutor, Var};
/// use hyper_util::rt::{TokioExecutor, TokioIo};
/// # use std::net::SocketAddr;
/// # use http_body_util::Empty;
/// # use hyper::{Request, Response, body::{Bytes, Incoming}, service::service_fn};
///
/// static PEER: Var<SocketAddr> = Var::new("peer").displayed();
///
/// async fn answer(_: Request<Incoming>) -> hyper::Result<Response<Empty<Bytes>>> {
///     println!("request from {PEER:?}");
///     Ok(Response::default())
/// }
///
/// async fn serve(stream: tokio::net::TcpStream, peer: SocketAddr) -> hyper::Result<()> {
///     hyper::server::conn::http2::Builder::new(InheritExecutor(TokioExecutor::new()))
///         .serve_connection(TokioIo::new(stream), service_fn(answer))
///         .in_context(Context::new().with_value(&PEER, peer))
///         .await
/// }
/// ```
///
/// Do not use it for a client that pools its connections. Such a client spawns the task of a
/// connection while it serves some request; the task would inherit that request's context
/// and keep its values alive.
///
/// # Panics
///
/// Spawning a task panics if a [hook](crate::Var::on_inherit) does.
#[derive(Clone, Copy, Debug, Default)]
pub struct InheritExecutor<E>(pub E);

impl<E, F> Executor<F> for InheritExecutor<E>
where
    E: Executor<InContext<F>>,
{
    fn execute(&self, future: F) {
        self.0.execute(future.inherit());
    }
}
