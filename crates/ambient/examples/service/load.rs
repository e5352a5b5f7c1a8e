//! The client that loads the service, and its report.

use super::service::{self, REQUEST_ID, USER};
use ambient::{Context, Fields};
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use futures::stream;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::convert::Infallible;
use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The number of connections, and of concurrent requests on each.
const CONNECTIONS: usize = 8;
const AT_ONCE: usize = 16;

/// The results of a load.
#[derive(Debug, Default)]
pub struct Report {
    answers: usize,
    cancelled: usize,
    panicked: usize,
    /// Requests whose connection was closed.
    broken: usize,
    lines: usize,
    /// Answers and lines of the log that lack their request's value or have another's.
    wrong: Vec<String>,
}

/// Loads the service for `time`, half of it on a runtime with one thread and half on one with
/// several.
pub fn run(time: Duration, leaks: bool) -> Result<Report> {
    log_into_checks();
    let lines = LINES.load(Relaxed);
    WRONG_LINES.store(0, Relaxed);
    let mut report = Report::default();
    for threads in [1, 4] {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let server = thread::spawn(move || match leaks {
            // The deliberate fault: all unwrapped work shares this context.
            true => Context::new().run(|| serve(threads, listener, stopped)),
            false => serve(threads, listener, stopped),
        });
        let client = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        client.block_on(load(address, Instant::now() + time / 2, &mut report))?;
        drop((client, stop));
        server.join().map_err(|_| "the server panicked")??;
    }
    report.lines = LINES.load(Relaxed) - lines;
    let wrong_lines = WRONG_LINES.load(Relaxed);
    if wrong_lines > 0 {
        report.wrong.push(format!("{wrong_lines} lines of the log"));
    }
    Ok(report)
}

fn serve(threads: usize, listener: TcpListener, stopped: oneshot::Receiver<()>) -> Result<()> {
    let mut runtime = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    runtime
        .worker_threads(threads)
        .max_blocking_threads(4)
        .enable_all();
    runtime.build()?.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::select! {
            served = axum::serve(listener, service::router()) => Ok(served?),
            _ = stopped => Ok(()),
        }
    })
}

/// Sends requests until `end`.
async fn load(address: SocketAddr, end: Instant, report: &mut Report) -> Result<()> {
    let workers = (0..CONNECTIONS).flat_map(|_| {
        let client = Client::builder(TokioExecutor::new())
            .http2_only(true)
            .build_http::<Body>();
        let worker = move |_| tokio::spawn(requests(client.clone(), address, end));
        (0..AT_ONCE).map(worker)
    });
    for worker in workers.collect::<Vec<_>>() {
        let part = worker.await??;
        report.answers += part.answers;
        report.cancelled += part.cancelled;
        report.panicked += part.panicked;
        report.broken += part.broken;
        report.wrong.extend(part.wrong);
    }
    Ok(())
}

type Http = Client<HttpConnector, Body>;

