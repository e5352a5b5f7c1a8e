//! A server on tonic, with a hand-written codec instead of generated code. Its method answers with
//! a stream; each message is made in the context of the request.
//!
//! `cargo run -p contextvars-ambient --features tokio,tower --example tonic`

use ambient::{Context, ContextLayer, Var};
use bytes::{Buf, BufMut};
use futures::{StreamExt, stream};
use std::convert::Infallible;
use std::error::Error;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http;
use tonic::transport::Endpoint;
use tonic::transport::server::{Server, TcpIncoming};
use tonic::{Request, Response, Status};
use tower::service_fn;

static USER: Var<String> = Var::new("user").displayed();

/// A codec for messages that are numbers.
#[derive(Clone, Copy, Default)]
struct Numbers;

impl Codec for Numbers {
    type Encode = u64;
    type Decode = u64;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Numbers {
    type Item = u64;
    type Error = Status;

    fn encode(&mut self, number: u64, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_u64(number);
        Ok(())
    }
}

impl Decoder for Numbers {
    type Item = u64;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<u64>, Status> {
        let number = buffer.try_get_u64();
        number
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

/// Answers with the requested number of numbers, each the length of the user's name.
async fn answer(request: http::Request<Body>) -> Result<http::Response<Body>, Infallible> {
    let method = service_fn(|request: Request<u64>| async move {
        let length = |_| Ok(USER.with(|user| user.map_or(0, String::len)) as u64);
        let numbers = stream::iter(0..request.into_inner()).map(length);
        Ok::<_, Status>(Response::new(numbers))
    });
    Ok(tonic::server::Grpc::new(Numbers)
        .server_streaming(method, request)
        .await)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run().await
}

/// Serves two requests.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let layer = ContextLayer::new(|request: &http::Request<_>| {
        let user = request.headers().get("x-user");
        let user = user.and_then(|user| user.to_str().ok()).unwrap_or("nobody");
        Context::new().with_value(&USER, user.into())
    });
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?;
    let address = incoming.local_addr()?;
    let server = Server::builder().layer(layer);
    tokio::spawn(server.serve_with_incoming(service_fn(answer), incoming));

    let channel = Endpoint::from_shared(format!("http://{address}"))?
        .connect()
        .await?;
    let mut client = tonic::client::Grpc::new(channel);
    for user in ["ada", "grace"] {
        client.ready().await?;
        let mut request = Request::new(3);
        request.metadata_mut().insert("x-user", user.parse()?);
        let path = http::uri::PathAndQuery::from_static("/lengths/of");
        let answer = client.server_streaming(request, path, Numbers).await?;
        let numbers: Vec<_> = answer.into_inner().collect().await;
        let numbers = numbers.into_iter().collect::<Result<Vec<u64>, Status>>()?;
        println!("{user}: {numbers:?}");
        assert_eq!(numbers, [user.len() as u64; 3]);
    }
    Ok(())
}
