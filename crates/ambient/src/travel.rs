//! Variables that are sent to other processes: their mark, and the codecs of their values.
//!
//! `propagator.rs` writes and reads them, `baggage.rs` is the text format, `headers.rs` the
//! headers of HTTP.

#[cfg(feature = "propagate")]
mod baggage;
#[cfg(feature = "http")]
mod headers;
#[cfg(feature = "propagate")]
mod propagator;

#[cfg(feature = "propagate")]
pub use propagator::{Propagator, Skipped, Why};

use crate::value::{AnyValue, Value};
use contextvars::engine::ContextId;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// The error of a [`Codec`].
pub type CodecError = Box<dyn Error + Send + Sync>;

/// Writes and reads the values of a variable that is sent to other processes: see
/// [`Var::travels_as`](crate::Var::travels_as).
///
/// The text may contain any characters; the carrier encodes them as needed.
///
/// ```
/// use ambient::{Codec, CodecError, Var};
/// use std::time::Duration;
///
/// struct Millis;
///
/// impl Codec<Duration> for Millis {
///     fn encode(value: &Duration) -> Result<String, CodecError> {
///         Ok(value.as_millis().to_string())
///     }
///
///     fn decode(text: &str) -> Result<Duration, CodecError> {
///         Ok(Duration::from_millis(text.parse()?))
///     }
/// }
///
/// static TIMEOUT: Var<Duration> = Var::new("timeout").travels_as::<Millis>("timeout-ms");
/// ```
pub trait Codec<T> {
    /// Writes a value.
    ///
    /// # Errors
    ///
    /// If this value cannot be written. It is not sent then.
    fn encode(value: &T) -> Result<String, CodecError>;

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// If the text is not a valid value. The variable is not set then.
    fn decode(text: &str) -> Result<T, CodecError>;
}

/// A codec that writes by `Display` and reads by `FromStr`: see [`Var::travels`](crate::Var::travels).
#[derive(Debug)]
pub struct Text;

impl<T: fmt::Display + FromStr<Err: fmt::Display>> Codec<T> for Text {
    fn encode(value: &T) -> Result<String, CodecError> {
        Ok(value.to_string())
    }

    fn decode(text: &str) -> Result<T, CodecError> {
        text.parse()
            .map_err(|error: T::Err| error.to_string().into())
    }
}

/// A codec that writes and reads JSON, by serde.
///
/// ```
/// use ambient::{Json, Var};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct User {
///     id: u64,
///     roles: Vec<String>,
/// }
///
/// static USER: Var<User> = Var::new("user").travels_as::<Json>("user");
/// ```
#[cfg(feature = "serde")]
#[derive(Debug)]
pub struct Json;

#[cfg(feature = "serde")]
impl<T: serde_core::Serialize + serde_core::de::DeserializeOwned> Codec<T> for Json {
    fn encode(value: &T) -> Result<String, CodecError> {
        Ok(serde_json::to_string(value)?)
    }

    fn decode(text: &str) -> Result<T, CodecError> {
        Ok(serde_json::from_str(text)?)
    }
}

/// The key and the codec of a variable that is sent to other processes.
#[cfg_attr(
    not(feature = "propagate"),
    expect(dead_code, reason = "for `propagate`")
)]
pub(crate) struct Travel {
    pub(crate) key: &'static str,
    pub(crate) encode: fn(&AnyValue) -> Result<String, CodecError>,
    pub(crate) decode: fn(&str, ContextId) -> Result<Value, CodecError>,
}

impl Travel {
    pub(crate) const fn new<T: Send + Sync + 'static, C: Codec<T>>(key: &'static str) -> Self {
        assert!(is_token(key.as_bytes()), "the key is not a token of HTTP");
        Travel {
            key,
            encode: |value| match value.downcast_ref() {
                Some(value) => C::encode(value),
                None => Err("a value of another type".into()),
            },
            decode: |text, context| Ok(Value::new(context, C::decode(text)?)),
        }
    }
}

/// Returns `true` if `name` is a token of HTTP (RFC 9110, 5.6.2).
pub(crate) const fn is_token(mut name: &[u8]) -> bool {
    if name.is_empty() {
        return false;
    }
    while let [first, rest @ ..] = name {
        let other = b"!#$%&'*+-.^_`|~";
        let mut index = 0;
        while index < other.len() && other[index] != *first {
            index += 1;
        }
        if !first.is_ascii_alphanumeric() && index == other.len() {
            return false;
        }
        name = rest;
    }
    true
}
