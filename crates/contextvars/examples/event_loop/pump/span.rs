//! The work for one line, planned from the line alone.

use super::access_log::Entry;
use super::expected::Expected;
use super::report::{self, Report};
use super::variables::{
    ATTEMPT, CACHE, CLIENT, DEADLINE, METHOD, PATH, REPORT, REQUEST, SPAN, USER, Variable,
};
use contextvars::Value;
use std::fmt;

/// A part of the work, done by one task. Displayed as the task's name.
pub struct Span {
    /// The name of this part.
    pub name: &'static str,
    /// The number of the line.
    pub number: u64,
    /// The variables while the task runs.
    pub expected: Expected,
    /// The parts that are done first, each by a child task.
    pub children: Vec<Span>,
    /// How the task binds the number of the attempt.
    pub counting: Counting,
    /// The number of attempts; each writes a line.
    pub attempts: u32,
    /// The text of these lines.
    pub text: String,
    /// Whether the last attempt fails.
    pub fails: bool,
    /// Whether the task moves to another thread at each pause.
    pub travels: bool,
}

/// How a task binds the variable that counts its attempts.
#[derive(Clone, Copy)]
pub enum Counting {
    /// For the length of a closure.
    Scoped,
    /// From one step to the next, with the token kept in between.
    Token,
}

/// The time limit of a request, in seconds.
const BUDGET: i64 = 30;

/// The time limit of its backend part, in seconds.
const BACKEND_BUDGET: i64 = 10;

impl Span {
    /// Plans the request on line `number`.
    pub fn plan(number: u64, entry: &Entry) -> Span {
        let (method, path) = entry.method_and_path().unwrap_or(("-", "-"));
        let denied = matches!(entry.status, 401 | 403);
        let cached = entry.status == 304;

        let expected = Expected::outside()
            .with(&REQUEST, format!("#{number}"))
            .with(&CLIENT, entry.client.as_str())
            .with(&METHOD, method)
            .with(&PATH, path)
            .with(&USER, entry.user.as_deref().unwrap_or("anonymous"))
            .with(&DEADLINE, entry.time.saturating_add(BUDGET))
            .with(&REPORT, Value::object(Report::default()))
            .with(&SPAN, "request");
        let mut request = Span {
            name: "request",
            number,
            expected,
            children: Vec::new(),
            counting: Counting::Scoped,
            attempts: 1,
            text: answer(entry),
            fails: false,
            travels: number % 5 == 0,
        };
        if entry.user.is_some() || denied {
            request.children.push(request.auth(entry, denied));
        }
        if matches!(method, "GET" | "HEAD") {
            request.children.push(request.cache(cached));
        }
        if !denied && !cached {
            request.children.push(request.backend(entry, method));
        }
        request
    }

    /// Plans a child that inherits the variables and changes two of them.
    fn child(
        &self,
        name: &'static str,
        variable: &'static Variable,
        value: impl Into<Value>,
        text: String,
    ) -> Span {
        Span {
            name,
            number: self.number,
            expected: self.expected.with(&SPAN, name).with(variable, value),
            children: Vec::new(),
            counting: Counting::Scoped,
            attempts: 1,
            text,
            fails: false,
            travels: false,
        }
    }

    fn auth(&self, entry: &Entry, denied: bool) -> Span {
        let user = entry.user.as_deref().unwrap_or("anonymous");
        let client = &entry.client;
        let text = if denied { "denied" } else { "allowed" };
        Span {
            fails: denied,
            ..self.child("auth", &USER, format!("{user}@{client}"), text.to_owned())
        }
    }

    fn cache(&self, cached: bool) -> Span {
        let answer = if cached { "hit" } else { "miss" };
        self.child("cache", &CACHE, answer, "looked up".to_owned())
    }

    fn backend(&self, entry: &Entry, method: &str) -> Span {
        let fails = entry.status >= 500;
        let due = entry.time.saturating_add(BACKEND_BUDGET);
        let mut backend = Span {
            counting: Counting::Token,
            attempts: if fails { 3 } else { 1 },
            fails,
            travels: self.number % 4 == 0,
            ..self.child("backend", &DEADLINE, due, format!("gave {}", entry.status))
        };
        if matches!(method, "POST" | "PUT" | "PATCH" | "DELETE") {
            backend.children.push(Span {
                counting: Counting::Token,
                travels: self.number % 6 == 0,
                ..backend.child("store", &USER, "store", "written".to_owned())
            });
        }
        backend
    }

    /// Returns the lines that this span and its children should write.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.children.iter().flat_map(Span::lines).collect();
        lines.extend((1..=self.attempts).map(|attempt| {
            let expected = self.expected.with(&ATTEMPT, attempt);
            report::line(|variable| expected.get(variable).cloned(), &self.text)
        }));
        lines
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of #{}", self.name, self.number)
    }
}

/// Returns the text of the request's report line.
fn answer(entry: &Entry) -> String {
    let or_dash = |field: &Option<String>| field.clone().unwrap_or_else(|| "-".to_owned());
    format!(
        "answered {} with {} bytes to {}, sent by {}",
        entry.status,
        entry.size.unwrap_or(0),
        or_dash(&entry.agent),
        or_dash(&entry.referrer),
    )
}
