//! Sending variables to other processes and reading them there.

use ambient::{Codec, CodecError, Context, DefaultVar, Json, Propagator, Skipped, Var, Why};
use http::{HeaderMap, HeaderValue};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::{Context as Otel, KeyValue};
use opentelemetry_sdk::propagation::BaggagePropagator;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

static NAME: Var<String> = Var::new("name").travels("name");
static COUNT: DefaultVar<u32> = DefaultVar::new("count", 1).travels("count");
static SECRET: Var<String> = Var::new("secret");

/// Returns a propagator of `NAME` and `COUNT`.
fn propagator() -> Propagator {
    Propagator::new(&[&NAME, &COUNT])
}

/// Texts with characters that are special in one of the carriers.
const NAMES: [&str; 6] = [
    "",
    "plain",
    " spaces, commas; semicolons ",
    "a=b=c%41%zz\\\"",
    "Jörg 北京 🦀",
    "line\nbreak\ttab\0nul",
];

fn reasons(skipped: &[Skipped]) -> Vec<(&str, &str)> {
    let reason = |skipped: &Skipped| match skipped.why() {
        Why::Malformed => "malformed",
        Why::TooLarge => "too large",
        Why::Unknown => "unknown",
        Why::Codec(_) => "codec",
        _ => "other",
    };
    skipped
        .iter()
        .map(|skipped| (skipped.key(), reason(skipped)))
        .collect()
}

#[test]
fn every_carrier_returns_what_was_injected() {
    let propagator = propagator();
    for name in NAMES {
        let mut here = Context::new()
            .with_value(&NAME, name.into())
            .with_value(&COUNT, 7)
            .with_value(&SECRET, "hush".into());
        let mut headers = HeaderMap::new();
        let mut single = HeaderMap::new();
        let mut map = HashMap::new();
        let mut list = Vec::new();
        here.run(|| {
            assert_eq!(reasons(&propagator.inject_baggage(&mut headers)), []);
            assert_eq!(reasons(&propagator.inject_headers(&mut single)), []);
            assert_eq!(reasons(&propagator.inject(&mut map)), []);
            assert_eq!(reasons(&propagator.inject(&mut list)), []);
        });
        assert_eq!(
            (headers.len(), single.len(), map.len(), list.len()),
            (1, 2, 2, 2)
        );
        let extracted: [fn(&Propagator, &_, &mut Context) -> Vec<Skipped>; 4] = [
            |p, (headers, _, _, _): &(_, _, _, _), c| p.extract_baggage(headers, c),
            |p, (_, single, _, _), c| p.extract_headers(single, c),
            |p, (_, _, map, _): &(_, _, HashMap<String, String>, _), c| p.extract(map, c),
            |p, (_, _, _, list): &(_, _, _, Vec<(String, String)>), c| {
                p.extract(list.iter().map(|(key, value)| (key, value)), c)
            },
        ];
        let carriers = (headers, single, map, list);
        for extract in extracted {
            let mut there = Context::new();
            assert_eq!(reasons(&extract(&propagator, &carriers, &mut there)), []);
            assert_eq!(there.get(&NAME).as_deref(), Some(name));
            assert_eq!(
                (there.get(&COUNT), there.get(&SECRET), there.len()),
                (7, None, 2)
            );
        }
    }
}

#[test]
fn variables_that_are_not_set_are_not_injected() {
    let propagator = propagator();
    let mut headers = HeaderMap::from_iter([
        (
            "baggage".parse().unwrap(),
            HeaderValue::from_static("name=stale"),
        ),
        ("name".parse().unwrap(), HeaderValue::from_static("stale")),
    ]);
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    // Defaults are not injected, and no context is current here.
    propagator.inject_baggage(&mut headers);
    propagator.inject_headers(&mut headers);
    propagator.inject(&mut map);
    assert!(headers.is_empty() && map.is_empty());
}

