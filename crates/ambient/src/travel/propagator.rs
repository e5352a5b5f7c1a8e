//! [`Propagator`]: writes variables into a carrier for another process, and reads them there.

use super::baggage::{self, Baggage, MAX_BYTES, MAX_MEMBERS};
use super::{CodecError, Travel};
use crate::Context;
use crate::any_var::{AnyVar, Described};
use crate::meta::Meta;
use crate::value::Value;
use std::collections::HashSet;
use std::fmt;
use std::process::Command;

/// Sends variables to other processes, and receives them there.
///
/// It handles the variables that it was created with. Each must be marked by
/// [`Var::travels`](crate::Var::travels) or [`Var::travels_as`](crate::Var::travels_as). No
/// other variable leaves the process or is set from outside. Variables that are set in the
/// current context are injected; defaults are not.
///
/// | carrier | inject, extract |
/// | --- | --- |
/// | W3C `baggage` header, feature `http` | `inject_baggage`, `extract_baggage` |
/// | a header for each variable, feature `http` | `inject_headers`, `extract_headers` |
/// | pairs of strings, for jobs in a queue | [`inject`](Self::inject), [`extract`](Self::extract) |
/// | environment of a child process | [`inject_env`](Self::inject_env), [`extract_env`](Self::extract_env) |
///
/// Values that are malformed, too large or unknown are skipped. Each method returns the
/// skipped values, each with the [reason](Why); all other values are carried. Extracting sets
/// all values at once, after all were read.
///
/// ```
/// use ambient::{Context, Propagator, Var};
/// use std::collections::HashMap;
///
/// static TENANT: Var<String> = Var::new("tenant").travels("tenant");
/// static ATTEMPT: Var<u32> = Var::new("attempt").travels("attempt");
///
/// let propagator = Propagator::new(&[&TENANT, &ATTEMPT]);
///
/// let mut job: HashMap<String, String> = HashMap::new();
/// TENANT.scoped("acme".into(), || propagator.inject(&mut job));
/// assert_eq!(job["tenant"], "acme");
///
/// // In the worker:
/// job.insert("attempt".into(), "not a number".into());
/// let mut context = Context::new();
/// let skipped = propagator.extract(&job, &mut context);
/// assert_eq!(context.get(&TENANT).as_deref(), Some("acme"));
/// assert_eq!(context.get(&ATTEMPT), None);
/// assert_eq!(skipped[0].to_string(), "`attempt` was skipped: invalid digit found in string");
/// ```
pub struct Propagator {
    vars: Vec<(&'static Meta, &'static Travel)>,
}

/// A value that was not carried.
#[derive(Debug)]
pub struct Skipped {
    key: String,
    why: Why,
}

/// Why a value was not carried.
#[derive(Debug)]
#[non_exhaustive]
pub enum Why {
    /// Its text is malformed.
    Malformed,
    /// It would exceed 64 members or 8192 bytes. When a `baggage` is read, later members are
    /// ignored.
    TooLarge,
    /// No variable of this [`Propagator`] has its key.
    Unknown,
    /// The variable's [`Codec`](crate::Codec) returned an error.
    Codec(CodecError),
}

impl Propagator {
    /// Creates a propagator for these variables.
    ///
    /// # Panics
    ///
    /// If a variable is not marked, or two have the same key.
    pub fn new(vars: &[&'static dyn AnyVar]) -> Self {
        let mut keys = HashSet::new();
        let travel = |var: &&'static dyn AnyVar| {
            let Described(meta) = var.meta();
            let Some(travel) = &meta.travel else {
                panic!("`{}` is not marked by `travels`", meta.name);
            };
            assert!(
                keys.insert(travel.key),
                "two variables have the key `{}`",
                travel.key
            );
            (meta, travel)
        };
        Propagator {
            vars: vars.iter().map(travel).collect(),
        }
    }

    /// Adds each variable's key and value to `pairs`: a map of strings, or a list. The
    /// values are not encoded.
    pub fn inject(&self, pairs: &mut impl Extend<(String, String)>) -> Vec<Skipped> {
        self.each_set(|key, value| {
            pairs.extend([(key.to_owned(), value)]);
            Ok(())
        })
    }

    /// Sets each variable whose key is in `pairs` in `context`. If a key occurs several times,
    /// the last value is used.
    pub fn extract<K: AsRef<str>, V: AsRef<str>>(
        &self,
        pairs: impl IntoIterator<Item = (K, V)>,
        context: &mut Context,
    ) -> Vec<Skipped> {
        let mut reading = Reading::new(self, context);
        for (key, value) in pairs {
            reading.read(key.as_ref(), |text| Ok(text.to_owned()), value.as_ref());
        }
        reading.finish(context)
    }

    /// Passes the variables to a child process, as a baggage in its environment variable
    /// `BAGGAGE`. If no variable is set, `BAGGAGE` is removed, so that the child does not
    /// inherit it.
    pub fn inject_env(&self, command: &mut Command) -> Vec<Skipped> {
        let (baggage, skipped) = self.baggage("");
        match baggage.is_empty() {
            true => command.env_remove(ENV),
            false => command.env(ENV, baggage),
        };
        skipped
    }

    /// Sets the variables that the parent process passed by
    /// [`inject_env`](Self::inject_env) in `context`.
    pub fn extract_env(&self, context: &mut Context) -> Vec<Skipped> {
        match std::env::var(ENV) {
            Ok(baggage) => self.extract_text([baggage.as_str()], context),
            Err(std::env::VarError::NotPresent) => Vec::new(),
            Err(std::env::VarError::NotUnicode(_)) => vec![Skipped::new(ENV, Why::Malformed)],
        }
    }

