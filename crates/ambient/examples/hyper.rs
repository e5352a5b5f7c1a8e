//! A server on plain hyper. The peer's address is set for a connection, and so for each request
//! on it; the user is set for one request.
//!
//! `cargo run -p contextvars-ambient --features hyper,tower --example hyper`

use ambient::{Context, ContextExt, ContextLayer, InContext, InheritExecutor, Var};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, service_fn};

static PEER: Var<SocketAddr> = Var::new("peer").displayed();
static USER: Var<String> = Var::new("user").displayed();

/// Serves all requests of a connection.
async fn serve(stream: TcpStream) -> hyper::Result<()> {
    let layer = ContextLayer::new(|request: &Request<Incoming>| {
        let user = request.headers().get("x-user");
        let user = user.and_then(|user| user.to_str().ok()).unwrap_or("nobody");
        // The request inherits the variables of the connection.
        Context::inherited().with_value(&USER, user.into())
    });
    let service = TowerToHyperService::new(layer.layer(service_fn(answer)));
    hyper::server::conn::http2::Builder::new(InheritExecutor(TokioExecutor::new()))
        .serve_connection(TokioIo::new(stream), service)
        .await
}

async fn answer(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let peer = PEER.get().map(|peer| peer.to_string()).unwrap_or_default();
    let answer = format!("{peer} {}", USER.get().unwrap_or_default());
    Ok(Response::new(Full::from(answer)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run().await
}

/// Serves two requests on one connection.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let connection: InContext<_> =
                serve(stream).in_context(Context::new().with_value(&PEER, peer));
            tokio::spawn(connection);
        }
    });
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Empty<Bytes>>();
    for user in ["ada", "grace"] {
        let request = Request::get(format!("http://{address}")).header("x-user", user);
        let answer = client.request(request.body(Empty::new())?).await?;
        let answer = answer.into_body().collect().await?.to_bytes();
        println!("{}", String::from_utf8_lossy(&answer));
        assert!(answer.starts_with(b"127.0.0.1:") && answer.ends_with(user.as_bytes()));
    }
    Ok(())
}