#[test]
fn a_round_trip_through_opentelemetry() {
    let (ours, theirs) = (propagator(), BaggagePropagator::new());
    for name in NAMES {
        let mut headers = HeaderMap::new();
        let mut here = Context::new()
            .with_value(&NAME, name.into())
            .with_value(&COUNT, 7);
        here.run(|| ours.inject_baggage(&mut headers));
        let carried = HashMap::from([(
            "baggage".to_owned(),
            headers["baggage"].to_str().unwrap().to_owned(),
        )]);
        let theirs_context = theirs.extract(&carried);
        let baggage = theirs_context.baggage();
        assert_eq!(
            baggage.get("name").map(|value| value.as_str()),
            Some(name.trim())
        );
        assert_eq!(baggage.get("count").map(|value| value.as_str()), Some("7"));
        // OpenTelemetry does not encode `%` and `\`, which no reader can undo.
        if name.contains(['%', '\\']) {
            continue;
        }
        // OpenTelemetry adds a member and sends the baggage back.
        let more = [KeyValue::new("name", name), KeyValue::new("theirs", "é")];
        let more: Vec<KeyValue> = baggage
            .iter()
            .map(|(key, (value, _))| KeyValue::new(key.clone(), value.clone()))
            .filter(|pair| pair.key.as_str() != "name")
            .chain(more)
            .collect();
        let mut back = HashMap::new();
        theirs.inject_context(&Otel::new().with_baggage(more), &mut back);
        let headers = HeaderMap::from_iter([(
            "baggage".parse().unwrap(),
            HeaderValue::from_str(&back["baggage"]).unwrap(),
        )]);
        let mut there = Context::new();
        let skipped = ours.extract_baggage(&headers, &mut there);
        assert_eq!(reasons(&skipped), [("theirs", "unknown")], "{back:?}");
        assert_eq!(there.get(&NAME).as_deref(), Some(name.trim()), "{back:?}");
        assert_eq!(there.get(&COUNT), 7);
    }
}

/// Extracts the variables from `baggage` headers.
fn extracted(baggage: &[&[u8]]) -> (Option<String>, u32, Vec<Skipped>) {
    let mut headers = HeaderMap::new();
    for value in baggage {
        headers.append("baggage", HeaderValue::from_bytes(value).unwrap());
    }
    let mut context = Context::new();
    let skipped = propagator().extract_baggage(&headers, &mut context);
    (context.get(&NAME), context.get(&COUNT), skipped)
}

#[test]
fn malformed_and_unknown_members_are_skipped_and_the_rest_is_read() {
    for (baggage, expected) in [
        ("name", vec![("name", "malformed")]),
        ("=x", vec![("=x", "malformed")]),
        ("na me=x", vec![("na me=x", "malformed")]),
        ("name=%4", vec![("name", "malformed")]),
        ("name=%zz", vec![("name", "malformed")]),
        ("name=%ff", vec![("name", "malformed")]),
        ("name=a b", vec![("name", "malformed")]),
        ("name=\"quoted\"", vec![("name", "malformed")]),
        ("count=-1", vec![("count", "codec")]),
        ("NAME=x", vec![("NAME", "unknown")]),
        (" , ,\t,", vec![]),
    ] {
        let (name, count, skipped) = extracted(&[baggage.as_bytes()]);
        assert_eq!(
            (name, count, reasons(&skipped)),
            (None, 1, expected.clone()),
            "{baggage}"
        );
        // Between valid members, in one header or several.
        let beside = format!("count=3 ,{baggage}, name\t= x%20y ;p;q=1");
        for parts in [
            vec![beside.as_bytes()],
            vec![b"count=3", baggage.as_bytes(), b"name=x%20y"],
        ] {
            let (name, count, skipped) = extracted(&parts);
            assert_eq!((name.as_deref(), count), (Some("x y"), 3), "{beside}");
            assert_eq!(reasons(&skipped), expected, "{beside}");
        }
    }
    let (name, _, skipped) = extracted(&[b"name=\xff", b"name=fine"]);
    assert_eq!(
        (name.as_deref(), reasons(&skipped)),
        (Some("fine"), vec![("baggage", "malformed")])
    );
    // If a key occurs several times, the last value is used.
    assert_eq!(extracted(&[b"name=a,name=b"]).0.as_deref(), Some("b"));
}

#[test]
fn what_exceeds_the_limits_is_skipped() {
    // 64 members; the last one has a known key.
    let others = |count: usize| (0..count).map(|n| format!("k{n}=v,")).collect::<String>();
    let (name, _, skipped) = extracted(&[(others(63) + "name=x").as_bytes()]);
    assert_eq!((name.as_deref(), skipped.len()), (Some("x"), 63));
    let (name, _, skipped) = extracted(&[(others(64) + "name=x,count=2").as_bytes()]);
    assert_eq!((name, skipped.len()), (None, 65));
    assert_eq!(reasons(&skipped)[64], ("name", "too large"));
    // 8192 bytes.
    let fits = "x".repeat(8192 - "name=".len());
    assert_eq!(
        extracted(&[format!("name={fits}").as_bytes()]).0,
        Some(fits.clone())
    );
    let (name, _, skipped) = extracted(&[format!("name={fits}x").as_bytes()]);
    assert_eq!(
        (name, reasons(&skipped)),
        (None, vec![("name", "too large")])
    );

    let inject = |name: String, present: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("baggage", present.parse().unwrap());
        let mut context = Context::new().with_value(&NAME, name).with_value(&COUNT, 2);
        let skipped = context.run(|| propagator().inject_baggage(&mut headers));
        (headers["baggage"].to_str().unwrap().to_owned(), skipped)
    };
    let (baggage, skipped) = inject(fits + "x", "a=1;p,name=stale,malformed");
    assert_eq!(
        (baggage.as_str(), reasons(&skipped)),
        ("a=1;p,count=2", vec![("name", "too large")])
    );
    let (baggage, skipped) = inject("x".into(), &others(63));
    assert_eq!(
        (baggage, reasons(&skipped)),
        (others(63) + "name=x", vec![("count", "too large")])
    );

    let mut headers = HeaderMap::new();
    let skipped = NAME.scoped("x".repeat(8193), || {
        propagator().inject_headers(&mut headers)
    });
    assert_eq!(
        (headers.len(), reasons(&skipped)),
        (0, vec![("name", "too large")])
    );
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    roles: Vec<String>,
}