    /// Returns the baggage of the current context. Members of the baggage `other` with other
    /// keys are kept.
    pub(super) fn baggage(&self, other: &str) -> (String, Vec<Skipped>) {
        let mut baggage = Baggage::default();
        let mut skipped = Vec::new();
        for member in baggage::members(other) {
            let key = baggage::key_and_value(member).map(|(key, _)| key);
            if key.is_some_and(|key| self.var(key).is_none()) && !baggage.add(member) {
                skipped.push(Skipped::new(key.unwrap_or_default(), Why::TooLarge));
            }
        }
        skipped.extend(self.each_set(|key, value| {
            let member = format!("{key}={}", baggage::encode(&value));
            baggage.add(&member).then_some(()).ok_or(Why::TooLarge)
        }));
        (baggage.into_text(), skipped)
    }

    /// Sets the variables in a baggage, which may come in several parts, in `context`.
    pub(super) fn extract_text<'a>(
        &self,
        parts: impl IntoIterator<Item = &'a str>,
        context: &mut Context,
    ) -> Vec<Skipped> {
        let mut reading = Reading::new(self, context);
        let (mut count, mut bytes) = (0, 0);
        for member in parts.into_iter().flat_map(baggage::members) {
            let pair = baggage::key_and_value(member);
            (count, bytes) = (count + 1, bytes + member.len() + usize::from(count > 0));
            if count > MAX_MEMBERS || bytes > MAX_BYTES {
                // Reported once: any number of members may follow.
                reading.skip(pair.map_or("", |(key, _)| key), Why::TooLarge);
                break;
            }
            match pair {
                Some((key, value)) if super::is_token(key.as_bytes()) => {
                    reading.read(key, decoded, value);
                }
                _ => reading.skip(member, Why::Malformed),
            }
        }
        reading.finish(context)
    }

    /// Calls `put` with the key and the text of each variable that is set.
    pub(super) fn each_set(
        &self,
        mut put: impl FnMut(&'static str, String) -> Result<(), Why>,
    ) -> Vec<Skipped> {
        let mut skipped = Vec::new();
        for (meta, travel) in &self.vars {
            let text = meta.read(|value| value.map(travel.encode));
            let put = text.map(|text| put(travel.key, text.map_err(Why::Codec)?));
            if let Some(Err(why)) = put {
                skipped.push(Skipped::new(travel.key, why));
            }
        }
        skipped
    }

    #[cfg(feature = "http")]
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.vars.iter().map(|(_, travel)| travel.key)
    }

    fn var(&self, key: &str) -> Option<&(&'static Meta, &'static Travel)> {
        self.vars.iter().find(|(_, travel)| travel.key == key)
    }
}

/// The environment variable of a baggage, the same as OpenTelemetry's.
const ENV: &str = "BAGGAGE";

/// Decodes a value of a baggage.
pub(super) fn decoded(text: &str) -> Result<String, Why> {
    match text.len() > MAX_BYTES {
        true => Err(Why::TooLarge),
        false => baggage::decode(text).ok_or(Why::Malformed),
    }
}

/// The values read for a context, before any is set: if a codec panics, the context is
/// unchanged.
pub(super) struct Reading<'a> {
    propagator: &'a Propagator,
    id: crate::ContextId,
    values: Vec<(&'static Meta, Value)>,
    skipped: Vec<Skipped>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(propagator: &'a Propagator, context: &Context) -> Self {
        Reading {
            propagator,
            id: context.id(),
            values: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Reads one value.
    pub(super) fn read(
        &mut self,
        key: &str,
        decode: impl FnOnce(&str) -> Result<String, Why>,
        value: &str,
    ) {
        let Some((meta, travel)) = self.propagator.var(key) else {
            return self.skip(key, Why::Unknown);
        };
        let text = decode(value);
        let value = text.and_then(|text| (travel.decode)(&text, self.id).map_err(Why::Codec));
        match value {
            Ok(value) => self.values.push((*meta, value)),
            Err(why) => self.skip(key, why),
        }
    }

    pub(super) fn skip(&mut self, key: &str, why: Why) {
        self.skipped.push(Skipped::new(key, why));
    }

    /// Sets the values that were read. Returns those that were skipped.
    pub(super) fn finish(self, context: &mut Context) -> Vec<Skipped> {
        context.bind(self.values);
        self.skipped
    }
}

impl Skipped {
    pub(super) fn new(key: &str, why: Why) -> Self {
        let key = key.to_owned();
        Skipped { key, why }
    }

    /// Returns the key; for a malformed member, the whole member.
    ///
    /// If another process wrote it, it is untrusted input.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns why the value was not carried.
    pub fn why(&self) -> &Why {
        &self.why
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` was skipped: ", self.key.escape_debug())?;
        match &self.why {
            Why::Malformed => f.write_str("it is malformed"),
            Why::TooLarge => f.write_str("there is more than 64 members or 8192 bytes"),
            Why::Unknown => f.write_str("no variable has this key"),
            Why::Codec(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Skipped {}

/// Shows the keys.
impl fmt::Debug for Propagator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.vars.iter().map(|(_, travel)| travel.key);
        f.debug_set().entries(keys).finish()
    }
}
