//! The example `event_loop`: its pump on the sample log, its parser, and its
//! handling of invalid logs.

#[path = "../../examples/event_loop"]
mod example {
    pub mod pump;
}

use contextvars::Context;
use example::pump::access_log::{Entry, Malformed};
use example::pump::expected::Expected;
use example::pump::variables::{ATTEMPT, SPAN, USER};
use example::pump::{Input, Options, Stopped, run};
use std::io::{self, BufReader, Read};
use std::path::Path;

const COMMON: &str =
    r#"192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /logo.gif HTTP/1.0" 200 2326"#;

const NARROW: Options = Options {
    threads: 2,
    tasks: 3,
};

fn sample() -> String {
    let mut bytes = Vec::new();
    let mut input = Input::open(None).unwrap();
    input.reader.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An acceptance test.
pub fn pump_keeps_state_apart() {
    let options = Options {
        threads: 4,
        tasks: 64,
    };
    let mut bytes = 0;
    let input = Input::open(None).unwrap();
    let summary = run(input.reader, &options, |line| bytes += line).unwrap();
    assert!(summary.is_clean(), "{summary}");
    assert_eq!(summary.tally.bleeds, 0, "{summary}");
    assert_eq!(input.size, Some(bytes));

    // Counted from the log without the pump.
    let sample = sample();
    let lines: Vec<&str> = sample.lines().collect();
    let count = |statuses: &[&str]| {
        let has = |line: &&&str| statuses.iter().any(|status| line.contains(status));
        lines.iter().filter(has).count() as u64
    };
    let (malformed, requests) = (7, lines.len() as u64 - 7);
    assert_eq!(summary.lines, lines.len() as u64);
    assert_eq!(summary.malformed, malformed);
    let numbers = summary.first_malformed.iter().map(|(number, _)| *number);
    assert!(numbers.eq([211, 640, 1023, 1500, 1877]));
    assert_eq!(summary.requests(), requests);
    assert_eq!(
        summary.tally.failures,
        count(&["\" 401 ", "\" 403 ", "\" 500 ", "\" 502 ", "\" 503 "]),
    );

    // Every task ran in several steps, and some tasks moved to another thread.
    assert!(summary.tally.tasks > 2 * requests);
    assert!(summary.tally.handovers > requests / 2);
    assert!(summary.tally.steps > 3 * summary.tally.tasks);
    assert_eq!(summary.tally.switches, 2 * summary.tally.steps);
    assert!(summary.written.lines > requests);
}

#[test]
#[cfg_attr(miri, ignore = "the whole sample log takes many minutes there")]
fn one_task_at_a_time_writes_the_same_reports() {
    let log = sample();
    let alone = Options {
        threads: 1,
        tasks: 1,
    };
    let one = run(log.as_bytes(), &alone, |_| ()).unwrap();
    let many = run(log.as_bytes(), &NARROW, |_| ()).unwrap();
    assert!(one.is_clean(), "{one}");
    assert_eq!(one.written, many.written);
}

#[test]
fn a_variable_with_a_wrong_value_is_reported() {
    let expected = Expected::outside().with(&USER, "ada");
    let context = Context::new();
    context.run(|| USER.set("ada")).unwrap();
    context.run(|| expected.check("it")).unwrap().unwrap();

    let bleed = |context: &Context| context.run(|| expected.check("it")).unwrap().unwrap_err();
    assert_eq!(
        bleed(&Context::new()).to_string(),
        "it: `user` should be 'ada' and is unset",
    );
    context.run(|| ATTEMPT.set(1)).unwrap();
    assert_eq!(
        bleed(&context).to_string(),
        "it: `attempt` should be 0 and is 1",
    );
    context.run(|| USER.set("grace")).unwrap();
    assert_eq!(
        bleed(&context).to_string(),
        "it: `user` should be 'ada' and is 'grace'",
    );
    assert_eq!(SPAN.get().unwrap().as_str(), Some("idle"));
}

#[test]
fn an_empty_log_is_clean() {
    let summary = run(&b""[..], &NARROW, |_| ()).unwrap();
    assert!(summary.is_clean());
    assert!(summary.to_string().contains("no lines"), "{summary}");
}

#[test]
fn a_log_without_a_valid_line_is_questioned() {
    let summary = run(&b"\x7fELF\x01\0\n\xff\xfe\n\n"[..], &NARROW, |_| ()).unwrap();
    assert_eq!((summary.malformed, summary.requests()), (3, 0));
    assert!(
        summary.to_string().contains("is this an access log?"),
        "{summary}"
    );
}

#[test]
fn a_line_with_invalid_utf_8_is_served() {
    let line = COMMON.replace("logo", "caf%").into_bytes();
    let line: Vec<u8> = line
        .iter()
        .map(|byte| if *byte == b'%' { 0xe9 } else { *byte })
        .collect();
    let summary = run(&line[..], &NARROW, |_| ()).unwrap();
    assert_eq!((summary.requests(), summary.malformed), (1, 0));
    assert!(summary.is_clean(), "{summary}");
}

#[test]
fn a_line_that_is_too_long_is_skipped() {
    let length = if cfg!(miri) { 70_000 } else { 1 << 20 };
    let log = format!("{COMMON}\n{}\n{COMMON}\r\n", "x".repeat(length));
    let mut bytes = 0;
    let summary = run(log.as_bytes(), &NARROW, |line| bytes += line).unwrap();
    assert_eq!(summary.requests(), 2);
    assert_eq!(
        summary.first_malformed,
        [(2, Malformed::TooLong(64 * 1024))]
    );
    assert_eq!(bytes, log.len() as u64);
}

#[test]
fn a_read_error_stops_the_pump() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let start = format!("{COMMON}\n{COMMON}\n");
    let log = BufReader::new(start.as_bytes().chain(Broken));
    let stopped = run(log, &NARROW, |_| ()).err().unwrap();
    assert!(matches!(stopped, Stopped::Read { line: 2, .. }));
    assert_eq!(
        stopped.to_string(),
        "cannot read the log after line 2: the disk is gone"
    );
}

