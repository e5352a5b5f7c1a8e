//! Writing variables into headers of HTTP, and reading them.

use super::propagator::{Reading, Skipped, Why, decoded};
use super::{Propagator, baggage};
use crate::Context;
use http::{HeaderMap, HeaderName, HeaderValue};

const BAGGAGE: HeaderName = HeaderName::from_static("baggage");

impl Propagator {
    /// Writes the variables into the header `baggage`. Existing members with other keys are
    /// kept.
    ///
    /// ```
    /// use ambient::{Context, Propagator, Var};
    /// use http::HeaderMap;
    ///
    /// static USER: Var<String> = Var::new("user").travels("user");
    ///
    /// let propagator = Propagator::new(&[&USER]);
    /// let mut headers = HeaderMap::new();
    /// headers.insert("baggage", "region=eu".parse()?);
    /// USER.scoped("Jörg".into(), || propagator.inject_baggage(&mut headers));
    /// assert_eq!(headers["baggage"], "region=eu,user=J%C3%B6rg");
    ///
    /// // On the other end:
    /// let mut context = Context::new();
    /// let skipped = propagator.extract_baggage(&headers, &mut context);
    /// assert_eq!(context.get(&USER).as_deref(), Some("Jörg"));
    /// assert_eq!(skipped[0].to_string(), "`region` was skipped: no variable has this key");
    /// # Ok::<(), http::header::InvalidHeaderValue>(())
    /// ```
    pub fn inject_baggage(&self, headers: &mut HeaderMap) -> Vec<Skipped> {
        let others: Vec<&str> = texts(headers, &BAGGAGE).flatten().collect();
        let (baggage, mut skipped) = self.baggage(&others.join(","));
        match HeaderValue::try_from(baggage) {
            Ok(value) if !value.is_empty() => _ = headers.insert(BAGGAGE, value),
            Ok(_) => _ = headers.remove(BAGGAGE),
            Err(_) => skipped.push(Skipped::new(BAGGAGE.as_str(), Why::Malformed)),
        }
        skipped
    }

    /// Sets the variables in the header `baggage` in `context`. If a key occurs several
    /// times, the last value is used.
    ///
    /// Members beyond the first 64, or beyond 8192 bytes, are ignored and reported once.
    pub fn extract_baggage(&self, headers: &HeaderMap, context: &mut Context) -> Vec<Skipped> {
        let malformed = texts(headers, &BAGGAGE).filter(Option::is_none);
        let malformed = malformed.map(|_| Skipped::new(BAGGAGE.as_str(), Why::Malformed));
        let mut skipped: Vec<Skipped> = malformed.collect();
        skipped.extend(self.extract_text(texts(headers, &BAGGAGE).flatten(), context));
        skipped
    }

    /// Writes each variable into its own header, whose name is the variable's key. Values are
    /// percent-encoded as in a baggage. The header of a variable that is not set is removed.
    ///
    /// ```
    /// use ambient::{Propagator, Var};
    /// use http::HeaderMap;
    ///
    /// static REQUEST_ID: Var<u64> = Var::new("request_id").travels("x-request-id");
    ///
    /// let mut headers = HeaderMap::new();
    /// REQUEST_ID.scoped(7, || Propagator::new(&[&REQUEST_ID]).inject_headers(&mut headers));
    /// assert_eq!(headers["x-request-id"], "7");
    /// ```
    pub fn inject_headers(&self, headers: &mut HeaderMap) -> Vec<Skipped> {
        for key in self.keys() {
            headers.remove(key);
        }
        self.each_set(|key, value| {
            let value = baggage::encode(&value);
            if value.len() > baggage::MAX_BYTES {
                return Err(Why::TooLarge);
            }
            let name = HeaderName::try_from(key).map_err(|error| Why::Codec(error.into()))?;
            let value = HeaderValue::try_from(value).map_err(|error| Why::Codec(error.into()))?;
            headers.insert(name, value);
            Ok(())
        })
    }

    /// Sets each variable that has a header in `context`. If a header occurs several times,
    /// the last value is used.
    pub fn extract_headers(&self, headers: &HeaderMap, context: &mut Context) -> Vec<Skipped> {
        let mut reading = Reading::new(self, context);
        for key in self.keys() {
            for value in headers.get_all(key) {
                match value.to_str() {
                    Ok(value) => reading.read(key, decoded, value),
                    Err(_) => reading.skip(key, Why::Malformed),
                }
            }
        }
        reading.finish(context)
    }
}

/// Returns the values of a header, `None` for each that is not valid text.
fn texts<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
    headers
        .get_all(name)
        .into_iter()
        .map(|value| value.to_str().ok())
}