/// A codec that fails or panics if its text says so.
struct Picky;

impl Codec<String> for Picky {
    fn encode(value: &String) -> Result<String, CodecError> {
        match value.as_str() {
            "fails" => Err("on purpose".into()),
            value => Ok(value.into()),
        }
    }

    fn decode(text: &str) -> Result<String, CodecError> {
        match text {
            "fails" => Err("on purpose".into()),
            "panics" => panic!("on purpose"),
            text => Ok(text.into()),
        }
    }
}

static USER: Var<User> = Var::new("user").travels_as::<Json>("user");
static PICKY: Var<String> = Var::new("picky").travels_as::<Picky>("picky");

#[test]
fn codecs() {
    let propagator = Propagator::new(&[&USER, &NAME, &PICKY]);
    let user = User {
        id: 7,
        roles: vec!["röle, one".into()],
    };
    let mut headers = HeaderMap::new();
    let mut here = Context::new()
        .with_value(&USER, user.clone())
        .with_value(&PICKY, "fails".into());
    let skipped = here.run(|| propagator.inject_baggage(&mut headers));
    assert_eq!(skipped[0].to_string(), "`picky` was skipped: on purpose");
    let mut there = Context::new();
    assert_eq!(
        reasons(&propagator.extract_baggage(&headers, &mut there)),
        []
    );
    assert_eq!((there.get(&USER), there.get(&PICKY)), (Some(user), None));

    let pairs = [("name", "new"), ("user", "{"), ("picky", "fails")];
    let skipped = propagator.extract(pairs, &mut there);
    assert_eq!(reasons(&skipped), [("user", "codec"), ("picky", "codec")]);
    // A variable whose text cannot be read keeps its value.
    assert_eq!(
        (there.get(&USER).unwrap().id, there.get(&NAME).as_deref()),
        (7, Some("new"))
    );

    // If a codec panics, no variable is set.
    let mut there = Context::new();
    let pairs = [("name", "new"), ("picky", "panics")];
    let panicked = catch_unwind(AssertUnwindSafe(|| propagator.extract(pairs, &mut there)));
    assert!(panicked.is_err() && there.is_empty());
}

#[test]
fn a_propagator_refuses_unmarked_variables_and_duplicate_keys() {
    static SAME: Var<u32> = Var::new("same").travels("name");
    static OTHER: Var<u32> = Var::new("other").travels("Name");
    for (vars, message) in [
        (
            &[&SECRET as &'static dyn ambient::AnyVar][..],
            "`secret` is not marked by `travels`",
        ),
        (&[&NAME, &SAME], "two variables have the key `name`"),
    ] {
        let panic = catch_unwind(AssertUnwindSafe(|| Propagator::new(vars))).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), message);
    }
    assert_eq!(
        format!("{:?}", Propagator::new(&[&NAME, &OTHER])),
        r#"{"name", "Name"}"#
    );
    for key in ["", "a b", "a=b", "ä", "a,b", "a\n"] {
        assert!(
            catch_unwind(|| Var::<u32>::new("x").travels(key)).is_err(),
            "{key}"
        );
    }
}

/// This test runs itself as the child process.
#[test]
#[cfg_attr(miri, ignore = "Miri starts no processes")]
fn a_child_process_receives_the_variables() {
    const CHILD: &str = "AMBIENT_TEST_CHILD";
    if let Ok(expected) = std::env::var(CHILD) {
        let mut context = Context::new();
        assert_eq!(reasons(&propagator().extract_env(&mut context)), []);
        assert_eq!(context.get(&NAME).unwrap_or_default(), expected);
        return;
    }
    let child = |name: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "travel::a_child_process_receives_the_variables"]);
        command.env(CHILD, name).env("BAGGAGE", "name=inherited");
        let output = match name {
            "" => {
                propagator().inject_env(&mut command);
                command.output()
            }
            name => NAME.scoped(name.into(), || {
                propagator().inject_env(&mut command);
                command.output()
            }),
        };
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    };
    for name in ["", "Jörg, 北京; a=b"] {
        child(name);
    }
}
