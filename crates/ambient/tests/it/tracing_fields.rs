//! Variables in events of `tracing`.

use ambient::{Context, DefaultVar, Fields, Var};
use std::io;
use std::sync::{Arc, Mutex, Once};
use tracing_error::{ErrorLayer, SpanTrace, SpanTraceStatus};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

static ID: Var<u64> = Var::new("request_id").shown();
static USER: Var<String> = Var::new("user").displayed();
static SECRET: Var<u64> = Var::new("secret");

/// A writer that keeps the text in memory.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Returns the text written so far.
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

/// Returns the text that is logged during a call.
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

/// Returns the fields of the JSON lines that are logged during a call.
fn logged_json(vars: &[&'static dyn ambient::AnyVar], f: impl FnOnce()) -> Vec<serde_json::Value> {
    let lines = Lines::default();
    let json = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(lines.clone())
        .without_time();
    let subscriber = tracing_subscriber::registry().with(Fields::new(vars).on(json));
    tracing::subscriber::with_default(subscriber, f);
    let text = lines.text();
    text.lines().map(fields).collect()
}

/// Parses the fields of a line, and asserts that no key occurs twice.
fn fields(line: &str) -> serde_json::Value {
    let mut object: serde_json::Value = serde_json::from_str(line).unwrap();
    let fields = object["fields"].take();
    for key in fields.as_object().unwrap().keys() {
        assert_eq!(line.matches(&format!("\"{key}\":")).count(), 1, "{line}");
    }
    fields
}

#[test]
fn values_keep_their_types() {
    static COUNT: Var<u32> = Var::new("count").displayed();
    static RATE: Var<f64> = Var::new("rate").shown();
    static SIGNED: Var<i8> = Var::new("signed").shown();
    static FLAG: Var<bool> = Var::new("flag").shown();
    static TEXT: Var<&str> = Var::new("text").shown();
    static HIDDEN: Var<u64> = Var::new("hidden");
    static LIST: DefaultVar<Vec<u8>> = DefaultVar::new("list", Vec::new()).shown();
    static LOCALE: DefaultVar<&str> = DefaultVar::new("locale", "en").displayed();
    let vars: [&dyn ambient::AnyVar; 8] = [
        &COUNT, &RATE, &SIGNED, &FLAG, &TEXT, &HIDDEN, &LIST, &LOCALE,
    ];
    let mut context = Context::new()
        .with_value(&COUNT, 7)
        .with_value(&RATE, 0.5)
        .with_value(&SIGNED, -1)
        .with_value(&FLAG, true)
        .with_value(&TEXT, "a \"text\"")
        .with_value(&HIDDEN, 42);
    let lines = logged_json(&vars, || context.run(|| tracing::info!("all")));
    assert_eq!(
        lines,
        [serde_json::json!({
            "message": "all", "count": 7, "rate": 0.5, "signed": -1, "flag": true,
            "text": "a \"text\"", "hidden": "…", "list": "[]", "locale": "en",
        })]
    );
}

#[test]
fn no_key_is_written_twice() {
    static OTHER: Var<u64> = Var::new("request_id").shown();
    let lines = logged_json(&[&ID, &OTHER], || {
        ID.scoped(7, || {
            OTHER.scoped(8, || {
                tracing::info!(request_id = 3_u64, n = 1_u64, "own");
                tracing::info!("none");
            })
        });
    });
    assert_eq!(
        lines[0],
        serde_json::json!({"message": "own", "request_id": 3, "n": 1})
    );
    assert_eq!(
        lines[1],
        serde_json::json!({"message": "none", "request_id": 7})
    );
}

#[test]
fn an_event_of_log_keeps_its_target() {
    static INIT: Once = Once::new();
    INIT.call_once(|| tracing_log::LogTracer::init().unwrap());
    let text = logged(|| {
        ID.scoped(7, || log::warn!(target: "sqlx::query", "slow statement"));
    });
    assert_eq!(text, " WARN sqlx::query: slow statement request_id=7\n");
}

#[test]
fn the_inner_layer_can_be_found() {
    let subscriber =
        tracing_subscriber::registry().with(Fields::new(&[&ID]).on(ErrorLayer::default()));
    let trace = || tracing::info_span!("span").in_scope(SpanTrace::capture);
    let trace = tracing::subscriber::with_default(subscriber, trace);
    assert_eq!(trace.status(), SpanTraceStatus::CAPTURED);
    let warn = LevelFilter::WARN;
    let hint = |subscriber: &dyn tracing::Subscriber| subscriber.max_level_hint();
    let inside = tracing_subscriber::registry().with(Fields::new(&[&ID]).on(warn));
    assert_eq!(hint(&inside), Some(warn));
}

#[test]
fn an_inner_filter_works() {
    let lines = Lines::default();
    let text = tracing_subscriber::fmt::layer()
        .with_writer(lines.clone())
        .with_ansi(false)
        .without_time()
        .with_filter(LevelFilter::WARN);
    let subscriber = tracing_subscriber::registry().with(Fields::new(&[&ID]).on(text));
    tracing::subscriber::with_default(subscriber, || {
        ID.scoped(7, || {
            tracing::info!("less");
            tracing::warn!("more");
        });
    });
    assert_eq!(
        lines.text(),
        format!(" WARN {}: more request_id=7\n", module_path!())
    );
}