/// Sends requests of each kind, one after the other.
async fn requests(client: Http, address: SocketAddr, end: Instant) -> Result<Report> {
    static REQUESTS: AtomicUsize = AtomicUsize::new(1);
    let mut report = Report::default();
    while Instant::now() < end {
        let number = REQUESTS.fetch_add(1, Relaxed);
        let who = format!("{number} user{number}");
        let send = |path: &str, body: Body| {
            let method = if path == "echo" { "POST" } else { "GET" };
            let request = Request::builder()
                .method(method)
                .uri(format!("http://{address}/{path}"))
                .header("x-request-id", number)
                .header("x-user", format!("user{number}"));
            request.body(body).map(|request| client.request(request))
        };
        let empty = Body::empty;
        let exchange: Result<Option<(String, String)>> = async {
            Ok(Some(match number % 8 {
                0 => (text(send("greeting", empty())?.await?).await?, who),
                1 => (
                    text(send("stream", empty())?.await?).await?,
                    format!("{who}\n").repeat(10),
                ),
                2 => {
                    let parts = ["a", "b", "c"].map(|part| Ok::<_, Infallible>(Bytes::from(part)));
                    let body = Body::from_stream(stream::iter(parts));
                    let answer = text(send("echo", body)?.await?).await?;
                    let parts: Vec<&str> = answer
                        .lines()
                        .flat_map(|line| line.strip_prefix(&who))
                        .collect();
                    let expected = answer.lines().count();
                    (
                        format!("{} {}", parts.concat().replace(' ', ""), parts.len()),
                        format!("abc {expected}"),
                    )
                }
                3 => {
                    report.panicked += usize::from(send("panic", empty())?.await.is_err());
                    return Ok(None);
                }
                4 => (
                    text(send("forgotten", empty())?.await?).await?,
                    format!("{who} true ---"),
                ),
                5 => (text(send("bare", empty())?.await?).await?, "0 ".to_owned()),
                // Two ways to cancel: while the body streams, and at some time before.
                6 => {
                    let mut body = send("stream", empty())?.await?.into_body();
                    body.frame().await.ok_or("no frame")??;
                    report.cancelled += 1;
                    return Ok(None);
                }
                _ => {
                    let request = send("greeting", empty())?;
                    let time = Duration::from_micros(number as u64 % 1_000);
                    report.cancelled +=
                        usize::from(tokio::time::timeout(time, request).await.is_err());
                    return Ok(None);
                }
            }))
        }
        .await;
        let (answer, expected) = match exchange {
            Ok(Some(exchanged)) => exchanged,
            Ok(None) => continue,
            // A server closes a connection on which too many streams were cancelled.
            Err(_) => {
                report.broken += 1;
                continue;
            }
        };
        report.answers += 1;
        if answer != expected {
            report
                .wrong
                .push(format!("{answer:?} instead of {expected:?}"));
        }
    }
    Ok(report)
}

async fn text(answer: Response<hyper::body::Incoming>) -> Result<String> {
    let bytes = answer.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Report {
    /// Returns `true` if nothing was wrong, few connections broke and each kind of request was
    /// made.
    pub fn is_clean(&self) -> bool {
        self.wrong.is_empty()
            && self.broken * 20 <= self.answers
            && [self.answers, self.cancelled, self.panicked, self.lines]
                .iter()
                .all(|&n| n > 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for wrong in self.wrong.iter().take(10) {
            writeln!(f, "wrong: {wrong}")?;
        }
        writeln!(f, "answers checked        {:>9}", self.answers)?;
        writeln!(f, "requests cancelled     {:>9}", self.cancelled)?;
        writeln!(f, "handlers panicked      {:>9}", self.panicked)?;
        writeln!(f, "connections broken     {:>9}", self.broken)?;
        writeln!(f, "lines of log checked   {:>9}", self.lines)?;
        writeln!(f, "wrong                  {:>9}", self.wrong.len())
    }
}

static LINES: AtomicUsize = AtomicUsize::new(0);
static WRONG_LINES: AtomicUsize = AtomicUsize::new(0);

/// Installs a subscriber that checks each logged line instead of writing it.
fn log_into_checks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let text = tracing_subscriber::fmt::layer()
            .with_writer(|| Check)
            .with_ansi(false)
            .without_time();
        let subscriber = tracing_subscriber::registry()
            // Below this level, and in `h2`, lines of the libraries belong to no request.
            .with(
                Targets::new()
                    .with_default(LevelFilter::INFO)
                    .with_target("h2", LevelFilter::OFF),
            )
            .with(Fields::new(&[&REQUEST_ID, &USER]).on(text));
        tracing::subscriber::set_global_default(subscriber).expect("the only one");
        // The deliberate panics are many: do not print them.
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let message = panic.payload().downcast_ref::<String>();
            if !message.is_some_and(|text| text.starts_with("`user` cannot be set here")) {
                hook(panic);
            }
        }));
    });
}

struct Check;

impl io::Write for Check {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        LINES.fetch_add(1, Relaxed);
        let field = |name: &str| {
            let (_, value) = line.split_once(&format!(" {name}="))?;
            Some(value.trim_end())
        };
        let is_right = match (field("of"), field("request_id")) {
            // `of="7 user7" request_id=7 user=user7`
            (Some(of), Some(rest)) => {
                let of = of
                    .trim_start_matches('"')
                    .split('"')
                    .next()
                    .unwrap_or_default();
                rest.replace("user=", "") == of
            }
            (None, None) => line.contains("unwrapped") && field("user").is_none(),
            _ => false,
        };
        if !is_right && WRONG_LINES.fetch_add(1, Relaxed) < 10 {
            eprint!("wrong line: {line}");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
