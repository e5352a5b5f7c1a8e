//! The text format of W3C's Baggage: <https://www.w3.org/TR/baggage/>.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// The maximum number of members of a baggage.
pub(super) const MAX_MEMBERS: usize = 64;
/// The maximum number of bytes of a baggage.
pub(super) const MAX_BYTES: usize = 8192;

/// The characters that are encoded besides non-ASCII: those that a value must not contain,
/// `%` itself, and `=`, at which some libraries split a value.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'\\')
    .add(b'%')
    .add(b'=');

/// Encodes a value.
pub(super) fn encode(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}

/// Decodes a value. Returns `None` if it is malformed.
pub(super) fn decode(value: &str) -> Option<String> {
    let is_escape =
        |rest: &[u8]| matches!(rest, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    let mut rest = value.as_bytes();
    while let [first, others @ ..] = rest {
        let is_valid = match first {
            b'%' => is_escape(others),
            b' ' | b'"' | b',' | b';' | b'\\' => false,
            _ => first.is_ascii_graphic(),
        };
        if !is_valid {
            return None;
        }
        rest = others;
    }
    let decoded = percent_decode_str(value).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// Returns the members of a baggage, still encoded.
pub(super) fn members(baggage: &str) -> impl Iterator<Item = &str> {
    let members = baggage.split(',').map(|member| member.trim_matches(BLANK));
    members.filter(|member| !member.is_empty())
}

/// Returns the key and the encoded value of a member, without its properties.
pub(super) fn key_and_value(member: &str) -> Option<(&str, &str)> {
    let (member, _properties) = member.split_once(';').unwrap_or((member, ""));
    let (key, value) = member.split_once('=')?;
    Some((key.trim_matches(BLANK), value.trim_matches(BLANK)))
}

const BLANK: [char; 2] = [' ', '\t'];

/// A baggage under construction, within the limits.
#[derive(Default)]
pub(super) struct Baggage {
    text: String,
    members: usize,
}

impl Baggage {
    /// Adds a member. Returns `false` and adds nothing if the baggage would be too large.
    pub(super) fn add(&mut self, member: &str) -> bool {
        let comma = usize::from(self.members > 0);
        let fits =
            self.members < MAX_MEMBERS && self.text.len() + comma + member.len() <= MAX_BYTES;
        if fits {
            self.text.extend(std::iter::repeat_n(',', comma));
            self.text.push_str(member);
            self.members += 1;
        }
        fits
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
