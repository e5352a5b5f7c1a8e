//! The client, and what came of it.

use super::service;
use ambient::Fields;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, io};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// So many requests share a connection, all at once.
const EACH: usize = 100;
/// So many lines are logged of each request.
const LINES: usize = 5;

/// What came of a load.
#[derive(Debug, Default)]
pub struct Report {
    requests: usize,
    lines: usize,
    time: Duration,
    sample: String,
    /// Answers that are not for whom they were sent to, or not there.
    misdirected: usize,
    /// Lines whose variables are not those of the request they are about.
    bleed: usize,
    /// Lines that are missing, or too many.
    lost: usize,
}

/// Starts a server, sends it so many requests, all of which are under way at the same time, and
/// compares each answer and each line of the log with what they should be.
pub fn run(requests: usize) -> Result<Report> {
    let log = Log::default();
    let text = tracing_subscriber::fmt::layer()
        .with_writer(log.clone())
        .with_ansi(false);
    let fields = Fields::new(&[&service::REQUEST_ID, &service::USER]);
    // What the libraries log below this is no request's.
    let subscriber = tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(fields.on(text));
    tracing::subscriber::set_global_default(subscriber)?;

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .max_blocking_threads(4)
        .enable_all()
        .build()?;
    let started = Instant::now();
    let answers = runtime.block_on(serve_and_send(requests))?;
    let time = started.elapsed();
    Ok(Report {
        time,
        ..check(requests, &answers, &log.text())
    })
}

/// Gives the answer to each user.
async fn serve_and_send(requests: usize) -> Result<Vec<(String, String)>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = service::router(Arc::new(Barrier::new(requests)));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let mut under_way = Vec::new();
    let users: Vec<String> = (0..requests)
        .map(|number| format!("user{number}"))
        .collect();
    for users in users.chunks(EACH) {
        let client = Client::builder(TokioExecutor::new())
            .http2_only(true)
            .build_http::<Body>();
        for user in users {
            let request = Request::get(format!("http://{address}/greeting"))
                .header("x-user", user)
                .body(Body::empty())?;
            let (client, user) = (client.clone(), user.clone());
            under_way.push(tokio::spawn(async move {
                let answer = client.request(request).await?.into_body();
                let bytes = answer.collect().await?.to_bytes();
                Ok::<_, Box<dyn Error + Send + Sync>>((
                    user,
                    String::from_utf8_lossy(&bytes).into_owned(),
                ))
            }));
        }
    }
    let mut answers = Vec::new();
    for request in under_way {
        answers.push(request.await??);
    }
    server.abort();
    Ok(answers)
}

/// Compares.
fn check(requests: usize, answers: &[(String, String)], log: &str) -> Report {
    let mut report = Report {
        requests: answers.len(),
        misdirected: requests - answers.len(),
        sample: log.lines().last().unwrap_or_default().into(),
        ..Report::default()
    };
    let mut ids = HashMap::new();
    let mut given = HashSet::new();
    for (user, answer) in answers {
        match answer.split_once(' ') {
            Some((id, name)) if name == user && given.insert(id) => _ = ids.insert(user, id),
            _ => report.misdirected += 1,
        }
    }
    let mut lines: HashMap<&str, usize> = HashMap::new();
    for line in log.lines() {
        report.lines += 1;
        let field = |name: &str| {
            let (_, value) = line.split_once(&format!(" {name}="))?;
            Some(value.split(' ').next()?.trim_matches('"'))
        };
        let (of, user, id) = (field("of"), field("user"), field("request_id"));
        let asker = of.and_then(|of| of.split('-').next()).unwrap_or_default();
        let expected = ids.get(&asker.to_string()).copied();
        if of != user || id.is_none() || id != expected {
            report.bleed += 1;
        }
        *lines.entry(asker).or_default() += 1;
    }
    let of_user = |user: &String| lines.get(user.as_str()).copied().unwrap_or(0);
    let lost = answers.iter().filter(|(user, _)| of_user(user) != LINES);
    report.lost = lost.count();
    report
}

impl Report {
    /// Tells whether everything is as it should be.
    pub fn is_clean(&self) -> bool {
        self.requests > 0 && self.misdirected + self.bleed + self.lost == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the last line of the log:\n{}\n", self.sample)?;
        writeln!(f, "requests, all at once  {:>8}", self.requests)?;
        writeln!(f, "lines of the log       {:>8}", self.lines)?;
        writeln!(f, "misdirected            {:>8}", self.misdirected)?;
        writeln!(f, "bleed                  {:>8}", self.bleed)?;
        writeln!(f, "lost                   {:>8}", self.lost)?;
        writeln!(f, "milliseconds           {:>8}", self.time.as_millis())
    }
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}
