//! Variables in events of `tracing`.

use ambient::Fields;
use ambient::Var;
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

static ID: Var<u64> = Var::new("request_id").shown();
static USER: Var<String> = Var::new("user").displayed();
static SECRET: Var<u64> = Var::new("secret");

/// Keeps what is written.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Gives what has been written.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        self.clone()
    }
}

/// What is logged by a call.
fn logged(f: impl FnOnce()) -> String {
    let lines = Lines::default();
    let text = tracing_subscriber::fmt::layer()
        .with_writer(lines.clone())
        .with_ansi(false)
        .without_time();
    let layer = Fields::new(&[&ID, &USER, &SECRET]).on(text);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, f);
    lines.text()
}

#[test]
fn an_event_has_the_variables_that_are_set() {
    let text = logged(|| {
        tracing::info!("outside");
        ID.scoped(7, || {
            tracing::warn!(status = 200, ok = true, why = "said", "inside");
            USER.scoped("ada".into(), || tracing::info!(target: "other", "both"));
            SECRET.scoped(42, || tracing::error!("hidden"));
        });
    });
    let place = module_path!();
    let expected = [
        format!(" INFO {place}: outside"),
        format!(" WARN {place}: inside status=200 ok=true why=\"said\" request_id=7"),
        " INFO other: both request_id=7 user=ada".into(),
        format!("ERROR {place}: hidden request_id=7 secret=…"),
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_event_stays_in_its_span() {
    let text = logged(|| {
        let span = tracing::info_span!("request", path = "/");
        span.in_scope(|| ID.scoped(7, || tracing::info!("inside")));
        tracing::info!(parent: &span, "named");
        span.in_scope(|| tracing::info!(parent: None, "out of it"));
    });
    let place = module_path!();
    let expected = [
        format!(" INFO request{{path=\"/\"}}: {place}: inside request_id=7"),
        format!(" INFO request{{path=\"/\"}}: {place}: named"),
        format!(" INFO {place}: out of it"),
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}