#[test]
#[cfg_attr(miri, ignore = "Miri isolates tests from the file system")]
fn a_log_that_cannot_be_opened_is_named() {
    let error = |path: &Path| Input::open(Some(path)).err().unwrap().to_string();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let missing = folder.join("no such.log");
    for path in [folder, &missing] {
        let error = error(path);
        assert!(error.contains(&path.display().to_string()), "{error}");
        assert!(error.contains("`-` for standard input"), "{error}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "Miri isolates tests from the file system")]
fn a_file_is_read_under_its_own_name() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let mut input = Input::open(Some(&path)).unwrap();
    assert_eq!(input.name, path.display().to_string());
    let mut text = String::new();
    input.reader.read_to_string(&mut text).unwrap();
    assert_eq!(input.size, Some(text.len() as u64));
}

#[test]
fn parses_the_common_format() {
    let entry = Entry::parse(COMMON).unwrap();
    let expected = Entry {
        client: "192.0.2.7".to_owned(),
        user: Some("frank".to_owned()),
        time: 971_211_336,
        request: Some("GET /logo.gif HTTP/1.0".to_owned()),
        status: 200,
        size: Some(2326),
        referrer: None,
        agent: None,
    };
    assert_eq!(entry, expected);
    assert_eq!(entry.method_and_path(), Some(("GET", "/logo.gif")));
}

#[test]
fn parses_the_combined_format_and_ignores_further_fields() {
    let combined = format!(r#"{COMMON} "https://example.com/" "Mozilla/5.0 (X11)""#);
    let entry = Entry::parse(&combined).unwrap();
    assert_eq!(entry.referrer.as_deref(), Some("https://example.com/"));
    assert_eq!(entry.agent.as_deref(), Some("Mozilla/5.0 (X11)"));
    let extended = format!(r#"{combined} "203.0.113.9" 0.004"#);
    assert_eq!(Entry::parse(&extended).unwrap(), entry);
}

#[test]
fn a_dash_is_a_missing_field() {
    let line = r#"host.example.org - - [01/Jan/1970:00:00:00 +0000] "-" 408 - "-" "-""#;
    let entry = Entry::parse(line).unwrap();
    assert_eq!(entry.client, "host.example.org");
    assert_eq!((entry.time, entry.status), (0, 408));
    assert_eq!(
        (&entry.user, &entry.request, entry.size),
        (&None, &None, None)
    );
    assert_eq!((&entry.referrer, &entry.agent), (&None, &None));
    assert_eq!(entry.method_and_path(), None);
}

#[test]
fn quotes_can_be_escaped() {
    let line = format!(r#"{COMMON} "-" "a \"b\" \\ \x41 \"""#);
    let entry = Entry::parse(&line).unwrap();
    assert_eq!(entry.agent.as_deref(), Some(r#"a "b" \ \x41 ""#));
    let unclosed = format!(r#"{COMMON} "-" "a \""#);
    assert_eq!(Entry::parse(&unclosed), Err(Malformed::Unclosed("agent")));
}

#[test]
fn clients_have_addresses_and_users_have_spaces() {
    let line = COMMON
        .replace("192.0.2.7", "2001:db8::7:2a")
        .replace("frank", "frank o'hara");
    let entry = Entry::parse(&line).unwrap();
    assert_eq!(entry.client, "2001:db8::7:2a");
    assert_eq!(entry.user.as_deref(), Some("frank o'hara"));
}

#[test]
fn a_truncated_line_misses_a_field() {
    // The line ends after each of these fields.
    let cuts = [
        ("192.0.2.7", "identity"),
        ("192.0.2.7 -", "user"),
        ("192.0.2.7 - frank", "time"),
        ("192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700]", "request"),
    ];
    for (line, field) in cuts {
        assert_eq!(Entry::parse(line), Err(Malformed::Missing(field)), "{line}");
    }
    let after = |end: &str| &COMMON[..COMMON.find(end).unwrap() + end.len()];
    let cuts = [
        (after(r#"HTTP/1.0""#), Malformed::Missing("status")),
        (after(" 200"), Malformed::Missing("size")),
        (after("GET"), Malformed::Unclosed("request")),
    ];
    for (line, error) in cuts {
        assert_eq!(Entry::parse(line), Err(error), "{line}");
    }
    let referrer_only = format!(r#"{COMMON} "-""#);
    assert_eq!(
        Entry::parse(&referrer_only),
        Err(Malformed::Missing("agent"))
    );
    assert_eq!(Entry::parse(" \t"), Err(Malformed::Empty));
}

#[test]
fn no_prefix_of_a_line_makes_the_parser_panic() {
    let line = format!(r#"{COMMON} "é" "日本 \"""#);
    for end in (0..=line.len()).filter(|end| line.is_char_boundary(*end)) {
        let whole = end >= COMMON.len() - 3;
        let parsed = Entry::parse(&line[..end]);
        assert!(whole || parsed.is_err(), "{}", &line[..end]);
    }
}

#[test]
fn an_invalid_field_is_shown() {
    let error = |from: &str, to: &str| Entry::parse(&COMMON.replace(from, to)).unwrap_err();
    assert_eq!(
        error(" 200 ", " OK ").to_string(),
        "the status is not a number from 100 to 599 but `OK`",
    );
    assert_eq!(
        error("2326", "\x1b[2Jwhatever this is, it is no size at all").to_string(),
        r"the size is not a number of bytes or `-` but `\u{1b}[2Jwhatever`",
    );
    for status in [" 99 ", " 600 ", " -1 ", " 65737 "] {
        assert!(matches!(
            error(" 200 ", status),
            Malformed::Invalid {
                field: "status",
                ..
            }
        ));
    }
    assert!(matches!(
        error("\"GET /logo.gif HTTP/1.0\"", "GET"),
        Malformed::Invalid {
            field: "request",
            ..
        }
    ));
}

#[test]
fn times_are_seconds_since_1970() {
    let time = |text: &str| {
        let line = COMMON.replace("10/Oct/2000:13:55:36 -0700", text);
        Entry::parse(&line).ok().map(|entry| entry.time)
    };
    assert_eq!(time("29/Feb/2000:00:00:00 +0000"), Some(951_782_400));
    assert_eq!(time("01/Jan/2024:05:30:00 +0530"), Some(1_704_067_200));
    assert_eq!(time("31/Dec/1969:23:59:59 +0000"), Some(-1));
    assert_eq!(time("31/Dec/2016:23:59:60 +0000"), Some(1_483_228_800));
    for bad in [
        "29/Feb/2001:00:00:00 +0000",
        "29/Feb/1900:00:00:00 +0000",
        "31/Apr/2000:00:00:00 +0000",
        "00/Jan/2000:00:00:00 +0000",
        "01/jan/2000:00:00:00 +0000",
        "01/Jan/2000:24:00:00 +0000",
        "01/Jan/2000:00:60:00 +0000",
        "01/Jan/2000:00:00:+1 +0000",
        "01/Jan/2000:00:00:00 0000",
        "01/Jan/2000:00:00:00 é000",
        "01/Jan/2000:00:00:00 +00é0",
        "01/Jan/2000:00:00:00",
        "2000-01-01T00:00:00Z",
    ] {
        assert_eq!(time(bad), None, "{bad}");
    }
}
